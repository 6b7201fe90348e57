import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * 3GPP TS 29.244 §7.2.2:
 *
 *    0                       1      2        4
 *   | version 1 |..|FO|MP|S | type | length | [session (8)] | sequence (3) | priority |
 *
 * length: what is behind octet 4. With FO another message follows. The rest are elements (§8.1.1):
 *
 *   | type (2) | length (2) | value |
 */
function look(bytes: Bytes): Look {
  let at = 0
  for (let messages = 0; messages < 16; messages++) {
    const length = messageBytes(bytes, at)
    if (length < 0 || at + length > bytes.wireLength) return 'no'
    const isFollowed = (bytes.u8(at) & 4) !== 0
    at += length
    if (!isFollowed) return at === bytes.wireLength ? 'yes' : 'no'
  }
  return 'no'
}

/** Octets of the message at `from`; -1 where none stands there. */
function messageBytes(bytes: Bytes, from: number): number {
  const [flags, type, length] = [bytes.u8(from), bytes.u8(from + 1), bytes.u16(from + 2)]
  const isNode = type >= 1 && type <= 15
  const isSession = type >= 50 && type <= 57
  if (flags >> 5 !== 1 || (flags & 0x18) !== 0 || (!isNode && !isSession)) return -1
  const hasSession = (flags & 1) === 1
  if (isSession && !hasSession) return -1
  const end = from + 4 + length
  const first = from + (hasSession ? 16 : 8)
  return first <= end && hasElements(bytes, first, end) ? 4 + length : -1
}

/** Whether elements fill the octets `from` .. `end`, as far as they are there. */
function hasElements(bytes: Bytes, from: number, end: number): boolean {
  let at = from
  while (at < end && at + 4 <= bytes.length) {
    if (bytes.u16(at) === 0) return false
    at += 4 + bytes.u16(at + 2)
  }
  return at === end || (at < end && bytes.length < bytes.wireLength)
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(8805)
  return agree(flow, look, {
    evidence: 'header and elements of exact length',
    one: isOnPort ? 90 : 60,
  })
}

export const pfcp: Protocol = {
  name: 'pfcp',
  title: 'PFCP',
  category: 'tunnel',
  transports: ['udp'],
  begins: [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27],
  ports: { udp: [8805] },
  classify,
}
