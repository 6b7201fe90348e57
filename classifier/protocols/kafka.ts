import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Kafka protocol guide; the length does not hold itself, the client's name may be absent (-1):
 *
 *    0            4          6              8                 12            14
 *   | length (4) | key (2)  | version (2)  | correlation (4) | length (2)  | client .. | ...
 *   | length (4) | correlation (4) | ...                                       the answer
 */
const newestKey = 92
const newestVersion = 20
const maxRequest = 1 << 24
const maxName = 249
const none = 0xffff

function request(bytes: Bytes): Look {
  const length = bytes.u32(0)
  if (length < 0) return bytes.u8(0) <= 0 ? 'more' : 'no'
  if (length < 10 || length > maxRequest) return 'no'
  if (bytes.length < 14) return bytes.length < 6 || bytes.u16(4) <= newestKey ? 'more' : 'no'
  const name = bytes.u16(12)
  if (bytes.u16(4) > newestKey || bytes.u16(6) > newestVersion) return 'no'
  if (name !== none && (name > maxName || name + 10 > length)) return 'no'
  if (name !== none && name > 0) {
    if (bytes.length < 14 + name) return 'more'
    if (!bytes.isPrintable(14, 14 + name)) return 'no'
  }
  // The first request is alone until it is answered.
  if (bytes.length < 4 + length && length < 1024) return 'more'
  return name !== none && name >= 3 ? 'yes' : 'more'
}

function reply(bytes: Bytes): Look {
  const length = bytes.u32(0)
  if (length < 0) return bytes.u8(0) <= 0 ? 'more' : 'no'
  return length >= 4 && length < maxRequest ? 'more' : 'no'
}

const nameOf = (client: Bytes): Metadata => {
  const length = client.u16(12)
  return length > 0 && length <= maxName ? { clientId: client.text(14, 14 + length) } : {}
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, flow.hasPort(9092) ? 90 : 80)
  const [client, server] = flow.sides
  const isAnswered = client.bytes.length >= 12 && client.bytes.u32(8) === server.bytes.u32(4)
  if (talk === 'never') return 'never'
  if (talk === 'more') {
    // Without a name of the client, its number in the answer must tell.
    const isUsual = isAnswered && (flow.hasPort(9092) || client.bytes.u32(8) > 0xffff)
    return isUsual && request(client.bytes) !== 'no'
      ? { confidence: 80, evidence: 'number that is answered' }
      : 'more'
  }
  if (server.bytes.length >= 8 && !isAnswered && talk.client === client.bytes) return 'never'
  return {
    confidence: isAnswered ? 100 : talk.confidence,
    evidence: `request ${talk.client.u16(4)}, version ${talk.client.u16(6)}`,
    metadata: nameOf(talk.client),
  }
}

export const kafka: Protocol = {
  name: 'kafka',
  title: 'Kafka',
  category: 'middleware',
  transports: ['tcp'],
  begins: [0, 1],
  ports: { tcp: [9092] },
  classify,
}
