import type { Metadata } from '../../model/classification.ts'
import type { Match } from '../protocols/protocol.ts'
import type { DnsMessage } from './dns-message.ts'

/** What a DNS question and its reply, as far as they were seen, tell of a flow. */
export function dnsMatch(messages: readonly DnsMessage[], confidence: number): Match {
  let [replies, ttl] = [0, Infinity]
  let question: DnsMessage | undefined
  let reply: DnsMessage | undefined
  const answers: string[] = []
  for (const message of messages) {
    if (message.isReply) {
      replies++
      reply ??= message
      for (const answer of message.answers) {
        answers.push(answer.data)
        ttl = Math.min(ttl, answer.ttl)
      }
    } else question ??= message
  }
  const first = question ?? reply
  const name = first?.name ?? ''
  const metadata: { -readonly [K in keyof Metadata]: Metadata[K] } = {}
  if (name !== '') metadata.hostname = name
  if (first !== undefined) metadata.dnsQueryType = first.type
  if (reply !== undefined) metadata.dnsResponseCode = reply.result
  if (answers.length > 0) {
    metadata.dnsAnswers = answers
    metadata.dnsTtl = ttl
  }
  return {
    confidence,
    evidence: `${first?.isReply === true ? 'reply' : 'question'} about ${name || 'the root'}`,
    metadata,
    // A resolver's library asks for IPv4 and IPv6 addresses from one port.
    more: replies < Math.max(1, messages.length - replies),
  }
}
