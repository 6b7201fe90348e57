import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Cisco, "NetFlow export datagram format"; RFC 3954 §5; RFC 7011 §3:
 *
 *    0           2           4          8            12
 *   | version   | records   | uptime   | seconds    | ...         1: 16 and 52, 5: 24 and 48,
 *                                                                 7: 24 and 52, 8 octets a record
 *   | 9         | records   | uptime   | seconds    | number (4) | source (4) | sets |
 *   | 10        | length    | seconds  | number     | domain     | sets |
 *
 *   set: | 0 .. 3, from 256 on | length (2) | ... |
 */
const sizes = new Map([
  [1, [16, 52]],
  [5, [24, 48]],
  [7, [24, 52]],
])
/** 1995, before which nothing exported flows. */
const earliest = 788_918_400

function areSets(bytes: Bytes, from: number): boolean {
  let at = from
  while (at < bytes.length) {
    const id = bytes.u16(at)
    const length = bytes.u16(at + 2)
    if (id < 0 || (id > 3 && id < 256) || length < 4) return false
    at += length
  }
  return at === bytes.wireLength || bytes.length < bytes.wireLength
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const version = bytes.u16(0)
  if (flow.transport === 'tcp') {
    if (!bytes.mayHave('\0\x0a')) return 'no'
    if (bytes.length < 20) return flow.hasPort(4739) ? 'more' : 'no'
    const id = bytes.u16(16)
    return (id === 2 || id === 3) && bytes.u32(4) > earliest ? 'yes' : 'no'
  }
  const size = sizes.get(version)
  if (size !== undefined) {
    const [header = 0, record = 0] = size
    const count = bytes.u16(2)
    const isExact = count > 0 && header + count * record === bytes.wireLength
    return isExact && bytes.u32(8) > earliest ? 'yes' : 'no'
  }
  if (version === 9) return bytes.u32(8) > earliest && areSets(bytes, 20) ? 'yes' : 'no'
  const isIpfix = version === 10 && bytes.u16(2) === bytes.wireLength && bytes.u32(4) > earliest
  return isIpfix && areSets(bytes, 16) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'header, and records of exact length' })
  if (typeof answer === 'string') return answer
  const version = flow.client.bytes.u16(0)
  const metadata = { version: String(version) }
  return { ...answer, metadata, ...(version === 10 ? { protocol: 'ipfix' } : {}) }
}

export const netflow: Protocol = {
  name: 'netflow',
  title: 'NetFlow and IPFIX',
  category: 'monitoring',
  transports: ['udp', 'tcp'],
  begins: [0],
  ports: { udp: [2055, 9995, 9996, 4739], tcp: [4739] },
  variants: { ipfix: 'IPFIX' },
  classify,
}
