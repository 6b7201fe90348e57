import type { Bytes } from '../../model/bytes.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6726 §3.1, over LCT (RFC 5651 §5.1):
 *
 *    0                                                    2               3
 *   | version 1 (4)| C (2)| PSI (2)| S| O (2)| H| 0 (2)| A B | words       | codepoint |
 *   | congestion (4 (C + 1)) | session (4 S + 2 H) | object (4 O + 2 H) | extensions |
 *
 *   the description of the files (object 0) has an extension:
 *
 *   | c0 | version 1, 2 (4), instance (20) |
 */
function look(bytes: Bytes): Look {
  const [first, second] = [bytes.u8(0), bytes.u8(1)]
  if (first >> 4 !== 1) return 'no'
  const end = 4 * bytes.u8(2)
  const half = (second >> 4) & 1
  const session = 4 * (second >> 7) + 2 * half
  const object = 4 * ((second >> 5) & 3) + 2 * half
  let at = 4 + 4 * (((first >> 2) & 3) + 1) + session + object
  const isDescription = bytes.u16(at - Math.min(2, object)) === 0 && object > 0
  if (!isDescription || at > end || end > bytes.wireLength) return 'no'
  while (at < end) {
    const kind = bytes.u8(at)
    if (kind === 0xc0)
      return bytes.u8(at + 1) >> 4 === 1 || bytes.u8(at + 1) >> 4 === 2 ? 'yes' : 'no'
    at += kind >= 0x80 ? 4 : 4 * Math.max(1, bytes.u8(at + 1))
  }
  return 'no'
}

/** Files follow their description. */
function classify(flow: FlowView): Answer {
  if ((flow.datagrams[0]?.bytes.u8(0) ?? -1) >> 4 !== 1) return 'never'
  const isFirst = flow.datagrams.some(({ bytes }) => look(bytes) === 'yes')
  if (isFirst) return { confidence: 90, evidence: 'description of files (EXT_FDT)' }
  const areBlocks = flow.datagrams.every(({ bytes }) => bytes.u8(0) >> 4 === 1 && bytes.u8(2) >= 3)
  return areBlocks && areSized(flow) ? 'more' : 'never'
}

/** True where the header has its size, so that a description may still come. */
function areSized(flow: FlowView): boolean {
  return flow.datagrams.every(
    ({ bytes }) => 4 * bytes.u8(2) + 4 <= bytes.wireLength && bytes.u8(2) <= 16
  )
}

export const flute: Protocol = {
  name: 'flute',
  title: 'FLUTE',
  category: 'streaming',
  transports: ['udp'],
  begins: [
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
  ],
  classify,
}
