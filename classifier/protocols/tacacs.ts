import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 8907 §4.1; a client's numbers are odd, a server's even:
 *
 *    0         1             2          3       4             8            12
 *   | C0 / C1 | type 1 .. 3 | sequence | flags | session (4) | length (4) | body, as long |
 *
 * Flags: 1 the body is not obfuscated, 4 one connection for several sessions.
 */
const clearText = 1
const maxBody = 65_536

function lookAt(bytes: Bytes, parity: 0 | 1): Look {
  if ((bytes.u8(0) & 0xfe) !== 0xc0) return 'no'
  if (bytes.length < 12)
    return bytes.length < 2 || (bytes.u8(1) >= 1 && bytes.u8(1) <= 3) ? 'more' : 'no'
  const length = bytes.u32(8)
  const isHead = bytes.u8(1) >= 1 && bytes.u8(1) <= 3 && (bytes.u8(3) & ~5) === 0
  if (!isHead || (bytes.u8(2) & 1) !== parity || length > maxBody || length < 5) return 'no'
  return bytes.length < 12 + length ? 'more' : 'yes'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(
    flow,
    (bytes) => lookAt(bytes, 1),
    (bytes) => lookAt(bytes, 0)
  )
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  if (client.length > 0 && server.length > 0 && client.u32(4) !== server.u32(4)) return 'never'
  const flags = (client.length > 0 ? client : server).u8(3)
  return {
    confidence,
    evidence: 'TACACS+ packet',
    risks: (flags & clearText) === 0 ? [] : ['clear-text-credentials'],
  }
}

export const tacacs: Protocol = {
  name: 'tacacs',
  title: 'TACACS+',
  category: 'authentication',
  transports: ['tcp'],
  begins: [0xc0, 0xc1],
  ports: { tcp: [49] },
  classify,
}
