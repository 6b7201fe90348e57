import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { elementAt, elementsIn, tag } from '../wire/der.ts'
import type { Element } from '../wire/der.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 1157 §4 and RFC 3416 (versions 1 and 2c), RFC 3412 §6 (version 3), in BER; one message a
 * datagram, exactly:
 *
 *   30 length { 02 01 00 or 01, 04 length community, A0..A8 length PDU }
 *   30 length { 02 01 03, 30 length { id, size, flags, model }, 04 length security, scoped PDU }
 *
 * The security of the user-based model (RFC 3414 §2.4) is again a sequence: engine, boots, time,
 * user name, two parameters.
 */
const versions: Readonly<Record<number, string>> = { 0: '1', 1: '2c', 3: '3' }
const firstPdu = 0xa0
const lastPdu = 0xa8

function community(bytes: Bytes, name: Element, pdu: Element, version: string): Match | 'never' {
  if (name.tag !== tag.octetString || pdu.tag < firstPdu || pdu.tag > lastPdu) return 'never'
  const isSecret = bytes.text(name.at, name.end) !== 'public'
  return {
    confidence: 95,
    evidence: `SNMP ${version} message`,
    metadata: { version },
    risks: isSecret ? ['clear-text-credentials'] : [],
  }
}

function userOf(bytes: Bytes, security: Element): Metadata {
  const sequence = elementAt(bytes, security.at, security.end)
  const user = sequence === undefined ? undefined : elementsIn(bytes, sequence, 6)[3]
  if (user === undefined || user.end === user.at) return {}
  return { userName: bytes.utf8(user.at, user.end) }
}

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined || first.bytes.u8(0) !== tag.sequence) return 'never'
  const { bytes } = first
  const message = elementAt(bytes, 0, bytes.wireLength)
  if (message?.end !== bytes.wireLength) return 'never'
  const [number, second, third] = elementsIn(bytes, message, 4)
  if (number?.tag !== tag.integer || number.end - number.at !== 1) return 'never'
  const version = versions[bytes.u8(number.at)]
  if (version === undefined || second === undefined || third === undefined) return 'never'
  if (version !== '3') return community(bytes, second, third, version)
  const header = elementsIn(bytes, second, 5).map((element) => element.tag)
  const isHeader = header.length === 4 && header[2] === tag.octetString
  if (second.tag !== tag.sequence || !isHeader || third.tag !== tag.octetString) return 'never'
  return {
    confidence: 95,
    evidence: 'SNMP 3 message',
    metadata: { version, ...userOf(bytes, third) },
  }
}

export const snmp: Protocol = {
  name: 'snmp',
  title: 'SNMP',
  category: 'management',
  transports: ['udp'],
  begins: [0x30],
  ports: { udp: [161, 162] },
  classify,
}
