import type { Match } from '../protocols/protocol.ts'
import type { DnsMessage } from './dns-message.ts'

/** What a DNS question and its reply, as far as they were seen, tell of a flow. */
export function dnsMatch(messages: readonly DnsMessage[], confidence: number): Match {
  const replies = messages.filter(({ isReply }) => isReply)
  const [reply] = replies
  const first = messages.find(({ isReply }) => !isReply) ?? reply
  const name = first?.name ?? ''
  const answers = replies.flatMap((message) => message.answers)
  return {
    confidence,
    evidence: `${first?.isReply === true ? 'reply' : 'question'} about ${name || 'the root'}`,
    metadata: {
      ...(name === '' ? {} : { hostname: name }),
      ...(first === undefined ? {} : { dnsQueryType: first.type }),
      ...(reply === undefined ? {} : { dnsResponseCode: reply.result }),
      ...(answers.length === 0
        ? {}
        : {
            dnsAnswers: answers.map(({ data }) => data),
            dnsTtl: Math.min(...answers.map(({ ttl }) => ttl)),
          }),
    },
    // A resolver's library asks for IPv4 and IPv6 addresses from one port.
    more: replies.length < Math.max(1, messages.length - replies.length),
  }
}
