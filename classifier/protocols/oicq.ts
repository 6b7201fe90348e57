import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * QQ's old protocol, as Wireshark's users describe it (wiki.wireshark.org/OICQ):
 *
 *    0    1          3          5          7
 *   | 02 | version  | command  | sequence | number of the user (4) | ... | 03 |
 */
const commands = new Set([
  0x01, 0x02, 0x04, 0x05, 0x06, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x12, 0x16, 0x17, 0x1d, 0x22, 0x26,
  0x27, 0x30, 0x3c, 0x58, 0x62, 0x65, 0x67, 0x80, 0x81, 0x91, 0xa6, 0xb5, 0xcd,
])

function look(bytes: Bytes): Look {
  const size = bytes.wireLength
  if (bytes.u8(0) !== 2 || size < 12 || !commands.has(bytes.u16(3))) return 'no'
  return size > bytes.length || bytes.u8(size - 1) === 3 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(8000)) return 'never'
  return agree(flow, look, { evidence: 'frame 02 .. 03', one: 75, both: 90, application: 'qq' })
}

export const oicq: Protocol = {
  name: 'oicq',
  title: 'QQ (OICQ)',
  category: 'messaging',
  transports: ['udp'],
  ports: { udp: [8000] },
  classify,
}
