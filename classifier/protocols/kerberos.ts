import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { elementAt, elementsIn } from '../wire/der.ts'
import type { Element } from '../wire/der.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 4120 §5 in DER; over TCP (§7.2.2) behind a length of four octets:
 *
 *   | 6A or 6C | length | 30 | length | [1] version 5 | [2] type 10, 12 | [4] what is asked for |
 *   | 6B, 6D, 7E | ...  | 30 | length | [0] version 5 | [1] type 11, 13, 30 | ... |
 *
 * Asked for: [1] client, [2] realm, [3] server. Answers: [3] realm, [4] client; errors: [7] realm,
 * [8] client, [9] realm, [10] server. A name is { [0] kind, [1] { text ... } }.
 */
const types: Readonly<Record<number, number>> = { 0x6a: 10, 0x6b: 11, 0x6c: 12, 0x6d: 13, 0x7e: 30 }
const maxBytes = 65_536

const field = (number: number): number => 0xa0 | number

/** The content of a field: the one element within it. */
function within(bytes: Bytes, fields: readonly Element[], number: number): Element | undefined {
  const found = fields.find((element) => element.tag === field(number))
  return found && elementAt(bytes, found.at, found.end)
}

const textOf = (bytes: Bytes, element: Element | undefined): string =>
  element === undefined ? '' : bytes.text(element.at, Math.min(element.end, element.at + 256))

/** The parts of a name with slashes between them. */
function nameOf(bytes: Bytes, name: Element | undefined): string {
  const parts = name && within(bytes, elementsIn(bytes, name, 4), 1)
  if (parts === undefined) return ''
  return elementsIn(bytes, parts, 8)
    .map((part) => textOf(bytes, part))
    .join('/')
}

/** Where the message begins: behind the length of TCP. */
const startOf = (flow: FlowView): number => (flow.transport === 'tcp' ? 4 : 0)

function lookAt(bytes: Bytes, start: number): Look {
  if (start > 0 && bytes.u8(0) > 0) return 'no'
  const kind = bytes.u8(start)
  if (kind < 0) return 'more'
  const type = types[kind]
  if (type === undefined) return 'no'
  if (bytes.length < start + 20) return 'more'
  const message = elementAt(bytes, start, maxBytes)
  if (message === undefined) return 'no'
  if (start > 0 && bytes.u32(0) !== message.end - start) return 'no'
  if (start === 0 && message.end !== bytes.wireLength) return 'no'
  const body = elementAt(bytes, message.at, message.end)
  if (body?.tag !== 0x30) return 'no'
  const [version, number] = elementsIn(bytes, body, 2)
  const isRequest = type === 10 || type === 12
  if (version?.tag !== field(isRequest ? 1 : 0) || bytes.u8(version.end - 1) !== 5) return 'no'
  return number !== undefined && bytes.u8(number.end - 1) === type ? 'yes' : 'no'
}

function namesOf(bytes: Bytes, start: number): Metadata {
  const message = elementAt(bytes, start, maxBytes)
  const body = message && elementAt(bytes, message.at, message.end)
  if (message === undefined || body === undefined) return {}
  const type = types[message.tag]
  const outer = elementsIn(bytes, body, 16)
  const asked = type === 10 || type === 12 ? within(bytes, outer, 4) : undefined
  const fields = asked === undefined ? outer : elementsIn(bytes, asked, 16)
  const [client, realm, server] =
    asked === undefined ? (type === 30 ? [8, 9, 10] : [4, 3, -1]) : [1, 2, 3]
  const userName = nameOf(bytes, within(bytes, fields, client ?? -1))
  const hostname = nameOf(bytes, within(bytes, fields, server ?? -1))
  const name = textOf(bytes, within(bytes, fields, realm ?? -1))
  return {
    ...(userName === '' ? {} : { userName }),
    ...(name === '' ? {} : { realm: name }),
    ...(hostname === '' ? {} : { hostname }),
  }
}

function classify(flow: FlowView): Answer {
  const start = startOf(flow)
  const look = (bytes: Bytes): Look => lookAt(bytes, start)
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const type = types[(client.length > 0 ? client : server).u8(start)]
  return {
    confidence,
    evidence: `Kerberos message type ${type}`,
    metadata: { ...namesOf(server, start), ...namesOf(client, start) },
  }
}

export const kerberos: Protocol = {
  name: 'kerberos',
  title: 'Kerberos',
  category: 'authentication',
  transports: ['tcp', 'udp'],
  begins: [0, 0x6a, 0x6b, 0x6c, 0x6d, 0x7e],
  ports: { tcp: [88], udp: [88] },
  classify,
}
