import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5424 §6 and, as it grew before, RFC 3164 §4:
 *
 *   <PRI>1 2024-01-31T09:15:00.000Z host app 123 id [data] text
 *   <PRI>Jan 31 09:15:00 host tag: text            much leaves out the time or more of it
 *
 * PRI is 0 .. 191. Over TCP (RFC 6587) one after the other, with a line feed behind each, or with
 * its length and a space before each.
 */
const modern = /^<\d{1,3}>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/
const grown = /^<\d{1,3}>(\d+: )?[*.]?([A-Z][a-z]{2} [ \d]\d |\d{4} )/
const tagged = /^<\d{1,3}>\s?[\w.()[\]/-]+( \S+)?: ?\S/
const headBytes = 80

function classify(flow: FlowView): Answer {
  const [client, server] = flow.sides
  const isTcp = flow.transport === 'tcp'
  const said = client.bytes.length > 0 ? client : server
  // Nobody answers it.
  if (isTcp && client.bytes.length > 0 && server.bytes.length > 0) return 'never'
  const at = isTcp ? countEnd(said.bytes) : 0
  if (at < 0) return 'never'
  const { bytes } = said
  if (bytes.length <= at) return isTcp ? 'more' : 'never'
  if (bytes.u8(at) !== 0x3c) return 'never'
  const end = bytes.indexOf(0x3e, at + 1, at + 5)
  if (end < 0) return isTcp && bytes.length < at + 5 ? 'more' : 'never'
  const priority = bytes.text(at + 1, end)
  if (!/^\d{1,3}$/.test(priority) || Number(priority) > 191) return 'never'
  const text = bytes.text(at, at + headBytes)
  if (modern.test(text)) return { confidence: 95, evidence: 'syslog, RFC 5424' }
  if (grown.test(text)) return { confidence: 90, evidence: 'syslog with a time' }
  if (isTcp && bytes.length < at + headBytes && !flow.isLast) return 'more'
  const isUsual = flow.hasPort(514) || flow.hasPort(601)
  if (isUsual && isText(bytes, end + 1)) return { confidence: 80, evidence: 'priority of syslog' }
  return tagged.test(text) ? { confidence: 70, evidence: 'priority and tag' } : 'never'
}

/** Whether text of any language begins there. */
function isText(bytes: Bytes, from: number): boolean {
  const to = Math.min(from + 16, bytes.length)
  for (let at = from; at < to; at++) {
    const octet = bytes.u8(at)
    if ((octet < 0x20 && (octet < 9 || octet > 13)) || octet === 0x7f) return false
  }
  return to > from
}

/** Behind a length and a space; 0 where there is none, -1 where it is something else. */
function countEnd(bytes: Bytes): number {
  const first = bytes.u8(0)
  if (first === 0x3c) return 0
  if (first < 0x31 || first > 0x39) return -1
  const space = bytes.indexOf(0x20, 1, 7)
  if (space < 0) return bytes.length < 7 && /^\d+$/.test(bytes.text()) ? bytes.length : -1
  return /^\d+$/.test(bytes.text(0, space)) ? space + 1 : -1
}

export const syslog: Protocol = {
  name: 'syslog',
  title: 'Syslog',
  category: 'monitoring',
  transports: ['tcp', 'udp'],
  begins: '123456789<',
  ports: { udp: [514], tcp: [601] },
  classify,
}
