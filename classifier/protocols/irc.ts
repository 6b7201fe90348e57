import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { linesOf, lookAtLine, lookForWords, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1459 and RFC 2812 §2.3, lines:
 *
 *   client   [CAP LS 302] [PASS password] NICK name, USER name 0 * :real name, JOIN #channel
 *   server   :irc.example.net NOTICE * :text   :irc.example.net 001 name :text   PING :token
 */
const words = [
  'nick ',
  'user ',
  'pass ',
  'cap ',
  'join #',
  'privmsg ',
  'notice ',
  'ping ',
  'pong ',
  'mode ',
  'who ',
]
const command = oneOf(
  [
    String.raw`nick :?[^\s:]+|user \S+ \S+ \S+ :?.*|pass .+|cap (ls|req|end)\b.*`,
    String.raw`join [#&+!]\S+.*|(privmsg|notice) \S+ :.*|p[io]ng :?\S+.*|mode \S+.*|who \S+.*`,
  ],
  '$'
)
const answers = [':', 'notice ', 'ping ', 'error :']
const answer = oneOf(
  [
    String.raw`:\S+ (notice|\d{3}|ping|pong|mode|join|cap|privmsg|error|quit|nick|part|topic) .*`,
    String.raw`notice (auth|\*) :.*|ping :?\S+|error :.*`,
  ],
  '$'
)
/** What no other protocol has: the name in four words. */
const telling = /(^|\n)(user \S+ \S+ \S+ :|join #|privmsg #\S* :)/i

function request(bytes: Bytes): Look {
  const look = lookForWords(bytes, words)
  if (look !== 'yes') return look
  const line = lookAtLine(bytes, command)
  if (line !== 'yes') return line
  return telling.test(bytes.text(0, 512)) ? 'yes' : 'more'
}

function reply(bytes: Bytes): Look {
  const look = lookForWords(bytes, answers)
  return look === 'yes' ? lookAtLine(bytes, answer) : look
}

function metadataOf(client: Bytes, server: Bytes): Metadata {
  const userName = /(?:^|\n)nick :?([^\s:]+)/i.exec(client.text(0, 512))?.[1]
  const hostname = /^:([\w-]+(?:\.[\w-]+)+) /.exec(linesOf(server, 1)[0] ?? '')?.[1]
  return {
    ...(userName === undefined ? {} : { userName }),
    ...(hostname === undefined ? {} : { hostname: hostname.toLowerCase() }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, 90)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  const hasCommand = linesOf(client, 1).length > 0
  // A server's line alone may be that of something else that speaks in lines.
  if (!hasCommand && !flow.isLast) return 'more'
  return {
    confidence: hasCommand && server.length > 0 ? 100 : hasCommand ? 90 : 70,
    evidence: 'lines of IRC',
    metadata: metadataOf(client, server),
    risks: /(^|\n)pass /i.test(client.text(0, 512)) ? ['clear-text-credentials'] : [],
    more: server.length === 0 && flow.packets < 6,
  }
}

export const irc: Protocol = {
  name: 'irc',
  title: 'IRC',
  category: 'messaging',
  transports: ['tcp'],
  begins: ':CEJMNPUWcejmnpuw',
  ports: { tcp: [6667, 6666, 6668, 6669, 194] },
  classify,
}
