import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Zabbix manual, "Protocol: Header and data length":
 *
 *    0      4                       5                  9              13
 *   | ZBXD | flags 1, 2 zlib, 4 big | length (4, LE)   | size of zlib | JSON, or a key |
 *
 * of a big packet both lengths have eight octets.
 */
const maxBytes = 1 << 30

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('ZBXD')) return 'no'
  if (bytes.length < 13) return 'more'
  const flags = bytes.u8(4)
  return (flags & 1) === 1 && flags < 8 && bytes.u32le(5) <= maxBytes ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header ZBXD' }

export const zabbix: Protocol = {
  name: 'zabbix',
  title: 'Zabbix',
  category: 'monitoring',
  transports: ['tcp'],
  begins: 'Z',
  ports: { tcp: [10050, 10051] },
  classify: (flow) => agree(flow, look, found),
}
