import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * ZeroMQ message transport, 23/ZMTP (3.0, 3.1), both sides alike; 2.0 has the first 10 octets and
 * its version:
 *
 *    0    1           9    10       11      12                     32          33 .. 64
 *   | ff | 8 octets  | 7f | major  | minor | mechanism (20), NUL  | as server | zeros |
 */
const mechanisms = /^(NULL|PLAIN|CURVE|GSSAPI)\0*$/
const newestMajor = 3

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0xff) return 'no'
  for (let at = 1; at < 8; at++) if (bytes.u8(at) > 0) return 'no'
  if (bytes.length < 11) return bytes.length < 10 || bytes.u8(9) === 0x7f ? 'more' : 'no'
  if (bytes.u8(9) !== 0x7f || bytes.u8(10) < 1 || bytes.u8(10) > newestMajor) return 'no'
  if (bytes.u8(10) < 3 || bytes.length < 32) return 'yes'
  return mechanisms.test(bytes.text(12, 32)) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  return { confidence: talk.confidence, evidence: 'greeting of ZMTP' }
}

export const zmtp: Protocol = {
  name: 'zmtp',
  title: 'ZeroMQ (ZMTP)',
  category: 'middleware',
  transports: ['tcp'],
  classify,
}
