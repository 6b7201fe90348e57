import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1006 §6 (TPKT), and RFC 905 §13:
 *
 *    0    1    2            4                5
 *   | 3 | 0 | length of all | length, header | type: e0 connect, d0 confirm, f0 data | ...
 *
 *   connect: | destination (2) | source (2) | class | parameters: code, length, value |
 *            codes: c0 size, c1 and c2 names of the ends
 *   data:    | f0 | 80 last | payload |
 *
 * Payload of Siemens' controllers: 32 S7comm, 72 S7comm-plus; of MMS (ISO 9506) a session whose
 * context names it by the object identifier 1.0.9506.2.1.
 */
const mmsObject = '\x28\xca\x22\x02'
const plusName = 'SIMATIC-ROOT-'

/** What a connection carries, by its first data or the names of its ends. */
function payloadOf(bytes: Bytes): string | undefined {
  let at = 0
  for (let i = 0; i < 3; i++) {
    const length = bytes.u16(at + 2)
    if (bytes.u16(at) !== 0x0300 || length < 7) return undefined
    if (bytes.u8(at + 5) === 0xf0) {
      const first = bytes.u8(at + 7)
      if (first === 0x32) return 's7comm'
      if (first === 0x72) return 's7comm-plus'
      if (bytes.find(mmsObject, at + 7, at + length) > 0) return 'mms'
      return first < 0 ? undefined : 'cotp'
    }
    if (bytes.find(plusName, at + 7, at + length) > 0) return 's7comm-plus'
    at += length
  }
  return undefined
}

function areParameters(bytes: Bytes, from: number, end: number): boolean {
  let at = from
  while (at < end) {
    const code = bytes.u8(at)
    if (code < 0xc0 || code > 0xc6) return false
    at += 2 + Math.max(0, bytes.u8(at + 1))
  }
  return at === end && end > from
}

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\x03\0')) return 'no'
  const [length, header, type] = [bytes.u16(2), bytes.u8(4), bytes.u8(5)]
  if (bytes.length < 7) return length > 2000 ? 'no' : 'more'
  if (length < 7 || length > 8200 || header + 5 > length) return 'no'
  if (type === 0xf0) return header === 2 && bytes.u8(6) === 0x80 ? 'yes' : 'no'
  if ((type !== 0xe0 && type !== 0xd0) || header + 5 !== length) return 'no'
  if (bytes.length < length) return 'more'
  // Remote desktops have a cookie, or a request of their own, in place of parameters.
  return areParameters(bytes, 11, length) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'TPKT with a connection or data' })
  if (typeof answer === 'string') return answer
  const protocol = payloadOf(flow.client.bytes) ?? payloadOf(flow.server.bytes)
  if (protocol !== undefined) return { ...answer, protocol }
  return flow.isLast ? { ...answer, confidence: flow.hasPort(102) ? 85 : 70 } : 'more'
}

export const cotp: Protocol = {
  name: 'cotp',
  title: 'ISO transport on TCP (COTP)',
  category: 'industrial',
  transports: ['tcp'],
  begins: [3],
  ports: { tcp: [102] },
  variants: { s7comm: 'S7comm', 's7comm-plus': 'S7comm-plus', mms: 'MMS (IEC 61850)' },
  classify,
}
