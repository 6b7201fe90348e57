import { isTranslated } from '../row-filter.ts'
import { addressText, counterOf, isV6Row } from '../text-format.ts'
import type { TextFormat } from '../text-format.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'

/*
 * What `flow-import -f2 -m0xFF31EF` of flow-tools reads: the fields whose bits are in the mask, in
 * the order of the bits (flow-import(1), flow-export(1)), with commas between them.
 *
 *   0x1 unix_secs  0x2 unix_nsecs  0x4 sysuptime  0x8 exaddr           0x00000F
 *                  0x20 dpkts      0x40 doctets   0x80 first           0x0000E0  (0x10 dflows: not)
 *   0x100 last                                                         0x000100
 *   0x1000 srcaddr   0x2000 dstaddr                                    0x003000
 *   0x10000 nexthop  0x20000 input    0x40000 output  0x80000 srcport
 *   0x100000 dstport 0x200000 prot    0x400000 tos    0x800000 tcp_flags   0xFF0000
 *
 * A line of 2009: 1229348772,28728000,585028,163.1.3.221,1,84,584929,585028,10.16.207.250,
 * 18.7.22.83,0.0.0.0,0,0,0,0,1,0,0
 */

const maxU32 = 0xffffffffn
const icmp = 1

interface View {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
}

/** The connection as the inside host sees it, and as the world does where that is another. */
function viewsOf({ columns: c }: FlowBatch, row: number): View[] {
  const isIcmp = c.protocolIdentifier[row] === icmp
  // By convention ICMP has no source port, and its type and code as the destination's.
  const port = (ports: Uint16Array): number => (isIcmp ? 0 : (ports[row] ?? 0))
  const to = (ports: Uint16Array): number =>
    isIcmp ? (c.icmpTypeCode[row] ?? 0) : (ports[row] ?? 0)
  const inside = {
    source: addressText(c.sourceAddress, row),
    destination: addressText(c.destinationAddress, row),
    sourcePort: port(c.sourceTransportPort),
    destinationPort: to(c.destinationTransportPort),
  }
  if (!isTranslated(c, row)) return [inside]
  const outside = {
    source: addressText(c.postNatSourceAddress, row),
    destination: addressText(c.postNatDestinationAddress, row),
    sourcePort: port(c.postNaptSourceTransportPort),
    destinationPort: to(c.postNaptDestinationTransportPort),
  }
  return [inside, outside]
}

const capped = (counter: bigint): bigint => (counter > maxU32 ? maxU32 : counter)

/** One line for each view of a connection. */
export const flowTools: TextFormat = {
  head: '',
  lines(batch, row, { bootUs, exporter, leaveOut }) {
    const { columns: c, extras } = batch
    if (isV6Row(c, row)) {
      leaveOut('ipv6-in-flow-tools')
      return ''
    }
    const endUs = c.flowEndMicroseconds[row] ?? 0
    const uptime = (us: number): number => Math.floor((us - bootUs) / 1000) >>> 0
    const seconds = Math.floor(endUs / 1e6)
    const head = [seconds, Math.round(endUs - seconds * 1e6) * 1000, uptime(endUs), exporter]
    const first = uptime(c.flowStartMicroseconds[row] ?? 0)
    const packets = capped(counterOf(c.packetDeltaCount, row))
    const octets = capped(counterOf(c.octetDeltaCount, row))
    const input = extras.ingressInterface?.[row] ?? 0
    const output = extras.egressInterface?.[row] ?? 0
    const tail = [c.protocolIdentifier[row] ?? 0, extras.ipClassOfService?.[row] ?? 0]
    const flags = (extras.tcpControlBits?.[row] ?? 0) & 0xff
    const lines = viewsOf(batch, row).map((view) => {
      const { source, destination, sourcePort, destinationPort } = view
      const counts = [packets, octets, first, uptime(endUs)]
      const ends = [source, destination, '0.0.0.0', input, output, sourcePort, destinationPort]
      return `${[...head, ...counts, ...ends, ...tail, flags].join(',')}\n`
    })
    return lines.join('')
  },
}
