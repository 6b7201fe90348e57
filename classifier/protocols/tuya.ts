import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Tuya's devices in the local network (github.com/jasonacox/tinytuya, "protocol notes"):
 *
 *    0          4         8          12         16
 *   | 000055aa | number  | command  | length   | ... | CRC (4) or HMAC | 0000aa55 |
 *   | 00006699 | 0 0     | number (4) | command (4) | length (4) | ... | 00009966 |
 *
 * the second from version 3.5 on; length: of the rest
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isOld = bytes.mayHave('\0\0\x55\xaa')
  if (!isOld && !bytes.mayHave('\0\0\x66\x99')) return 'no'
  if (bytes.length < 18) return flow.transport === 'tcp' ? 'more' : 'no'
  const length = isOld ? bytes.u32(12) : bytes.u32(14)
  const end = isOld ? 16 + length : 18 + length + 4
  if (flow.transport === 'udp') return end === bytes.wireLength ? 'yes' : 'no'
  return length < 0x10000 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'prefix and length', application: 'tuya' }

export const tuya: Protocol = {
  name: 'tuya',
  title: 'Tuya',
  category: 'iot',
  transports: ['udp', 'tcp'],
  begins: [0],
  ports: { udp: [6666, 6667], tcp: [6668] },
  classify: (flow) => agree(flow, look, found),
}
