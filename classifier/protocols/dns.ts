import type { Bytes } from '../../model/bytes.ts'
import { dnsMatch } from '../wire/dns-match.ts'
import { readDns } from '../wire/dns-message.ts'
import type { DnsMessage } from '../wire/dns-message.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1035: the message format stands in ../wire/dns-message.ts. Over TCP (§4.2.2) each message
 * has its length before it: | length (2) | message |.
 */
const port = 53

/** The message of a side; undefined where it said nothing, `no` where that is no DNS. */
function messageOf(bytes: Bytes, isTcp: boolean): DnsMessage | 'more' | 'no' | undefined {
  if (bytes.length === 0) return undefined
  if (!isTcp) return readDns(bytes) ?? 'no'
  if (bytes.length < 14) return bytes.u16(0) === 0 ? 'no' : 'more'
  const length = bytes.u16(0)
  if (length < 12) return 'no'
  if (bytes.length >= 2 + length) return readDns(bytes.slice(2, 2 + length)) ?? 'no'
  return isHeader(bytes.slice(2)) ? 'more' : 'no'
}

/** True where counts and flags of a header are such as DNS has. */
function isHeader(bytes: Bytes): boolean {
  const flags = bytes.u16(2)
  return bytes.u16(4) <= 16 && ((flags >> 11) & 15) <= 6 && (flags & 0x40) === 0
}

/** On another port only a message that adds up to the last octet is believed. */
function isSure(message: DnsMessage): boolean {
  return message.isExact && message.questions === 1 && message.name.includes('.')
}

/**
 * DNSCrypt (dnscrypt.info/protocol) begins with a question for the resolver's certificate: a TXT
 * record of `2.` and its name, by custom under `dnscrypt-cert`.
 */
function asksForDnscrypt({ name, hasDnscrypt }: DnsMessage): boolean {
  return hasDnscrypt || name.startsWith('2.dnscrypt-cert.') || name === '2.securedns.avast.com'
}

/** More datagrams than this of one port are not read for what they answer. */
const maxMessages = 8

/** Every message seen so far: questions about several types go out of one port. */
function allOf(flow: FlowView, firsts: readonly DnsMessage[]): readonly DnsMessage[] {
  if (flow.datagrams.length <= 2 || flow.datagrams.length > maxMessages) return firsts
  return flow.datagrams.flatMap(({ bytes }) => readDns(bytes) ?? [])
}

function classify(flow: FlowView): Answer {
  const isTcp = flow.transport === 'tcp'
  const isOnPort = flow.hasPort(port)
  const asked = messageOf(flow.client.bytes, isTcp)
  if (asked === 'no') return 'never'
  const answered = messageOf(flow.server.bytes, isTcp)
  if (answered === 'no') return 'never'
  const messages = [asked, answered].filter((item) => typeof item === 'object')
  if (messages.length === 0) return isTcp && !isOnPort ? 'never' : 'more'
  if (!isOnPort && !messages.every(isSure)) return 'never'
  if (messages.some(asksForDnscrypt)) {
    return { ...dnsMatch(messages, 95), protocol: 'dnscrypt', more: false }
  }
  const hasBoth = messages.length === 2 && messages[0]?.isReply !== messages[1]?.isReply
  if (isOnPort) return dnsMatch(allOf(flow, messages), hasBoth ? 100 : 90)
  if (hasBoth) return dnsMatch(messages, 85)
  return flow.isLast ? { ...dnsMatch(messages, 60), more: false } : 'more'
}

export const dns: Protocol = {
  name: 'dns',
  title: 'DNS',
  category: 'naming',
  transports: ['udp', 'tcp'],
  ports: { udp: [port], tcp: [port] },
  classify,
}
