import type { Bytes } from '../../model/bytes.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * haproxy.org, "The PROXY protocol" §2, in front of what is proxied:
 *
 *   PROXY TCP4 source destination port port CR LF                                   version 1
 *   | 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a | 20, 21 | family | length (2) | ...      version 2
 */
const signature = '\r\n\r\n\0\r\nQUIT\n'
const line = /^PROXY (TCP4|TCP6|UNKNOWN)( [^\r\n]*)?$/
const maxLine = 108

function classify(flow: FlowView): Answer {
  const { bytes } = flow.client
  if (bytes.length === 0) return flow.server.bytes.length > 0 && flow.isLast ? 'never' : 'more'
  const end = endOf(bytes)
  if (end < 0) return end === -1 ? 'more' : 'never'
  const metadata = tlsWithin(bytes, end)
  const more = metadata.ja4 === undefined && flow.packets < 8
  const version = bytes.u8(0) === 0x50 ? '1' : '2'
  return {
    confidence: 95,
    evidence: `header of version ${version}`,
    metadata: { version, ...metadata },
    more,
  }
}

/** Where the header ends: -1 where it is not all there, -2 where it is none. */
function endOf(bytes: Bytes): number {
  if (bytes.mayHave(signature)) {
    if (bytes.length < 16) return -1
    return bytes.u8(12) >> 4 === 2 ? 16 + bytes.u16(14) : -2
  }
  if (!bytes.mayHave('PROXY ')) return -2
  const end = bytes.indexOf(10, 0, maxLine)
  if (end < 0) return bytes.length < maxLine ? -1 : -2
  return line.test(bytes.text(0, end - 1)) ? end + 1 : -2
}

export const proxyProtocol: Protocol = {
  name: 'proxy-protocol',
  title: 'PROXY protocol',
  category: 'tunnel',
  transports: ['tcp'],
  begins: 'P\r',
  classify,
}
