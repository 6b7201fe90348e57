import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { readHead } from '../wire/http-head.ts'
import type { HttpHead } from '../wire/http-head.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 3261 §7, built like HTTP:
 *
 *   INVITE sip:bob@example.net SIP/2.0 CRLF      or SIP/2.0 200 OK
 *   Via: ... From: ... To: ... CRLF ... CRLF
 *
 * Both sides send requests. Between them CRLF CRLF or zeros keep the way open (RFC 5626 §3.5.1).
 */
const methods = [
  'INVITE ',
  'ACK ',
  'BYE ',
  'CANCEL ',
  'OPTIONS ',
  'REGISTER ',
  'PRACK ',
  'SUBSCRIBE ',
  'NOTIFY ',
  'PUBLISH ',
  'INFO ',
  'REFER ',
  'MESSAGE ',
  'UPDATE ',
]
const start = /^([A-Z]+ ([a-z][a-z0-9.+-]*:)?[^ ]+ SIP\/2\.0|SIP\/2\.0 [1-6]\d\d( .*)?)$/
const maxStart = 2048

/** Behind what only keeps the way open. */
function messageAt(bytes: Bytes): number {
  let at = 0
  while (at < 16 && [13, 10, 0].includes(bytes.u8(at))) at++
  return at
}

function look(bytes: Bytes): Look {
  const at = messageAt(bytes)
  if (at >= bytes.length) return 'more'
  if (!bytes.mayHave('SIP/2.0 ', at) && !methods.some((word) => bytes.mayHave(word, at)))
    return 'no'
  const end = bytes.indexOf(10, at, at + maxStart)
  if (end < 0) return bytes.length < at + maxStart ? 'more' : 'no'
  const line = bytes.text(at, bytes.u8(end - 1) === 13 ? end - 1 : end)
  return start.test(line) ? 'yes' : 'no'
}

/** The address within `"Bob" <sip:bob@example.net>;tag=1`. */
function addressOf(field: string | undefined): string | undefined {
  const address = /<([^>]+)>/.exec(field ?? '')?.[1] ?? field?.split(';')[0]
  return address
    ?.replace(/^sips?:/i, '')
    .split(';')[0]
    ?.trim()
}

function metadataOf(head: HttpHead): Metadata {
  const { fields } = head
  const isRequest = !head.startLine.startsWith('SIP/')
  const callFrom = addressOf(fields.get('from') ?? fields.get('f'))
  const callTo = addressOf(fields.get('to') ?? fields.get('t'))
  const agent = fields.get(isRequest ? 'user-agent' : 'server') ?? fields.get('user-agent')
  const logsIn = fields.get('authorization') ?? fields.get('proxy-authorization')
  const userName = /username="([^"]+)"/.exec(logsIn ?? '')?.[1]
  const realm = /realm="([^"]+)"/.exec(logsIn ?? fields.get('www-authenticate') ?? '')?.[1]
  return {
    ...(callFrom === undefined ? {} : { callFrom }),
    ...(callTo === undefined ? {} : { callTo }),
    ...(agent === undefined ? {} : { [isRequest ? 'userAgent' : 'serverAgent']: agent }),
    ...(userName === undefined ? {} : { userName }),
    ...(realm === undefined ? {} : { realm }),
  }
}

const headOf = (bytes: Bytes): Metadata => {
  const head = bytes.length === 0 ? undefined : readHead(bytes, messageAt(bytes))
  return head === undefined ? {} : metadataOf(head)
}

/** Over UDP the first datagram may be one that only keeps the way open. */
function classifyUdp(flow: FlowView): Answer {
  for (const { bytes } of flow.datagrams) {
    const found = look(bytes)
    if (found === 'no') return 'never'
    if (found === 'yes') return { confidence: 95, evidence: 'SIP message', metadata: headOf(bytes) }
  }
  return 'more'
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  return {
    confidence: talk.confidence,
    evidence: 'SIP message',
    metadata: { ...headOf(talk.server), ...headOf(talk.client) },
  }
}

export const sip: Protocol = {
  name: 'sip',
  title: 'SIP',
  category: 'voip',
  transports: ['tcp', 'udp'],
  begins: [0, 0x0a, 0x0d, 0x41, 0x42, 0x43, 0x49, 0x4d, 0x4e, 0x4f, 0x50, 0x52, 0x53, 0x55],
  ports: { tcp: [5060], udp: [5060] },
  classify,
}
