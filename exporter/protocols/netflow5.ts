import {
  constant32,
  constant8,
  write16,
  write32In16,
  write64In32,
  write8,
  writeUptime,
  writeV4,
} from '../column-writers.ts'
import type { Column, Run } from '../column-writers.ts'
import { columnOf, isV6In } from '../flavours.ts'
import type { Item, LayoutWish, MessageHead, Protocol, Uncarried } from '../protocol.ts'

/*
 * Cisco, "NetFlow Export Datagram Format", version 5. Header:
 *
 *   0 version 5 (16) | 2 records (16) | 4 SysUptime, ms (32) | 8 UNIX seconds (32)
 *   12 residual nanoseconds (32) | 16 flows before this packet (32)
 *   20 engine type (8) | 21 engine id (8) | 22 sampling mode (2), interval (14)
 *
 * Record, 48 octets:
 *
 *   0 source | 4 destination | 8 next hop | 12 input (16) | 14 output (16)
 *   16 packets (32) | 20 octets (32) | 24 first | 28 last, in SysUptime
 *   32 source port | 34 destination port | 36 pad | 37 TCP flags | 38 protocol | 39 ToS
 *   40 AS numbers (2 x 16) | 44 masks (2 x 8) | 46 pad (16)
 *
 * The destination port of ICMP is type * 256 + code, its source port 0. What is not known is 0:
 * next hop, AS, masks, and the sampling, of which there is none.
 */

const icmpProtocol = 1
const portsAt = 32

/** Takes the identifier of ICMP, which stands in the port columns, out of a whole record. */
function clearIcmpPorts(run: Run, _offset: number, column: Column): void {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    if (column[rows[first + i] ?? 0] !== icmpProtocol) continue
    view.setUint32((starts[i] ?? 0) + portsAt, 0)
  }
}

/** Puts the type into the destination's port; the column is 0 for what is not ICMP. */
function orIcmpType(run: Run, _offset: number, column: Column): void {
  const { view, starts, rows, first, count } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + portsAt + 2
    view.setUint16(at, view.getUint16(at) | (column[rows[first + i] ?? 0] ?? 0))
  }
}

/** Items without a place of their own, which mend what stands before them. */
const noPlace = { id: 0, bytes: 0 } as const

const zero = (bytes: 1 | 4): Item => ({
  element: { id: 0, bytes },
  write: bytes === 1 ? constant8 : constant32,
  constant: 0,
})

function layout({ flavour, families, extras, bootUs }: LayoutWish): readonly Item[] | Uncarried {
  const v6 = (['sourceAddress', 'destinationAddress'] as const).some((name) =>
    isV6In(flavour, name, families)
  )
  if (v6) return 'ipv6-in-netflow5'
  const item = (
    name: Parameters<typeof columnOf>[1],
    bytes: number,
    write: Item['write']
  ): Item => ({
    element: { id: 0, bytes },
    write,
    column: columnOf(flavour, name),
    constant: bootUs,
  })
  const interfaces = (['ingressInterface', 'egressInterface'] as const).every((name) =>
    extras.has(name)
  )
  return [
    item('sourceAddress', 4, writeV4),
    item('destinationAddress', 4, writeV4),
    zero(4),
    ...(interfaces
      ? [item('ingressInterface', 2, write32In16), item('egressInterface', 2, write32In16)]
      : [zero(4)]),
    item('packetDeltaCount', 4, write64In32),
    item('octetDeltaCount', 4, write64In32),
    item('flowStartMicroseconds', 4, writeUptime),
    item('flowEndMicroseconds', 4, writeUptime),
    item('sourceTransportPort', 2, write16),
    item('destinationTransportPort', 2, write16),
    zero(1),
    extras.has('tcpControlBits') ? item('tcpControlBits', 1, write8) : zero(1),
    item('protocolIdentifier', 1, write8),
    extras.has('ipClassOfService') ? item('ipClassOfService', 1, write8) : zero(1),
    zero(4),
    zero(4),
    { element: noPlace, write: clearIcmpPorts, column: 'protocolIdentifier' },
    // What the answer's type was, nobody has seen.
    ...(flavour === 'inside' || flavour === 'outside'
      ? [{ element: noPlace, write: orIcmpType, column: 'icmpTypeCode' } as const]
      : []),
  ]
}

export const netflow5: Protocol = {
  name: 'netflow5',
  headerBytes: 24,
  setHeaderBytes: 0,
  padTo: 1,
  maxRecords: 30,
  layout,
  writeHeader(view, at, head: MessageHead) {
    view.setUint16(at, 5)
    view.setUint16(at + 2, head.records)
    // Rounded up: a flow that ends in this millisecond does not end after its packet.
    const uptimeMs = Math.ceil((head.exportUs - head.bootUs) / 1000)
    const atUs = head.bootUs + uptimeMs * 1000
    view.setUint32(at + 4, uptimeMs)
    view.setUint32(at + 8, Math.floor(atUs / 1e6))
    view.setUint32(at + 12, (atUs - Math.floor(atUs / 1e6) * 1e6) * 1000)
    view.setUint32(at + 16, head.sequence)
    view.setUint16(at + 20, head.domain)
    view.setUint16(at + 22, 0)
  },
  sequenceStep: (dataRecords) => dataRecords,
}
