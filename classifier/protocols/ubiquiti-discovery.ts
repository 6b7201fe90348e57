import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Ubiquiti's discovery (nmap, scripts/ubiquiti-discovery.nse, describes it):
 *
 *    0             1          2
 *   | version 1, 2 | command | length of the rest | | type | length (2) | value | ...
 *
 *   types: 1 MAC, 2 MAC and address, 3 firmware, b host name, c model, ...
 */
function lastOf(bytes: Bytes): number {
  let at = 4
  while (at < bytes.length && bytes.u16(at + 1) >= 0) at += 3 + bytes.u16(at + 1)
  return at
}

function look(bytes: Bytes): Look {
  const version = bytes.u8(0)
  const command = bytes.u8(1)
  if (version !== 1 && version !== 2) return 'no'
  if (bytes.u16(2) + 4 !== bytes.wireLength || command > 0x0f) return 'no'
  // A question has no more than its head.
  if (bytes.wireLength === 4) return 'more'
  return lastOf(bytes) === bytes.wireLength ? 'yes' : 'no'
}

/** Text of a type, as far as it is printable. */
function textOf(bytes: Bytes, type: number): string | undefined {
  for (let at = 4; at < bytes.length && bytes.u16(at + 1) >= 0; at += 3 + bytes.u16(at + 1)) {
    const end = at + 3 + bytes.u16(at + 1)
    if (bytes.u8(at) === type && bytes.isPrintable(at + 3, end)) return bytes.text(at + 3, end)
  }
  return undefined
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(10_001)) return 'never'
  const answer = agree(flow, look, { evidence: 'list that fills the datagram' })
  if (answer === 'more' && flow.isLast) {
    return { confidence: 60, evidence: 'question on its port' }
  }
  if (typeof answer === 'string') return answer
  const software = flow.datagrams.map(({ bytes }) => textOf(bytes, 3)).find((text) => text)
  return software === undefined ? answer : { ...answer, metadata: { software } }
}

export const ubiquitiDiscovery: Protocol = {
  name: 'ubiquiti-discovery',
  title: 'Ubiquiti discovery',
  category: 'discovery',
  transports: ['udp'],
  ports: { udp: [10001] },
  classify,
}
