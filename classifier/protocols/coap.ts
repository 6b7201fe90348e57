import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 7252 §3:
 *
 *    0                                1        2          4
 *   | version 1 (2)| type (2)| TKL (4) | code   | id (2)   | token (0..8) | options | ff, payload |
 *
 *   option: | delta (4) | length (4) | more delta, 13: 1, 14: 2 octets | more length | value |
 *   code: class (3), detail (5): 0.00 empty, 0.01 .. 0.07 requests, 2, 4, 5 answers, 7 signals
 */
const numbers = new Set([
  1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 17, 19, 20, 21, 23, 27, 28, 31, 35, 39, 60, 252, 258,
  292,
])
/** Options whose values are text: host, path, query of what is asked for and where it went. */
const texts = new Set([3, 8, 11, 15, 20, 35, 39])
/** Octets that values of others may have (RFC 7252 §5.10, RFC 7641, RFC 7959). */
const mostOctets = new Map([
  [1, 8],
  [4, 8],
  [5, 0],
  [6, 3],
  [7, 2],
  [12, 2],
  [14, 4],
  [16, 1],
  [17, 2],
  [23, 3],
  [27, 3],
  [28, 4],
  [60, 4],
])
const optionsEnd = 0xff

function isValue(bytes: Bytes, number: number, at: number, length: number): boolean {
  if (!texts.has(number)) return length <= (mostOctets.get(number) ?? 1034)
  // Text of any language, which has no control characters.
  for (let i = at; i < at + length && i < bytes.length; i++) {
    if (bytes.u8(i) < 0x20 || bytes.u8(i) === 0x7f) return false
  }
  return length <= 1034
}

/**
 * Walks the options: how many are known, -1 where they do not fit. Others than the known may be
 * there, if they may be passed over (even numbers) and this is no guess.
 */
function knownOptions(bytes: Bytes, from: number, isStrict: boolean): number {
  let [at, number, known] = [from, 0, 0]
  while (at < bytes.length && bytes.u8(at) !== optionsEnd) {
    let [delta, length] = [bytes.u8(at) >> 4, bytes.u8(at) & 15]
    if (delta === 15 || length === 15) return -1
    at++
    if (delta === 13) delta = 13 + bytes.u8(at++)
    else if (delta === 14) [delta, at] = [269 + bytes.u16(at), at + 2]
    if (length === 13) length = 13 + bytes.u8(at++)
    else if (length === 14) [length, at] = [269 + bytes.u16(at), at + 2]
    number += delta
    if (isStrict && !isValue(bytes, number, at, length)) return -1
    at += length
    if (at > bytes.wireLength) return -1
    if (numbers.has(number)) known++
    else if (isStrict || (number & 1) === 1 || number > 0xffff) return -1
  }
  // Behind the marker there must be payload.
  return bytes.u8(at) === optionsEnd && at + 1 >= bytes.wireLength ? -1 : known
}

function isCode(code: number): boolean {
  const kind = code >> 5
  const detail = code & 31
  return (kind === 0 && detail <= 7) || ((kind === 2 || kind === 4 || kind === 5) && detail <= 31)
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const first = bytes.u8(0)
  const code = bytes.u8(1)
  const tokenLength = first & 15
  if (first >> 6 !== 1 || tokenLength > 8 || !isCode(code)) return 'no'
  const isOnPort = flow.hasPort(5683) || flow.hasPort(5684)
  // An empty message is nothing but its head.
  if (code === 0) return bytes.wireLength === 4 && isOnPort ? 'yes' : 'no'
  const known = knownOptions(bytes, 4 + tokenLength, !isOnPort)
  if (known < 0 || bytes.wireLength < 4 + tokenLength) return 'no'
  return isOnPort ? 'yes' : known > 0 && bytes.wireLength > 8 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(5683) || flow.hasPort(5684)
  const found = { evidence: 'head and options', one: isOnPort ? 90 : 65, both: 90 }
  return agree(flow, look, { ...found, datagrams: isOnPort ? 1 : 2 })
}

export const coap: Protocol = {
  name: 'coap',
  title: 'CoAP',
  category: 'iot',
  transports: ['udp'],
  ports: { udp: [5683, 5684] },
  classify,
}
