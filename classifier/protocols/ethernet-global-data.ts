import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * GE Fanuc GFK-2224, "Ethernet Global Data", all numbers LE:
 *
 *    0         1         2         4              8               12         16
 *   | type 0d | version | number  | producer (4) | exchange (4)  | seconds  | ns | status | ...  32
 */
const headerBytes = 32
const second = 1_000_000_000

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x0d || bytes.u8(1) !== 1 || bytes.wireLength < headerBytes) return 'no'
  return bytes.u32(4) > 0 && bytes.u32le(16) < second ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  return flow.hasPort(18_246)
    ? agree(flow, look, { evidence: 'produced data on its port', one: 85 })
    : 'never'
}

export const ethernetGlobalData: Protocol = {
  name: 'ethernet-global-data',
  title: 'Ethernet Global Data',
  category: 'industrial',
  transports: ['udp'],
  begins: [0x0d],
  ports: { udp: [18246] },
  classify,
}
