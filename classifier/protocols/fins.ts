import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Omron W342, §5-1:
 *
 *    0     1     2       3                 6            9      10         12
 *   | ICF | 0   | gates | net, node, unit | the sender | SID  | command  | ...
 *
 *   ICF: 1 (gateway) | 1 response | 0 (5) | 1 no response wanted |
 *
 * Over TCP in front of it: | FINS | length (4) | command (4) | error (4) |.
 */
const commands = new Set([
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0c, 0x20, 0x21, 0x22, 0x23,
])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'tcp') {
    if (!bytes.mayHave('FINS\0\0')) return 'no'
    return bytes.length < 12 ? 'more' : bytes.u32(8) <= 6 ? 'yes' : 'no'
  }
  const control = bytes.u8(0)
  if (!flow.hasPort(9600) || bytes.wireLength < 12) return 'no'
  if ((control & 0x3e) !== 0 || (control & 0x80) === 0 || bytes.u8(1) !== 0) return 'no'
  const [gates, command] = [bytes.u8(2), bytes.u8(10)]
  return gates <= 7 && commands.has(command) && bytes.u8(11) <= 0x48 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'FINS header', one: 85 }

export const fins: Protocol = {
  name: 'fins',
  title: 'Omron FINS',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  begins: [0x46, 0x80, 0x81, 0xc0, 0xc1],
  ports: { udp: [9600], tcp: [9600] },
  classify: (flow) => agree(flow, look, found),
}
