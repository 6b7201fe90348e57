import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { linesOf, lookAtLine } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1288 §2.3, port 79: the client sends one line, the server answers with text and closes.
 *
 *   [/W] [name][@host ...] CR LF
 */
const port = 79
const query = /^(\/W *)?[\w.-]{0,64}(@[\w.-]+)* *$/

function request(bytes: Bytes): Look {
  if (bytes.has('\r\n')) return bytes.length === 2 ? 'yes' : 'no'
  if (bytes.has('\r')) return 'more'
  const look = lookAtLine(bytes, query)
  return look === 'yes' && bytes.indexOf(10) !== bytes.length - 1 ? 'no' : look
}

const reply = (bytes: Bytes): Look => {
  const first = bytes.u8(0)
  return (first >= 0x20 && first < 0x7f) || first === 13 || first === 10 ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  // A line says too little anywhere else.
  if (!flow.hasPort(port)) return 'never'
  const talk = agreement(flow, request, reply, 80)
  if (typeof talk === 'string') return talk
  const userName = /^(?:\/W *)?([\w.-]+)/.exec(linesOf(talk.client, 1)[0] ?? '')?.[1]
  return {
    confidence: 80,
    evidence: 'one line at its port',
    metadata: userName === undefined ? {} : { userName },
  }
}

export const finger: Protocol = {
  name: 'finger',
  title: 'Finger',
  category: 'other',
  transports: ['tcp'],
  ports: { tcp: [port] },
  classify,
}
