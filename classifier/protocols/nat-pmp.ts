import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6886 §3:
 *
 *   | 0 | 0 |                                                       the outer address is asked for
 *   | 0 | 1 UDP, 2 TCP | 0 0 | inner port | outer port | lifetime (4) |         12 octets
 *   | 0 | 80 + op | result (2) | epoch (4) | ...                             12, 16 octets
 *
 * RFC 6887 §7 (PCP), 24 .. 1100 octets, a multiple of four:
 *
 *   | 2 | answer, opcode (7) | reserved, result | lifetime (4) | address (16), or epoch ... |
 */
const maxPcp = 1100
/** EXCESSIVE_REMOTE_PEERS. */
const lastResult = 13

function isPmp(bytes: Bytes): boolean {
  const size = bytes.wireLength
  const opcode = bytes.u8(1)
  if (bytes.u8(0) !== 0) return false
  if (opcode === 0) return size === 2
  if (opcode === 1 || opcode === 2) return size === 12 && bytes.u16(2) === 0
  if (opcode === 0x80) return size === 12 || size === 8
  return (opcode === 0x81 || opcode === 0x82) && (size === 16 || size === 8)
}

function isPcp(bytes: Bytes): boolean {
  const size = bytes.wireLength
  const opcode = bytes.u8(1) & 0x7f
  const isAnswer = bytes.u8(1) >= 0x80
  if (bytes.u8(2) !== 0 || bytes.u8(3) > (isAnswer ? lastResult : 0)) return false
  return bytes.u8(0) === 2 && opcode <= 3 && size >= 24 && size <= maxPcp && size % 4 === 0
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(5351) && !flow.hasPort(5350)) return 'never'
  const first = flow.datagrams[0]?.bytes
  const protocol = first !== undefined && isPcp(first) ? { protocol: 'pcp' } : {}
  const look = (bytes: Bytes): Look => (isPmp(bytes) || isPcp(bytes) ? 'yes' : 'no')
  const answer = agree(flow, look, { evidence: 'request or answer of exact size' })
  return typeof answer === 'object' ? { ...answer, ...protocol } : answer
}

export const natPmp: Protocol = {
  name: 'nat-pmp',
  title: 'NAT-PMP and PCP',
  category: 'network',
  transports: ['udp'],
  ports: { udp: [5351, 5350] },
  variants: { pcp: 'PCP' },
  classify,
}
