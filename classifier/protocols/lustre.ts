import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Lustre's network (wiki.lustre.org; lnet/include/uapi/linux/lnet/socklnd.h), numbers in the order
 * of the sender. Who connects says, and what follows are messages:
 *
 *   | acce7100 | version 1 (4) | target (8) |
 *   | c0, c1 (4) | checksum (4) | cookies (16) | target (8) | source (8) | process ids | ...
 */
const noop = 0xc0
const message = 0xc1

function look(bytes: Bytes): Look {
  const first = bytes.u32le(0)
  if (first < 0) return [0x00, noop, message].includes(bytes.u8(0)) ? 'more' : 'no'
  if (bytes.length < 16) return 'more'
  if (first === 0xacce7100 || first === 0x0071ceac)
    return bytes.u32le(4) <= 2 || bytes.u32(4) <= 2 ? 'yes' : 'no'
  if (first !== noop && first !== message) return 'no'
  // Cookies are used where messages are not copied; at the beginning they are zero.
  const isPlain = bytes.u32(8) === 0 && bytes.u32(12) === 0
  return isPlain && (bytes.length < 44 || bytes.u16(38) > 0 || bytes.u16(28) > 0) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  return flow.hasPort(988)
    ? agree(flow, look, { evidence: 'acceptor or message', one: 85 })
    : 'never'
}

export const lustre: Protocol = {
  name: 'lustre',
  title: 'Lustre',
  category: 'file',
  transports: ['tcp'],
  ports: { tcp: [988] },
  classify,
}
