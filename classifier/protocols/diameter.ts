import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6733 §3 and §4.1; lengths are multiples of four and hold their heads:
 *
 *    0   1            4          5              8                 12           16           20
 *   | 1 | length (3) | R P E T  | command (3)  | application (4) | hop id (4) | end id (4) | AVPs |
 *
 *   | AVP code (4) | V M P | length (3) | [vendor (4)] | value, filled up |
 *
 * AVPs: 264 host of the sender, 296 its realm, 283 realm of the receiver, 1 user name.
 */
const headBytes = 20
const maxBytes = 65_536
const maxAvps = 24
const originRealm = 296
const userName = 1

const isAvp = (bytes: Bytes, at: number): boolean => {
  const length = bytes.u24(at + 5)
  return bytes.u32(at) > 0 && (bytes.u8(at + 4) & 0x1f) === 0 && length >= 8 && length < maxBytes
}

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 1) return 'no'
  if (bytes.length >= 2 && bytes.u8(1) !== 0) return 'no'
  if (bytes.length < headBytes + 8) return 'more'
  const length = bytes.u24(1)
  const isHead = length >= headBytes && length % 4 === 0 && (bytes.u8(4) & 0x0f) === 0
  if (!isHead || bytes.u24(5) === 0) return 'no'
  return isAvp(bytes, headBytes) ? 'yes' : 'no'
}

function metadataOf(bytes: Bytes): Metadata {
  let at = headBytes
  let [name, realm] = ['', '']
  for (let i = 0; i < maxAvps && isAvp(bytes, at) && at < bytes.u24(1); i++) {
    const code = bytes.u32(at)
    const length = bytes.u24(at + 5)
    if (code === originRealm) realm = bytes.utf8(at + 8, at + length)
    if (code === userName) name = bytes.utf8(at + 8, at + length)
    at += (length + 3) & ~3
  }
  return { ...(name === '' ? {} : { userName: name }), ...(realm === '' ? {} : { realm }) }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  const first = talk.client.length > 0 ? talk.client : talk.server
  return {
    confidence: talk.confidence,
    evidence: `Diameter command ${first.u24(5)}`,
    metadata: metadataOf(first),
  }
}

export const diameter: Protocol = {
  name: 'diameter',
  title: 'Diameter',
  category: 'authentication',
  transports: ['tcp'],
  begins: [1],
  ports: { tcp: [3868] },
  classify,
}
