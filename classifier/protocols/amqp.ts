import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * AMQP 0-9-1 §4.2 and 1.0 (ISO/IEC 19464) §2.2; the client first:
 *
 *   | "AMQP" | 0 | 0 | 9 | 1 |     | "AMQP" | id 0, 2 TLS, 3 SASL | 1 | 0 | 0 |
 *
 * The server answers alike where it does not agree, or in 1.0; in 0-9-1 with a frame:
 *
 *    0      1             3            7                        7 + length
 *   | type | channel (2) | length (4) | class (2) | method (2) | ... | ce |
 */
const magic = 'AMQP'
const headBytes = 8
const frameEnd = 0xce

function greets(bytes: Bytes): Look {
  if (!bytes.mayHave(magic)) return 'no'
  if (bytes.length < headBytes) return 'more'
  const [id, major, minor] = [bytes.u8(4), bytes.u8(5), bytes.u8(6)]
  if (id <= 3 && major === 1 && minor === 0) return 'yes'
  return id <= 1 && major <= 1 && minor <= 10 && bytes.u8(7) <= 10 ? 'yes' : 'no'
}

function frame(bytes: Bytes): Look {
  const type = bytes.u8(0)
  if (type < 1 || (type > 3 && type !== 8)) return 'no'
  if (bytes.length < 7) return bytes.length < 4 || bytes.u8(3) === 0 ? 'more' : 'no'
  const length = bytes.u32(3)
  if (length > 1 << 20) return 'no'
  const end = bytes.u8(7 + length)
  return end < 0 ? 'more' : end === frameEnd ? 'yes' : 'no'
}

const look = (bytes: Bytes): Look => (bytes.u8(0) === 0x41 ? greets(bytes) : frame(bytes))

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 90)
  if (typeof talk === 'string') return talk
  const { client } = talk
  const isGreeting = client.has(magic)
  const version = isGreeting ? [...client.subarray(5, 8)].join(client.u8(5) === 1 ? '.' : '-') : ''
  return {
    confidence: talk.confidence,
    evidence: isGreeting ? `greeting, version ${version}` : 'frames with their end',
    metadata: isGreeting ? { version } : {},
  }
}

export const amqp: Protocol = {
  name: 'amqp',
  title: 'AMQP',
  category: 'middleware',
  transports: ['tcp'],
  begins: [1, 2, 3, 8, 0x41],
  ports: { tcp: [5672] },
  classify,
}
