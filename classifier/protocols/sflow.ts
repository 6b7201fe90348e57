import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * sflow.org, "sFlow version 5":
 *
 *    0            4                     8               ...
 *   | version 5  | 1 IPv4, 2 IPv6      | agent (4, 16) | sub-agent | number | uptime | samples |
 *
 *   sample: | enterprise (20), format (12) | length (4) | ... |
 */
const maxSamples = 64

function look(bytes: Bytes): Look {
  const [version, kind] = [bytes.u32(0), bytes.u32(4)]
  if ((version !== 5 && version !== 4 && version !== 2) || (kind !== 1 && kind !== 2)) return 'no'
  let at = 8 + (kind === 1 ? 4 : 16) + (version === 5 ? 12 : 8)
  const count = bytes.u32(at)
  if (count < 0 || count > maxSamples) return 'no'
  at += 4
  if (version !== 5) return count > 0 ? 'yes' : 'no'
  for (let i = 0; i < count && at < bytes.length; i++) at += 8 + Math.max(0, bytes.u32(at + 4))
  return at === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'samples that fill the datagram' }

export const sflow: Protocol = {
  name: 'sflow',
  title: 'sFlow',
  category: 'monitoring',
  transports: ['udp'],
  begins: [0],
  ports: { udp: [6343] },
  classify: (flow) => agree(flow, look, found),
}
