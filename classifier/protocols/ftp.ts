import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { afterCommand } from '../wire/starttls.ts'
import { linesOf, lookAtLine, lookForReply, lookForWords, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 959 §5.3 and §4.2, RFC 4217 (AUTH TLS), RFC 2389 (FEAT); lines end with CR LF:
 *
 *   server   220 text                     120 before it, 421 where it is busy
 *   client   USER name                    or AUTH TLS, FEAT, HOST name, SYST, OPTS
 *   server   331 text                     234 before TLS, 530
 *   client   PASS password
 *   server   230 text
 */
const words = [
  'user ',
  'auth ',
  'feat',
  'host ',
  'syst',
  'opts ',
  'clnt ',
  'acct ',
  'pbsz ',
  'pass ',
]
const command = oneOf(
  [
    String.raw`user .*|pass .*|auth (tls|ssl|tls-[cp]|gssapi|kerberos_v4)|feat|host \S+|syst`,
    String.raw`opts .+|clnt .+|acct .+|pbsz \d+`,
  ],
  ' *$'
)
const greetings = ['120', '220', '230', '331', '421', '530']

function request(bytes: Bytes): Look {
  const look = lookForWords(bytes, words)
  if (look !== 'yes') return look
  const line = lookAtLine(bytes, command)
  // POP3 and IRC know USER as well, so the server must agree.
  return line === 'yes' ? 'more' : line
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, (bytes) => lookForReply(bytes, greetings))
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  if (linesOf(client, 1).length === 0) return greeting(flow, server)
  const hello = afterCommand(client, /(^|\n)auth (tls|ssl)[^\n]*\n/i)
  const text = client.text(0, 1024)
  const hasPassword = hello === undefined && /(^|\n)pass /i.test(text)
  const isAnonymous = /(^|\n)user (anonymous|ftp)\r?\n/i.test(text)
  return {
    confidence: 100,
    evidence: 'command and reply of FTP',
    metadata: { ...softwareOf(server), ...userOf(text), ...hello },
    risks: hasPassword && !isAnonymous ? ['clear-text-credentials'] : [],
    more: !hasPassword && hello?.ja3 === undefined,
  }
}

function userOf(text: string): Metadata {
  const name = /(?:^|\n)user ([^\r\n]+)/i.exec(text)?.[1]
  return name === undefined ? {} : { userName: name }
}

function softwareOf(server: Bytes): Metadata {
  const text = /^220[ -](.+)/.exec(linesOf(server, 1)[0] ?? '')?.[1]?.trim()
  return text === undefined ? {} : { software: text }
}

/** A server that greets and is not answered: its own words or its port must tell. */
function greeting(flow: FlowView, server: Bytes): Match | 'more' {
  const [line] = linesOf(server, 1)
  if (!flow.isLast || line === undefined || flow.client.bytes.length > 0) return 'more'
  const says = /^220[ -].*ftp/i.test(line)
  if (!says && !flow.hasPort(21)) return 'more'
  return { confidence: says ? 90 : 70, evidence: 'greeting of FTP', metadata: softwareOf(server) }
}

export const ftp: Protocol = {
  name: 'ftp',
  title: 'FTP',
  category: 'file',
  transports: ['tcp'],
  begins: '12345ACFHOPSUacfhopsu',
  ports: { tcp: [21] },
  classify,
}
