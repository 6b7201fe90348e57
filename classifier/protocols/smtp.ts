import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { saslUser } from '../wire/sasl.ts'
import { afterCommand } from '../wire/starttls.ts'
import { lookAtLine, linesOf, lookForReply, lookForWords } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5321 §4.1 and §4.2, LMTP (RFC 2033); lines end with CR LF:
 *
 *   server   220 domain text
 *   client   EHLO domain        HELO of old, LHLO of LMTP
 *   server   250-domain ... 250-STARTTLS ... 250 HELP
 *   client   STARTTLS           then TLS (RFC 3207)
 *   client   AUTH PLAIN base64  AUTH LOGIN, base64, base64 (RFC 4954)
 *   client   MAIL FROM:<path>
 */
const words = ['ehlo', 'helo', 'lhlo', 'mail from:', 'rcpt to:']
const command = /^((ehlo|helo|lhlo)( +[^ ]+)? *|(mail from|rcpt to): *<[^>]*>.*)$/i
/** Commands that FTP does not have; QUIT, NOOP or RSET may come first. */
const ports = [25, 465, 587, 2525]

function request(bytes: Bytes): Look {
  const look = lookForWords(bytes, words)
  return look === 'yes' ? lookAtLine(bytes, command) : look
}

function reply(bytes: Bytes): Look {
  const look = lookForReply(bytes, ['220', '250', '421', '554'])
  // That a server replies so says little: FTP greets in the same way.
  return look === 'yes' ? 'more' : look
}

/** A server that greets and is not answered: its own words or its port must tell. */
function greeting(flow: FlowView): Answer {
  const [line] = linesOf(flow.server.bytes, 1)
  const says = line !== undefined && /^220[ -].*\bE?SMTP\b/i.test(line)
  if (!flow.isLast || flow.client.bytes.length > 0) return 'more'
  if (says) return { confidence: 90, evidence: 'greeting of SMTP', metadata: serverOf(line) }
  const isUsual = line !== undefined && ports.some((port) => flow.server.port === port)
  return isUsual && /^(220|421|554)[ -]/.test(line)
    ? { confidence: 70, evidence: 'greeting on a port of SMTP', metadata: serverOf(line) }
    : 'more'
}

function serverOf(line: string | undefined): Metadata {
  const parts = /^220[ -](\S+)(?: +(.+))?/.exec(line ?? '')
  const host = parts?.[1]?.toLowerCase() ?? ''
  return {
    ...(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(host) ? { hostname: host } : {}),
    ...(parts?.[2] === undefined ? {} : { software: parts[2] }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (talk === 'more') return greeting(flow)
  if (talk === 'never') return 'never'
  const hello = afterCommand(talk.client, /(^|\n)starttls\r?\n/i)
  const [first] = linesOf(talk.server, 1)
  const user =
    hello === undefined
      ? saslUser(talk.client, /(?:^|\n)auth (plain|login)(?: (\S+))?\r?\n(?:(\S+)\r?\n)?/i)
      : undefined
  const isOver =
    user?.userName !== undefined ||
    hello?.ja3 !== undefined ||
    /\nDATA\r?\n/i.test(talk.client.text(0, 2048))
  return {
    confidence: talk.server.length > 0 ? 100 : talk.confidence,
    evidence: 'command and reply of SMTP',
    metadata: { ...serverOf(first), ...user, ...hello },
    risks: user === undefined ? [] : ['clear-text-credentials'],
    more: !isOver,
  }
}

export const smtp: Protocol = {
  name: 'smtp',
  title: 'SMTP',
  category: 'mail',
  transports: ['tcp'],
  begins: '245EHLMRehlmr',
  ports: { tcp: [25, 587, 2525] },
  classify,
}
