import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2608 §8 (version 2), lengths of the whole message:
 *
 *    0           1          2            5           7                      10    12
 *   | version 2 | function | length (3) | flags (2) | next extension (3)   | XID | tag ..
 *
 *   flags: |overflow|fresh|request multicast| 13 zero bits |
 *
 * RFC 2165 §4 (version 1):
 *
 *    0           1          2            4       5           6          8                10    12
 *   | version 1 | function | length (2) | flags | dialect 0 | language | character code | XID |
 */
const maxFunction = { 1: 10, 2: 11 } as const
/** Language tags are short (RFC 5646 §4.4.1). */
const maxTagBytes = 35

function isVersion2(bytes: Bytes): boolean {
  const [flags, tagLength] = [bytes.u16(5), bytes.u16(12)]
  const isTag = tagLength >= 2 && tagLength <= maxTagBytes
  if ((flags & 0x1fff) !== 0 || !isTag) return false
  return bytes.u24(2) >= 14 + tagLength && bytes.isPrintable(14, 14 + tagLength)
}

function isVersion1(bytes: Bytes): boolean {
  return bytes.u16(2) >= 12 && (bytes.u8(4) & 0x07) === 0 && bytes.u8(5) === 0
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const version = bytes.u8(0)
  if (version !== 1 && version !== 2) return 'no'
  const kind = bytes.u8(1)
  if (bytes.length > 1 && (kind < 1 || kind > maxFunction[version])) return 'no'
  if (bytes.length < 16) return flow.transport === 'tcp' ? 'more' : 'no'
  if (!(version === 2 ? isVersion2(bytes) : isVersion1(bytes))) return 'no'
  const length = version === 2 ? bytes.u24(2) : bytes.u16(2)
  if (flow.transport === 'tcp') return flow.hasPort(427) ? 'yes' : 'no'
  return length === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'SLP header and exact length' }

export const slp: Protocol = {
  name: 'slp',
  title: 'Service Location Protocol',
  category: 'discovery',
  transports: ['udp', 'tcp'],
  begins: [1, 2],
  ports: { udp: [427], tcp: [427] },
  classify: (flow) => agree(flow, look, found),
}
