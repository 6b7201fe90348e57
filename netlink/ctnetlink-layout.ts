import { align4, attributeHeaderBytes, attributeTypeMask } from './messages.ts'

/*
 * A conntrack entry as ctnetlink tells it (include/uapi/linux/netfilter/nfnetlink_conntrack.h), in
 * an event or in a dump. Attributes come in any order, unknown ones are passed over:
 *
 *    1 CTA_TUPLE_ORIG, 2 CTA_TUPLE_REPLY
 *        1 CTA_TUPLE_IP     1 CTA_IP_V4_SRC, 2 _DST (4 octets) or 3 CTA_IP_V6_SRC, 4 _DST (16)
 *        2 CTA_TUPLE_PROTO  1 CTA_PROTO_NUM u8, then
 *                           2 CTA_PROTO_SRC_PORT, 3 _DST_PORT u16  (GRE: its keys)
 *                           4 CTA_PROTO_ICMP_ID u16, 5 _TYPE u8, 6 _CODE u8; 7, 8, 9 for ICMPv6
 *        3 CTA_TUPLE_ZONE   u16, where only this direction has the zone
 *    3 CTA_STATUS u32       4 CTA_PROTOINFO > 1 CTA_PROTOINFO_TCP > 1 CTA_PROTOINFO_TCP_STATE u8
 *    8 CTA_MARK u32        12 CTA_ID u32       18 CTA_ZONE u16
 *    9 CTA_COUNTERS_ORIG, 10 CTA_COUNTERS_REPLY > 1 CTA_COUNTERS_PACKETS u64, 2 _BYTES u64
 *   20 CTA_TIMESTAMP > 1 CTA_TIMESTAMP_START u64, 2 _STOP u64   ns since 1970
 *   27 CTA_TIMESTAMP_EVENT u64                                 the same, in events since Linux 6.14
 *
 * Values are in network order.
 */

/** Numbers of the values that are of use; `values[slot.mark]` is where the mark stands. */
export const slot = {
  originalSource: 0,
  originalDestination: 1,
  originalSource6: 2,
  originalDestination6: 3,
  replySource: 4,
  replyDestination: 5,
  replySource6: 6,
  replyDestination6: 7,
  protocol: 8,
  originalSourcePort: 9,
  originalDestinationPort: 10,
  originalIcmpId: 11,
  icmpType: 12,
  icmpCode: 13,
  replySourcePort: 14,
  replyDestinationPort: 15,
  replyIcmpId: 16,
  zone: 17,
  status: 18,
  tcpState: 19,
  mark: 20,
  id: 21,
  packets: 22,
  octets: 23,
  replyPackets: 24,
  replyOctets: 25,
  start: 26,
  stop: 27,
  event: 28,
  /** Read and of no use: what the reply direction repeats. */
  unused: 29,
} as const

const slots = 30

/** What stands in an attribute: a value of at least so many octets, or further attributes. */
type Shape =
  | { readonly slot: number; readonly octets: number }
  | { readonly inside: Readonly<Record<number, Shape>> }

const value = (place: number, octets: number): Shape => ({ slot: place, octets })
const nested = (inside: Readonly<Record<number, Shape>>): Shape => ({ inside })

const counters = (packets: number, octets: number): Shape =>
  nested({ 1: value(packets, 8), 2: value(octets, 8) })

const originalTuple = nested({
  1: nested({
    1: value(slot.originalSource, 4),
    2: value(slot.originalDestination, 4),
    3: value(slot.originalSource6, 16),
    4: value(slot.originalDestination6, 16),
  }),
  2: nested({
    1: value(slot.protocol, 1),
    2: value(slot.originalSourcePort, 2),
    3: value(slot.originalDestinationPort, 2),
    4: value(slot.originalIcmpId, 2),
    5: value(slot.icmpType, 1),
    6: value(slot.icmpCode, 1),
    7: value(slot.originalIcmpId, 2),
    8: value(slot.icmpType, 1),
    9: value(slot.icmpCode, 1),
  }),
  3: value(slot.zone, 2),
})

const replyTuple = nested({
  1: nested({
    1: value(slot.replySource, 4),
    2: value(slot.replyDestination, 4),
    3: value(slot.replySource6, 16),
    4: value(slot.replyDestination6, 16),
  }),
  2: nested({
    1: value(slot.unused, 1),
    2: value(slot.replySourcePort, 2),
    3: value(slot.replyDestinationPort, 2),
    4: value(slot.replyIcmpId, 2),
    7: value(slot.replyIcmpId, 2),
  }),
})

const entry: Readonly<Record<number, Shape>> = {
  1: originalTuple,
  2: replyTuple,
  3: value(slot.status, 4),
  4: nested({ 1: nested({ 1: value(slot.tcpState, 1) }) }),
  8: value(slot.mark, 4),
  9: counters(slot.packets, slot.octets),
  10: counters(slot.replyPackets, slot.replyOctets),
  12: value(slot.id, 4),
  18: value(slot.zone, 2),
  20: nested({ 1: value(slot.start, 8), 2: value(slot.stop, 8) }),
  27: value(slot.event, 8),
}

/** Why a message was refused; each is a counter. */
export const decodeFailures = ['attribute-length', 'value-length', 'tuple-missing'] as const
export type DecodeFailure = (typeof decodeFailures)[number]

/**
 * Where messages of one shape have their values. The kernel writes the entries of one kind all
 * alike, so a message whose attribute headers are those of the layout needs no second walk.
 */
export interface Layout {
  /** Octets of all attributes. */
  readonly length: number
  /**
   * Each attribute header: where it stands, and its four octets as a signed word. Plain arrays of
   * small integers, as everything here: V8 reads them in half the time of a typed array.
   */
  readonly headers: readonly number[]
  /** Where the value of each slot stands, from the first attribute on; -1: it is not there. */
  readonly values: readonly number[]
}

/** Collects what a walk finds. */
interface Walk {
  readonly view: DataView
  readonly from: number
  readonly headers: number[]
  readonly values: number[]
}

function walk(
  state: Walk,
  shapes: Readonly<Record<number, Shape>>,
  from: number,
  to: number
): DecodeFailure | undefined {
  const { view, values, headers } = state
  let at = from
  while (at + attributeHeaderBytes <= to) {
    const length = view.getUint16(at, true)
    if (length < attributeHeaderBytes || at + length > to) return 'attribute-length'
    headers.push(at - state.from, view.getInt32(at, true))
    const shape = shapes[view.getUint16(at + 2, true) & attributeTypeMask]
    const inner = at + attributeHeaderBytes
    if (shape !== undefined && 'slot' in shape) {
      if (length < attributeHeaderBytes + shape.octets) return 'value-length'
      values[shape.slot] = inner - state.from
    } else if (shape !== undefined) {
      const failure = walk(state, shape.inside, inner, at + length)
      if (failure !== undefined) return failure
    }
    at += align4(length)
  }
  return undefined
}

/** True where both directions have their addresses, and the protocol is told. */
function hasTuples(values: readonly number[]): boolean {
  const has = (place: number): boolean => (values[place] ?? -1) >= 0
  const original = has(slot.originalSource) && has(slot.originalDestination)
  const original6 = has(slot.originalSource6) && has(slot.originalDestination6)
  const reply = has(slot.replySource) && has(slot.replyDestination)
  const reply6 = has(slot.replySource6) && has(slot.replyDestination6)
  return has(slot.protocol) && (original || original6) && (reply || reply6)
}

/** Walks the attributes in [from, to), checking every length. */
export function makeLayout(view: DataView, from: number, to: number): Layout | DecodeFailure {
  const values = Array.from({ length: slots }, () => -1)
  const state: Walk = { view, from, headers: [], values }
  const failure = walk(state, entry, from, to)
  if (failure !== undefined) return failure
  if (!hasTuples(values)) return 'tuple-missing'
  return { length: to - from, headers: state.headers, values }
}

/** True where the message at `from`, of the layout's length, has just the layout's attributes. */
export function fitsLayout(layout: Layout, view: DataView, from: number): boolean {
  const { headers } = layout
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (view.getInt32(from + (headers[i] ?? 0), true) !== headers[i + 1]) return false
  }
  return true
}
