import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * dnscrypt.info/protocol, "DNSCrypt version 2"; over TCP each behind its length (2):
 *
 *    0                  8            40           52
 *   | client magic (8) | key (32)   | nonce (12) | encrypted, tag          |
 *   | r6fnvWj8         | nonce of the client (12) | of the server (12) | ... |
 *
 * The client's magic is what the resolver's certificate says; only the answer shows what it was.
 */
const answerMagic = 'r6fnvWj8'
const minQuery = 68

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  const at = flow.transport === 'tcp' ? 2 : 0
  if (bytes.has(answerMagic, at)) return 'yes'
  if (!fromClient) return flow.transport === 'tcp' && bytes.mayHave(answerMagic, 2) ? 'more' : 'no'
  if (at === 0) return bytes.wireLength >= minQuery ? 'more' : 'no'
  return bytes.length < 2 || bytes.u16(0) >= minQuery ? 'more' : 'no'
}

/** True where an answer repeats the nonce of the question. */
function repeatsNonce(query: Bytes, answer: Bytes, at: number): boolean {
  return answer.length > at + 20 && query.has(answer.text(at + 8, at + 20), at + 40)
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'answer r6fnvWj8' })
  if (typeof answer === 'string') return answer
  const at = flow.transport === 'tcp' ? 2 : 0
  const isEchoed = repeatsNonce(flow.client.bytes, flow.server.bytes, at)
  return isEchoed ? { ...answer, confidence: 100 } : answer
}

export const dnscrypt: Protocol = {
  name: 'dnscrypt',
  title: 'DNSCrypt',
  category: 'naming',
  transports: ['udp', 'tcp'],
  classify,
}
