import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * X Window System Protocol §8, numbers in the order that the first octet says, `B` or `l`:
 *
 *    0          1   2     4     6         8         10  12
 *   | B or l   | 0 | 11  | 0   | name n  | data d  | 0 | name, data, each filled up to words of 4 |
 *
 *   | 0 failed, 1 success, 2 more | length | 11 | 0 | words that follow | ...
 */
const maxBytes = 512

const u16 = (bytes: Bytes, at: number, isLittle: boolean): number =>
  isLittle ? bytes.u16le(at) : bytes.u16(at)

const padded = (length: number): number => (length + 3) & ~3

function request(bytes: Bytes): Look {
  const order = bytes.u8(0)
  if (order !== 0x42 && order !== 0x6c) return 'no'
  if (bytes.length < 12) return bytes.length < 2 || bytes.u8(1) === 0 ? 'more' : 'no'
  const isLittle = order === 0x6c
  if (u16(bytes, 2, isLittle) !== 11 || u16(bytes, 4, isLittle) !== 0) return 'no'
  const total = 12 + padded(u16(bytes, 6, isLittle)) + padded(u16(bytes, 8, isLittle))
  return total > maxBytes ? 'no' : 'yes'
}

function reply(bytes: Bytes): Look {
  if (bytes.u8(0) > 2) return 'no'
  if (bytes.length < 8) return 'more'
  const isVersion = (isLittle: boolean): boolean =>
    u16(bytes, 2, isLittle) === 11 && u16(bytes, 4, isLittle) === 0
  return isVersion(true) || isVersion(false) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  if (talk.client.length === 0) return 'more'
  return { confidence: talk.confidence, evidence: 'connection set-up of X 11' }
}

export const x11: Protocol = {
  name: 'x11',
  title: 'X11',
  category: 'remote-access',
  transports: ['tcp'],
  begins: [0, 1, 2, 0x42, 0x6c],
  ports: { tcp: [6000, 6001, 6010] },
  classify,
}
