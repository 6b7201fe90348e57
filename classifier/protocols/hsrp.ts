import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2281 §5 (version 1), 20 octets, MD5 behind it or not:
 *
 *   | 0 | op 0..3 | state 0 1 2 4 8 16 | hello | hold | priority | group | 0 | password (8) | IP |
 *
 * Version 2 is a list of | type | length | value |: 1 group state (40), 3 text (8), 4 MD5 (28); its
 * group state begins with | 2 | op | state | 4 or 6 | group (2) | ...
 */
const states = new Set([0, 1, 2, 4, 8, 16])
const lengths = new Map([
  [1, 40],
  [2, 4],
  [3, 8],
  [4, 28],
])

function isVersion1(bytes: Bytes): boolean {
  const isSized = bytes.wireLength === 20 || bytes.wireLength === 50
  return (
    isSized && bytes.u8(0) === 0 && bytes.u8(1) <= 3 && states.has(bytes.u8(2)) && bytes.u8(7) === 0
  )
}

function isVersion2(bytes: Bytes): boolean {
  let at = 0
  while (at < bytes.length && lengths.get(bytes.u8(at)) === bytes.u8(at + 1)) {
    at += 2 + bytes.u8(at + 1)
  }
  return at === bytes.wireLength && at > 0
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(1985) && !flow.hasPort(2029)) return 'never'
  const look = (bytes: Bytes): Look => (isVersion1(bytes) || isVersion2(bytes) ? 'yes' : 'no')
  return agree(flow, look, { evidence: 'state of a group, of exact size' })
}

export const hsrp: Protocol = {
  name: 'hsrp',
  title: 'HSRP',
  category: 'routing',
  transports: ['udp'],
  ports: { udp: [1985, 2029] },
  classify,
}
