import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * The commands of BSD, each text with a NUL behind it; the server answers with one NUL, or with 1
 * and why not:
 *
 *   rsh, port 514      port for errors or "" | user there | user here | command
 *   rexec, port 512    port for errors or "" | user | password | command
 *   rlogin, port 513   "" | user here | user there | terminal/speed           (RFC 1282)
 */
const maxBytes = 1024
const rexecPort = 512
const user = /^[\w.@$-]{1,64}$/
const number = /^\d{0,5}$/

type Kind = 'rsh' | 'rlogin' | 'rexec'

/** The four texts; `more` where they are not all there. */
function textsOf(bytes: Bytes): string[] | Look {
  const texts = bytes.text(0, maxBytes).split('\0')
  const [errors = '', first, second] = texts
  if (!number.test(errors)) return 'no'
  if (first !== undefined && first !== '' && texts.length > 2 && !user.test(first)) return 'no'
  if (texts.length > 3 && !/^[\x21-\x7e]{1,64}$/.test(second ?? '')) return 'no'
  if (texts.length > 5 || (texts.length === 5 && texts[4] !== '')) return 'no'
  if (texts.length < 5)
    return bytes.length < maxBytes && /^[\x20-\x7e\t]*$/.test(texts.join('')) ? 'more' : 'no'
  return texts
}

function kindOf([errors = '', , , last = '']: readonly string[], flow: FlowView): Kind {
  if (errors === '' && /^[\w.+-]*\/\d{3,6}$/.test(last)) return 'rlogin'
  return flow.hasPort(rexecPort) ? 'rexec' : 'rsh'
}

function request(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first !== 0 && (first < 0x30 || first > 0x39)) return 'no'
  const texts = textsOf(bytes)
  return typeof texts === 'string' ? texts : 'yes'
}

const reply = (bytes: Bytes): Look =>
  bytes.u8(0) === 0 ? 'yes' : bytes.u8(0) === 1 ? 'more' : 'no'

function classify(flow: FlowView): Answer {
  const isUsual = [512, 513, 514].some((port) => flow.hasPort(port))
  const talk = agreement(flow, request, reply, isUsual ? 90 : 70)
  if (typeof talk === 'string') return talk
  const texts = textsOf(talk.client)
  if (typeof texts === 'string') return flow.isLast ? 'never' : 'more'
  const kind = kindOf(texts, flow)
  const userName = kind === 'rlogin' ? texts[2] : texts[1]
  const metadata: Metadata = userName === undefined ? {} : { userName }
  return {
    confidence: talk.confidence,
    protocol: kind,
    evidence: 'four texts with NUL',
    metadata,
    risks: kind === 'rexec' ? ['clear-text-credentials'] : ['obsolete-protocol'],
  }
}

export const rsh: Protocol = {
  name: 'rsh',
  title: 'Remote shell',
  category: 'remote-access',
  transports: ['tcp'],
  begins: [0, 1, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39],
  ports: { tcp: [514, 513, 512] },
  variants: { rlogin: 'Remote login', rexec: 'Remote execution' },
  classify,
}
