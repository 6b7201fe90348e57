import { v4MappedWord } from '../model/address.ts'
import type { Columns } from '../model/flow-batch.ts'
import { fitsLayout, makeLayout, slot } from './ctnetlink-layout.ts'
import type { DecodeFailure, Layout } from './ctnetlink-layout.ts'

export const NFNL_SUBSYS_CTNETLINK = 1

export const conntrackMessage = {
  new: NFNL_SUBSYS_CTNETLINK * 256,
  get: NFNL_SUBSYS_CTNETLINK * 256 + 1,
  delete: NFNL_SUBSYS_CTNETLINK * 256 + 2,
} as const

/** Multicast groups as a mask: NFNLGRP_CONNTRACK_NEW is group 1, _DESTROY group 3. */
export const conntrackGroups = { new: 1 << 0, destroy: 1 << 2 } as const

/** IPS_ASSURED: traffic in both directions, so the longer timeout. */
export const statusAssured = 1 << 2

/** Layouts that are remembered, by the messages' length. */
const layoutPlaces = 256

/**
 * Decodes conntrack entries straight into a row of a batch. What has no column is left in fields of
 * the decoder, valid until the next call.
 */
export class ConntrackDecoder {
  /** IPS_* bits. */
  status = 0
  /** enum tcp_conntrack (SYN_SENT 1 .. CLOSE 8), 0 where none was told. */
  tcpState = 0
  /** Microseconds since 1970; 0 where the kernel did not say. */
  startUs = 0.5
  stopUs = 0.5
  eventUs = 0.5
  hasCounters = false
  failure: DecodeFailure | undefined = undefined
  private readonly layouts: (Layout | undefined)[] = Array.from({ length: layoutPlaces })

  /** The layout of the last message whose attributes had this length, where it is remembered. */
  layoutOf(length: number): Layout | undefined {
    const layout = this.layouts[(length >> 2) & (layoutPlaces - 1)]
    return layout?.length === length ? layout : undefined
  }

  /**
   * Reads the attributes in [from, to) of a message into row `row`. Sets tuples, protocol, ICMP
   * type, zone, id, mark and the four counters (totals since the entry was made).
   *
   * @returns false where the message is no use; `failure` then says why
   */
  decode(view: DataView, from: number, to: number, columns: Columns, row: number): boolean {
    const place = ((to - from) >> 2) & (layoutPlaces - 1)
    let layout = this.layouts[place]
    if (layout === undefined || layout.length !== to - from || !fitsLayout(layout, view, from)) {
      const made = makeLayout(view, from, to)
      if (typeof made === 'string') {
        this.failure = made
        return false
      }
      layout = made
      this.layouts[place] = made
    }
    const { values } = layout
    readTuples(values, view, from, columns, row)
    readPorts(values, view, from, columns, row)
    columns.ingressVrfId[row] = u16(view, from, values[slot.zone])
    columns.conntrackId[row] = u32(view, from, values[slot.id])
    columns.conntrackMark[row] = u32(view, from, values[slot.mark])
    readCounters(values, view, from, columns, row)
    this.hasCounters = (values[slot.packets] ?? -1) >= 0 || (values[slot.replyPackets] ?? -1) >= 0
    this.status = u32(view, from, values[slot.status]) & 0x7fffffff
    this.tcpState = u8(view, from, values[slot.tcpState])
    this.startUs = microseconds(view, from, values[slot.start])
    this.stopUs = microseconds(view, from, values[slot.stop])
    this.eventUs = microseconds(view, from, values[slot.event])
    return true
  }
}

function u8(view: DataView, from: number, at = -1): number {
  return at < 0 ? 0 : view.getUint8(from + at)
}

function u16(view: DataView, from: number, at = -1): number {
  return at < 0 ? 0 : view.getUint16(from + at)
}

function u32(view: DataView, from: number, at = -1): number {
  return at < 0 ? 0 : view.getUint32(from + at)
}

/** Nanoseconds to microseconds, rounded down within 1 us; 0 where there are none. */
function microseconds(view: DataView, from: number, at = -1): number {
  if (at < 0) return 0
  const nanoseconds = view.getUint32(from + at) * 4294967296 + view.getUint32(from + at + 4)
  return Math.floor(nanoseconds / 1000)
}

/** One address, IPv4 where it has one. */
function readAddress(
  view: DataView,
  from: number,
  at4: number | undefined,
  at6: number | undefined,
  target: Uint32Array,
  word: number
): void {
  if (at4 !== undefined && at4 >= 0) {
    target[word] = 0
    target[word + 1] = 0
    target[word + 2] = v4MappedWord
    target[word + 3] = view.getUint32(from + at4)
    return
  }
  const at = from + (at6 ?? 0)
  target[word] = view.getUint32(at)
  target[word + 1] = view.getUint32(at + 4)
  target[word + 2] = view.getUint32(at + 8)
  target[word + 3] = view.getUint32(at + 12)
}

/**
 * Addresses of both directions. The reply's source is where the connection really went, its
 * destination whom the world saw.
 */
function readTuples(
  at: readonly number[],
  view: DataView,
  from: number,
  columns: Columns,
  row: number
): void {
  const word = 4 * row
  const { sourceAddress, destinationAddress } = columns
  const { postNatSourceAddress, postNatDestinationAddress } = columns
  readAddress(view, from, at[slot.originalSource], at[slot.originalSource6], sourceAddress, word)
  readAddress(
    view,
    from,
    at[slot.originalDestination],
    at[slot.originalDestination6],
    destinationAddress,
    word
  )
  readAddress(
    view,
    from,
    at[slot.replySource],
    at[slot.replySource6],
    postNatDestinationAddress,
    word
  )
  readAddress(
    view,
    from,
    at[slot.replyDestination],
    at[slot.replyDestination6],
    postNatSourceAddress,
    word
  )
}

/** Protocol and ports; for ICMP the identifier stands for the source port. */
function readPorts(
  at: readonly number[],
  view: DataView,
  from: number,
  columns: Columns,
  row: number
): void {
  columns.protocolIdentifier[row] = u8(view, from, at[slot.protocol])
  const type = u8(view, from, at[slot.icmpType])
  columns.icmpTypeCode[row] = (type << 8) | u8(view, from, at[slot.icmpCode])
  if ((at[slot.originalIcmpId] ?? -1) >= 0) {
    columns.sourceTransportPort[row] = u16(view, from, at[slot.originalIcmpId])
    columns.destinationTransportPort[row] = 0
    columns.postNaptSourceTransportPort[row] = u16(view, from, at[slot.replyIcmpId])
    columns.postNaptDestinationTransportPort[row] = 0
    return
  }
  columns.sourceTransportPort[row] = u16(view, from, at[slot.originalSourcePort])
  columns.destinationTransportPort[row] = u16(view, from, at[slot.originalDestinationPort])
  columns.postNaptSourceTransportPort[row] = u16(view, from, at[slot.replyDestinationPort])
  columns.postNaptDestinationTransportPort[row] = u16(view, from, at[slot.replySourcePort])
}

function readCounter(
  view: DataView,
  from: number,
  at: number | undefined,
  column: Uint32Array,
  row: number
): void {
  const there = at !== undefined && at >= 0
  column[2 * row] = there ? view.getUint32(from + at + 4) : 0
  column[2 * row + 1] = there ? view.getUint32(from + at) : 0
}

function readCounters(
  at: readonly number[],
  view: DataView,
  from: number,
  columns: Columns,
  row: number
): void {
  readCounter(view, from, at[slot.packets], columns.packetDeltaCount, row)
  readCounter(view, from, at[slot.octets], columns.octetDeltaCount, row)
  readCounter(view, from, at[slot.replyPackets], columns.reversePacketDeltaCount, row)
  readCounter(view, from, at[slot.replyOctets], columns.reverseOctetDeltaCount, row)
}
