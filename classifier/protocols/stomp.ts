import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * STOMP 1.0 to 1.2, a command in a line, headers, an empty line, a body, NUL:
 *
 *   client   CONNECT or STOMP LF accept-version:1.2 LF host:example.net LF login:name LF LF NUL
 *   server   CONNECTED LF version:1.2 LF LF NUL
 */
const client = /^(CONNECT|STOMP)\r?\n([a-z-]+:[^\n]*\n)*\r?\n/
const server = /^(CONNECTED|ERROR)\r?\n([a-z-]+:[^\n]*\n)*\r?\n/
const headBytes = 1024

function lookWith(pattern: RegExp, words: readonly string[]): (bytes: Bytes) => Look {
  return (bytes) => {
    if (!words.some((word) => bytes.mayHave(word))) return 'no'
    const text = bytes.text(0, headBytes)
    if (pattern.test(text)) return 'yes'
    return text.length < headBytes && /^[A-Z]+(\r?$|\r?\n([a-z-]+(:|$))?)/.test(text)
      ? 'more'
      : 'no'
  }
}

const request = lookWith(client, ['CONNECT\n', 'CONNECT\r\n', 'STOMP\n', 'STOMP\r\n'])
const reply = lookWith(server, ['CONNECTED\n', 'CONNECTED\r\n', 'ERROR\n', 'ERROR\r\n'])

function metadataOf(said: Bytes, answered: Bytes): Metadata {
  const field = (bytes: Bytes, name: string): string | undefined =>
    new RegExp(String.raw`\n${name}:([^\r\n]+)`).exec(bytes.text(0, headBytes))?.[1]
  const [hostname, userName] = [field(said, 'host'), field(said, 'login')]
  const software = field(answered, 'server')
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(userName === undefined ? {} : { userName }),
    ...(software === undefined ? {} : { software }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const isClear = /\npasscode:[^\r\n]/.test(talk.client.text(0, headBytes))
  return {
    confidence: talk.confidence,
    evidence: 'connect frame',
    metadata: metadataOf(talk.client, talk.server),
    risks: isClear ? ['clear-text-credentials'] : [],
    more: talk.server.length === 0,
  }
}

export const stomp: Protocol = {
  name: 'stomp',
  title: 'STOMP',
  category: 'middleware',
  transports: ['tcp'],
  begins: 'CES',
  ports: { tcp: [61_613] },
  classify,
}
