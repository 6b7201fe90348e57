import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MikroTik MNDP (wiki.mikrotik.com, "Neighbor discovery"; Wireshark's dissector names the types):
 *
 *    0        2          4
 *   | header | number   | | type (2) | length (2) | value | ...
 *
 *   types: 1 MAC, 5 identity, 7 version, 8 platform, 10 uptime, 11 software id, 12 board, ...
 *
 * A question is four zeros.
 */
const maxType = 32

function versionOf(bytes: Bytes): string | undefined {
  let [at, version, hasPlatform] = [4, '', false]
  while (at < bytes.length) {
    const [type, length] = [bytes.u16(at), bytes.u16(at + 2)]
    if (type < 1 || type > maxType || length < 0) return undefined
    const end = at + 4 + length
    if (type === 7) version = bytes.text(at + 4, Math.min(end, at + 64))
    if (type === 8) hasPlatform = true
    at = end
  }
  return at === bytes.wireLength && hasPlatform ? version : undefined
}

function look(bytes: Bytes): Look {
  if (bytes.wireLength === 4 && bytes.u32(0) === 0) return 'more'
  return versionOf(bytes) === undefined ? 'no' : 'yes'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(5678)) return 'never'
  const answer = agree(flow, look, { evidence: 'list that fills the datagram' })
  if (answer === 'more' && flow.isLast) return { confidence: 60, evidence: 'question on its port' }
  if (typeof answer === 'string') return answer
  const software = flow.datagrams.map(({ bytes }) => versionOf(bytes)).find((text) => text)
  return software === undefined
    ? answer
    : { ...answer, metadata: { software: `RouterOS ${software}` } }
}

export const mndp: Protocol = {
  name: 'mndp',
  title: 'MikroTik neighbour discovery',
  category: 'discovery',
  transports: ['udp'],
  onPorts: { udp: [5678] },
  ports: { udp: [5678] },
  classify,
}
