import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * CIP volume 2 §2-3, all numbers LE:
 *
 *    0          2         4          8         12             20         24
 *   | command  | length  | session  | status  | context (8)  | options 0 | data
 */
const commands = new Set([0x01, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73])
const headerBytes = 24

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (bytes.length > 1 && !commands.has(bytes.u16le(0))) return 'no'
  if (bytes.length < headerBytes) {
    const isCut = flow.transport === 'tcp' && (bytes.length < 4 || bytes.u16le(2) < 600)
    return isCut && flow.hasPort(44_818) ? 'more' : 'no'
  }
  if (bytes.u32(20) !== 0 || bytes.u32le(8) > 0x69) return 'no'
  const end = headerBytes + bytes.u16le(2)
  if (flow.transport === 'udp') return end === bytes.wireLength ? 'yes' : 'no'
  const { firstSize } = fromClient ? flow.client : flow.server
  return firstSize < headerBytes || end >= firstSize || flow.hasPort(44_818) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const evidence = 'encapsulation header and length'
  return agree(flow, look, flow.hasPort(44_818) ? { evidence } : { evidence, one: 60, both: 90 })
}

export const ethernetIp: Protocol = {
  name: 'ethernet-ip',
  title: 'EtherNet/IP',
  category: 'industrial',
  transports: ['tcp', 'udp'],
  begins: [0x01, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73],
  ports: { tcp: [44818], udp: [44818] },
  classify,
}
