import type { Columns } from '../model/flow-batch.ts'
import { decodeTuple } from './ctnetlink-tuple.ts'
import type { DecodeFailure } from './ctnetlink-tuple.ts'
import { align4, attributeHeaderBytes, attributeTypeMask } from './messages.ts'

/*
 * A conntrack entry as ctnetlink tells it (include/uapi/linux/netfilter/nfnetlink_conntrack.h),
 * in an event or in a dump; attributes come in any order and unknown ones are passed over:
 *
 *   CTA_TUPLE_ORIG, CTA_TUPLE_REPLY      see ctnetlink-tuple.ts
 *   CTA_STATUS u32     CTA_PROTOINFO > CTA_PROTOINFO_TCP > CTA_PROTOINFO_TCP_STATE u8
 *   CTA_MARK u32       CTA_ID u32      CTA_ZONE u16
 *   CTA_COUNTERS_ORIG, CTA_COUNTERS_REPLY > CTA_COUNTERS_PACKETS u64, _BYTES u64
 *   CTA_TIMESTAMP > CTA_TIMESTAMP_START u64, _STOP u64   ns since 1970, nf_conntrack_timestamp=1
 *   CTA_TIMESTAMP_EVENT u64                              the same, in each event since Linux 6.14
 */
export const NFNL_SUBSYS_CTNETLINK = 1

export const conntrackMessage = {
  new: NFNL_SUBSYS_CTNETLINK * 256,
  get: NFNL_SUBSYS_CTNETLINK * 256 + 1,
  delete: NFNL_SUBSYS_CTNETLINK * 256 + 2,
} as const

/** Multicast groups as a mask: NFNLGRP_CONNTRACK_NEW is group 1, _DESTROY group 3. */
export const conntrackGroups = { new: 1 << 0, update: 1 << 1, destroy: 1 << 2 } as const

/** IPS_ASSURED: traffic in both directions, so the longer timeout. */
export const statusAssured = 1 << 2

const CTA = {
  tupleOrig: 1,
  tupleReply: 2,
  status: 3,
  protoInfo: 4,
  mark: 8,
  countersOrig: 9,
  countersReply: 10,
  id: 12,
  zone: 18,
  timestamp: 20,
  timestampEvent: 27,
} as const

const has = { orig: 1, reply: 2, counters: 4 } as const

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
  private present = 0

  /**
   * Reads the attributes in [from, to) of a message into row `row`. Sets tuples, protocol, ICMP
   * type, zone, id, mark and the four counters (totals since the entry was made).
   *
   * @returns false where the message is no use; `failure` then says why
   */
  decode(view: DataView, from: number, to: number, columns: Columns, row: number): boolean {
    this.reset(columns, row)
    let at = from
    while (at + attributeHeaderBytes <= to) {
      const length = view.getUint16(at, true)
      if (length < attributeHeaderBytes || at + length > to) return this.fail('attribute-length')
      const type = view.getUint16(at + 2, true) & attributeTypeMask
      if (!this.attribute(view, type, at + attributeHeaderBytes, at + length, columns, row)) {
        return false
      }
      at += align4(length)
    }
    if ((this.present & (has.orig | has.reply)) !== (has.orig | has.reply)) {
      return this.fail('tuple-missing')
    }
    this.hasCounters = (this.present & has.counters) !== 0
    return true
  }

  private take(failure: DecodeFailure | undefined): boolean {
    return failure === undefined || this.fail(failure)
  }

  private fail(reason: DecodeFailure): false {
    this.failure = reason
    return false
  }

  private reset(columns: Columns, row: number): void {
    this.status = 0
    this.tcpState = 0
    this.startUs = 0
    this.stopUs = 0
    this.eventUs = 0
    this.present = 0
    this.failure = undefined
    columns.protocolIdentifier[row] = 0
    columns.icmpTypeCode[row] = 0
    columns.ingressVrfId[row] = 0
    columns.conntrackId[row] = 0
    columns.conntrackMark[row] = 0
    const at = 2 * row
    columns.octetDeltaCount[at] = columns.octetDeltaCount[at + 1] = 0
    columns.packetDeltaCount[at] = columns.packetDeltaCount[at + 1] = 0
    columns.reverseOctetDeltaCount[at] = columns.reverseOctetDeltaCount[at + 1] = 0
    columns.reversePacketDeltaCount[at] = columns.reversePacketDeltaCount[at + 1] = 0
  }

  private attribute(
    view: DataView,
    type: number,
    at: number,
    end: number,
    columns: Columns,
    row: number
  ): boolean {
    const size = end - at
    switch (type) {
      case CTA.tupleOrig:
        this.present |= has.orig
        return this.take(decodeTuple(view, at, end, columns, row, true))
      case CTA.tupleReply:
        this.present |= has.reply
        return this.take(decodeTuple(view, at, end, columns, row, false))
      case CTA.status:
        if (size < 4) return this.fail('value-length')
        this.status = view.getUint32(at) & 0x7fffffff
        return true
      case CTA.protoInfo:
        return this.protocolInfo(view, at, end)
      case CTA.mark:
        if (size < 4) return this.fail('value-length')
        columns.conntrackMark[row] = view.getUint32(at)
        return true
      case CTA.countersOrig:
        this.present |= has.counters
        return this.counters(
          view,
          at,
          end,
          columns.packetDeltaCount,
          columns.octetDeltaCount,
          2 * row
        )
      case CTA.countersReply:
        this.present |= has.counters
        return this.counters(
          view,
          at,
          end,
          columns.reversePacketDeltaCount,
          columns.reverseOctetDeltaCount,
          2 * row
        )
      case CTA.id:
        if (size < 4) return this.fail('value-length')
        columns.conntrackId[row] = view.getUint32(at)
        return true
      case CTA.zone:
        if (size < 2) return this.fail('value-length')
        columns.ingressVrfId[row] = view.getUint16(at)
        return true
      case CTA.timestamp:
        return this.timestamps(view, at, end)
      case CTA.timestampEvent:
        if (size < 8) return this.fail('value-length')
        this.eventUs = microseconds(view, at)
        return true
      default:
        return true
    }
  }

  private protocolInfo(view: DataView, from: number, to: number): boolean {
    if (from + attributeHeaderBytes > to) return true
    const length = view.getUint16(from, true)
    if (length < attributeHeaderBytes || from + length > to) return this.fail('attribute-length')
    if ((view.getUint16(from + 2, true) & attributeTypeMask) !== 1) return true
    let at = from + attributeHeaderBytes
    const end = from + length
    while (at + attributeHeaderBytes < end) {
      const size = view.getUint16(at, true)
      if (size < attributeHeaderBytes || at + size > end) return this.fail('attribute-length')
      const type = view.getUint16(at + 2, true) & attributeTypeMask
      if (type === 1 && size > attributeHeaderBytes) {
        this.tcpState = view.getUint8(at + attributeHeaderBytes)
      }
      at += align4(size)
    }
    return true
  }

  private counters(
    view: DataView,
    from: number,
    to: number,
    packets: Uint32Array,
    octets: Uint32Array,
    word: number
  ): boolean {
    let at = from
    while (at + attributeHeaderBytes <= to) {
      const length = view.getUint16(at, true)
      if (length < attributeHeaderBytes || at + length > to) return this.fail('attribute-length')
      const type = view.getUint16(at + 2, true) & attributeTypeMask
      if (type === 1 || type === 2) {
        if (length < attributeHeaderBytes + 8) return this.fail('value-length')
        const target = type === 1 ? packets : octets
        target[word] = view.getUint32(at + attributeHeaderBytes + 4)
        target[word + 1] = view.getUint32(at + attributeHeaderBytes)
      }
      at += align4(length)
    }
    return true
  }

  private timestamps(view: DataView, from: number, to: number): boolean {
    let at = from
    while (at + attributeHeaderBytes <= to) {
      const length = view.getUint16(at, true)
      if (length < attributeHeaderBytes || at + length > to) return this.fail('attribute-length')
      const type = view.getUint16(at + 2, true) & attributeTypeMask
      if (type === 1 || type === 2) {
        if (length < attributeHeaderBytes + 8) return this.fail('value-length')
        const us = microseconds(view, at + attributeHeaderBytes)
        if (type === 1) this.startUs = us
        else this.stopUs = us
      }
      at += align4(length)
    }
    return true
  }
}

/** Nanoseconds as a 64-bit number in network order, to microseconds (rounded down within 1 us). */
function microseconds(view: DataView, at: number): number {
  return Math.floor((view.getUint32(at) * 4294967296 + view.getUint32(at + 4)) / 1000)
}
