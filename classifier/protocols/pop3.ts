import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement, lookForAny } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { saslUser } from '../wire/sasl.ts'
import { afterCommand } from '../wire/starttls.ts'
import { linesOf, lookAtLine, lookForWords, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1939 §3, RFC 2449 (CAPA), RFC 2595 §4 (STLS); lines end with CR LF:
 *
 *   server   +OK text              with <number@host> where APOP is offered; -ERR text
 *   client   CAPA                  or USER name, APOP name digest, AUTH mechanism, STLS
 *   server   +OK ...
 *   client   PASS password
 */
const words = [
  'capa',
  'user ',
  'apop ',
  'auth',
  'stls',
  'pass ',
  'stat',
  'list',
  'uidl',
  'quit',
  'utf8',
]
const command = oneOf(
  [
    String.raw`capa|stls|stat|quit|utf8|user .+|pass .+|apop \S+ [0-9a-f]{32}`,
    String.raw`auth( [\w-]+( \S+)?)?|(list|uidl)( \d+)?`,
  ],
  ' *$'
)

function request(bytes: Bytes): Look {
  const look = lookForWords(bytes, words)
  if (look !== 'yes') return look
  // FTP has most of these words too, so the server must agree.
  const line = lookAtLine(bytes, command)
  return line === 'yes' ? 'more' : line
}

const reply = (bytes: Bytes): Look => {
  const look = lookForAny(bytes, ['+OK', '-ERR'])
  return look === 'yes' ? lookAtLine(bytes, /^(\+OK|-ERR)( .*)?$/) : look
}

/** Redis answers with the same words, so a server alone must say more of itself. */
function isGreeting(flow: FlowView, server: Bytes): boolean {
  const [line] = linesOf(server, 1)
  if (line === undefined) return false
  return /^\+OK .*(\bPOP|<[^>@]+@[^>]+>)/i.test(line) || (flow.hasPort(110) && line.length > 4)
}

function userOf(client: Bytes): Metadata {
  const name = /(?:^|\n)(?:user|apop) ([^ \r\n]+)/i.exec(client.text(0, 1024))?.[1]
  return name === undefined ? {} : { userName: name }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, 90)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  const hasCommand = client.length > 0 && linesOf(client, 1).length > 0
  if (!hasCommand) {
    return flow.isLast && isGreeting(flow, server)
      ? { confidence: 70, evidence: 'greeting of POP3' }
      : 'more'
  }
  const hello = afterCommand(client, /(^|\n)stls\r?\n/i)
  const plain = saslUser(client, /(?:^|\n)auth (plain|login)(?: (\S+))?\r?\n(?:(\S+)\r?\n)?/i)
  const hasPassword = hello === undefined && /(^|\n)pass /i.test(client.text(0, 1024))
  return {
    confidence: 100,
    evidence: 'command and reply of POP3',
    metadata: { ...userOf(client), ...plain, ...hello },
    risks: hasPassword || plain !== undefined ? ['clear-text-credentials'] : [],
    more: !hasPassword && plain?.userName === undefined && hello?.ja3 === undefined,
  }
}

export const pop3: Protocol = {
  name: 'pop3',
  title: 'POP3',
  category: 'mail',
  transports: ['tcp'],
  begins: '+-ACLPQSUaclpqsu',
  ports: { tcp: [110] },
  classify,
}
