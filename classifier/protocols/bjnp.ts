import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Canon's printers and scanners (sane-backends, doc/descriptions and pixma_bjnp_private.h):
 *
 *    0                      4         5         6             8         10          12
 *   | BJNP, MFNP, BNJB, BNJI | device | command | error (2)   | number  | session   | length (4) |
 */
const magics = ['BJNP', 'MFNP', 'BNJB', 'BNJI']

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!magics.some((text) => bytes.mayHave(text))) return 'no'
  if (bytes.length < 16) return flow.transport === 'tcp' ? 'more' : 'no'
  const isDevice = (bytes.u8(4) & 0x7f) >= 1 && (bytes.u8(4) & 0x7f) <= 3
  if (!isDevice) return 'no'
  return flow.transport === 'tcp' || bytes.u32(12) + 16 === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and exact length' }

export const bjnp: Protocol = {
  name: 'bjnp',
  title: 'Canon BJNP',
  category: 'printing',
  transports: ['udp', 'tcp'],
  begins: 'BM',
  ports: { udp: [8611, 8612, 8613], tcp: [8611, 8612] },
  classify: (flow) => agree(flow, look, found),
}
