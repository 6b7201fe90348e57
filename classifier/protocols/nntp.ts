import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { afterCommand } from '../wire/starttls.ts'
import { lookAtLine, lookForReply, lookForWords, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 3977 §3 and §5, RFC 4643 (AUTHINFO), RFC 4642 (STARTTLS), RFC 4644 (streaming); lines:
 *
 *   server   200 text             201 where posting is not allowed, 400 or 502 where it is refused
 *   client   MODE READER          or CAPABILITIES, AUTHINFO USER name, GROUP name, MODE STREAM
 *   server   200 text
 *   client   AUTHINFO PASS password
 */
const words = [
  'mode ',
  'capabilities',
  'authinfo ',
  'group ',
  'article ',
  'list',
  'check <',
  'takethis <',
  'ihave <',
  'xover ',
  'starttls',
  'newgroups ',
  'help\r',
  'date\r',
  'over ',
  'xhdr ',
  'head ',
  'body ',
  'post\r',
  'slave\r',
  'newnews ',
  'listgroup ',
]
const command = oneOf(
  [
    String.raw`help|date|post|slave|(over|xhdr|head|body) .+`,
    String.raw`mode (reader|stream)|capabilities( \S+)?`,
    String.raw`authinfo (user|pass|sasl|simple|generic) .*|(list)?group [\w.+-]+.*|article .+`,
    String.raw`list( [a-z.]+.*)?|(check|takethis|ihave) <[^<>]+>|xover .+|starttls`,
    String.raw`new(groups|news) .+`,
  ],
  ' *$'
)
const telling =
  /^(mode (reader|stream)|authinfo (user|pass|sasl) .+|(check|takethis|ihave) <[^<>@]+@[^<>]+>) *$/i

function request(bytes: Bytes): Look {
  const look = lookForWords(bytes, words)
  if (look !== 'yes') return look
  if (lookAtLine(bytes, telling) === 'yes') return 'yes'
  const line = lookAtLine(bytes, command)
  return line === 'yes' ? 'more' : line
}

const reply = (bytes: Bytes): Look => lookForReply(bytes, ['200', '201', '400', '480', '502'])

/** A server that says what it is. */
const isGreeting = (server: Bytes): boolean =>
  /^20[01] .*(NNTP|news|INN)/i.test(server.text(0, 200))

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, 90)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  // A number and a text are too little without a command.
  if (client.length === 0 || lookAtLine(client, command) !== 'yes') {
    return flow.isLast && isGreeting(server)
      ? { confidence: 70, evidence: 'greeting of NNTP' }
      : 'more'
  }
  const isTold = lookAtLine(client, telling) === 'yes' || flow.hasPort(119)
  if (!isTold && !isGreeting(server)) return flow.isLast ? 'never' : 'more'
  const text = client.text(0, 1024)
  const name = /(?:^|\n)authinfo user ([^\r\n]+)/i.exec(text)?.[1]
  const hello = afterCommand(client, /(^|\n)starttls\r?\n/i)
  const hasPassword = hello === undefined && /(^|\n)authinfo pass /i.test(text)
  return {
    confidence: server.length > 0 ? 100 : 90,
    evidence: 'command of NNTP',
    metadata: { ...(name === undefined ? {} : { userName: name }), ...hello },
    risks: hasPassword ? ['clear-text-credentials'] : [],
    more: !hasPassword && hello?.ja3 === undefined,
  }
}

export const nntp: Protocol = {
  name: 'nntp',
  title: 'NNTP',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [119, 433] },
  classify,
}
