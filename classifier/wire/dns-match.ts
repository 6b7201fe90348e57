import type { Match } from '../protocols/protocol.ts'
import type { DnsMessage } from './dns-message.ts'

/** What a DNS question and its reply, as far as they were seen, tell of a flow. */
export function dnsMatch(messages: readonly DnsMessage[], confidence: number): Match {
  const reply = messages.find(({ isReply }) => isReply)
  const first = messages.find(({ isReply }) => !isReply) ?? reply
  const name = first?.name ?? ''
  const answers = reply?.answers.map(({ data }) => data) ?? []
  return {
    confidence,
    evidence: `${first?.isReply === true ? 'reply' : 'question'} about ${name || 'the root'}`,
    metadata: {
      ...(name === '' ? {} : { hostname: name }),
      ...(first === undefined ? {} : { dnsQueryType: first.type }),
      ...(reply === undefined ? {} : { dnsResponseCode: reply.result }),
      ...(answers.length === 0 ? {} : { dnsAnswers: answers }),
    },
    more: reply === undefined,
  }
}
