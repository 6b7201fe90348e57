import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { elementAt, elementsIn, tag } from '../wire/der.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { ntlmUser } from '../wire/ntlm.ts'
import { afterStartTls } from '../wire/ldap-starttls.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 4511 §4.1.1 and §5.1, in BER, over UDP as well (CLDAP):
 *
 *   30 length { 02 length message-id, operation, [A0 controls] }
 *
 * Operations of the client: 60 bind, 42 unbind, 63 search, 66 modify, 68 add, 4A delete, 6C modify
 * name, 6E compare, 50 abandon, 77 extended. Of the server: 61, 64, 65, 67, 69, 6B, 6D, 6F, 73, 78,
 * 79. A bind holds { 02 01 version, 04 length name, 80 length password or A3 mechanism }.
 */
const requests = new Set([0x60, 0x42, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77])
const replies = new Set([0x61, 0x64, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x73, 0x78, 0x79])
const bind = 0x60
const simple = 0x80
const maxMessage = 1 << 20

interface Head {
  /** Tag of the operation and where it begins. */
  readonly operation: number
  readonly at: number
  readonly end: number
}

/** The head of a message, which may be cut behind its operation's tag. */
function headOf(bytes: Bytes): Head | Look {
  if (bytes.u8(0) !== tag.sequence) return 'no'
  if (bytes.length < 7) return 'more'
  const message = elementAt(bytes, 0, maxMessage)
  const number = message && elementAt(bytes, message.at, message.end)
  if (message === undefined || number?.tag !== tag.integer) return 'no'
  const size = number.end - number.at
  if (size < 1 || size > 5 || bytes.u8(number.at) > 0x7f) return 'no'
  const operation = bytes.u8(number.end)
  if (operation < 0) return 'more'
  // It ends with the message, or controls follow it.
  const body = elementAt(bytes, number.end, message.end)
  if (
    body === undefined ||
    (body.end !== message.end && body.end < bytes.length && bytes.u8(body.end) !== 0xa0)
  ) {
    return bytes.length < number.end + 6 && body === undefined ? 'more' : 'no'
  }
  return { operation, at: number.end, end: message.end }
}

function lookAmong(operations: ReadonlySet<number>): (bytes: Bytes) => Look {
  return (bytes) => {
    const head = headOf(bytes)
    if (typeof head === 'string') return head
    return operations.has(head.operation) ? 'yes' : 'no'
  }
}

const request = lookAmong(requests)
const reply = lookAmong(replies)

/** Who binds, and whether with a password that can be read. */
function bindOf(client: Bytes): { metadata: Metadata; hasPassword: boolean } {
  const head = headOf(client)
  const none = { metadata: {}, hasPassword: false }
  if (typeof head === 'string' || head.operation !== bind) return none
  const body = elementAt(client, head.at, head.end)
  const [version, name, proof] = body === undefined ? [] : elementsIn(client, body, 4)
  if (version === undefined || name === undefined || proof === undefined) return none
  const userName = client.utf8(name.at, name.end)
  return {
    metadata: { version: String(client.u8(version.at)), ...(userName === '' ? {} : { userName }) },
    hasPassword: proof.tag === simple && proof.end > proof.at,
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const { client, confidence } = talk
  const { metadata, hasPassword } = bindOf(client)
  const hello = afterStartTls(client)
  return {
    confidence,
    evidence: 'LDAP message',
    metadata: { ...metadata, ...ntlmUser(client), ...hello },
    risks: hasPassword ? ['clear-text-credentials'] : [],
    more: flow.transport === 'tcp' && hello !== undefined && hello.ja3 === undefined,
  }
}

export const ldap: Protocol = {
  name: 'ldap',
  title: 'LDAP',
  category: 'authentication',
  transports: ['tcp', 'udp'],
  begins: '0',
  ports: { tcp: [389, 3268], udp: [389] },
  classify,
}
