import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Redis serialisation protocol (RESP); a request is an array of texts with their lengths:
 *
 *   *2 CRLF $4 CRLF AUTH CRLF $6 CRLF secret CRLF
 *
 * or words in a line. Replies: +OK, -ERR text, :number, $length, *count, and of RESP 3 also
 * _ # , ( = % ~ > !
 */
const array = /^\*\d{1,7}\r\n(\$\d{1,9}\r\n|$)/
const words = oneOf(
  [
    'PING|INFO|AUTH|HELLO|SELECT|CONFIG|CLIENT|COMMAND|MONITOR|GET|SET|KEYS|QUIT|EVAL',
    'SLAVEOF|PSYNC|SYNC|REPLCONF|SUBSCRIBE|DBSIZE|ECHO|EXISTS|FLUSHALL',
  ],
  String.raw`( [^\r\n]*)?\r\n`
)
const reply = oneOf(
  [
    String.raw`\+[^\r\n]*|-[A-Z]+ [^\r\n]*|:-?\d+|\$-?\d+|\*-?\d+|_|#[tf]|,[^\r\n]*|\([+-]?\d+`,
    String.raw`[=%~>!]\d+`,
  ],
  String.raw`\r\n`
)
const headBytes = 256

const isLetter = (octet: number): boolean => (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a

function request(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x2a && !isLetter(bytes.u8(0))) return 'no'
  const text = bytes.text(0, headBytes)
  if (bytes.u8(0) === 0x2a) {
    if (array.test(text) && text.includes('$')) return 'yes'
    return /^\*\d{0,7}(\r(\n(\$\d{0,9}\r?)?)?)?$/.test(text) ? 'more' : 'no'
  }
  if (words.test(text)) return 'more'
  return text.length < headBytes && /^[A-Za-z]{1,10}( [^\r\n]*)?\r?$/.test(text) ? 'more' : 'no'
}

function answer(bytes: Bytes): Look {
  if (!'+-:$*_#,(=%~>!'.includes(bytes.text(0, 1))) return 'no'
  const text = bytes.text(0, headBytes)
  if (reply.test(text)) return 'more'
  return text.length < headBytes && !text.includes('\n') ? 'more' : 'no'
}

/** Words in a line and an answer with the sign of one. */
function spokenInLines(flow: FlowView): Answer {
  const { client, server } = flow
  const isSpoken =
    words.test(client.bytes.text(0, headBytes)) && reply.test(server.bytes.text(0, headBytes))
  if (!isSpoken || server.bytes.has('+OK ')) return 'more'
  return {
    confidence: flow.hasPort(6379) ? 90 : 70,
    evidence: 'words of Redis and a reply',
    risks: riskOf(client.bytes),
  }
}

const riskOf = (client: Bytes): ['clear-text-credentials'] | [] =>
  /(^|\n)AUTH\b/i.test(client.text(0, headBytes)) ? ['clear-text-credentials'] : []

function metadataOf(client: Bytes): Metadata {
  const lines = client.text(0, headBytes).split('\r\n')
  // AUTH with a name: three texts.
  const isNamed = lines[0] === '*3' && lines[2]?.toUpperCase() === 'AUTH'
  return isNamed && lines[4] !== undefined ? { userName: lines[4] } : {}
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, answer, 80)
  if (talk === 'more') return spokenInLines(flow)
  if (talk === 'never') return 'never'
  const { client, server } = talk
  return {
    confidence: server.length > 0 ? 100 : 80,
    evidence: 'array of texts',
    metadata: metadataOf(client),
    risks: riskOf(client),
  }
}

export const redis: Protocol = {
  name: 'redis',
  title: 'Redis',
  category: 'database',
  transports: ['tcp'],
  ports: { tcp: [6379] },
  classify,
}
