import { fitsLayout, slot } from '../../netlink/ctnetlink-layout.ts'
import type { Layout } from '../../netlink/ctnetlink-layout.ts'
import { conntrackMessage } from '../../netlink/ctnetlink.ts'
import { nfgenmsgBytes, nlmsgFlag, nlmsghdrBytes } from '../../netlink/messages.ts'
import { longestShape, place, shapeBytes, shapes } from './event-memory.ts'
import type { EventMemory } from './event-memory.ts'

/** Octets before the first attribute. */
const headBytes = nlmsghdrBytes + nfgenmsgBytes
/** Length, type and flags of a message are its shape's; its sequence number and sender are not. */
const comparedHead = 8
/** Where the octets that a shape has begin, and their mask. */
const templateAt = 128
const maskAt = 640

/** From a tuple's source on, as the kernel writes it: destination, protocol, both ports. */
const tupleOffsets = [8, 20, 28, 36] as const
const original = [
  slot.originalDestination,
  slot.protocol,
  slot.originalSourcePort,
  slot.originalDestinationPort,
] as const
const reply = [
  slot.replyDestination,
  undefined,
  slot.replySourcePort,
  slot.replyDestinationPort,
] as const

/** What no shape has: another family, other identifiers than ports. */
const foreign = [
  slot.originalSource6,
  slot.originalDestination6,
  slot.replySource6,
  slot.replyDestination6,
  slot.originalIcmpId,
  slot.icmpType,
  slot.icmpCode,
  slot.replyIcmpId,
] as const
const counters = [slot.packets, slot.octets, slot.replyPackets, slot.replyOctets] as const

/** The words of a shape from the third on, as event-kernels.wat draws it. */
const wordsOf = [
  slot.originalSource,
  slot.replySource,
  slot.zone,
  slot.status,
  slot.tcpState,
  slot.mark,
  slot.id,
  slot.packets,
  slot.octets,
  slot.replyPackets,
  slot.replyOctets,
  slot.start,
  slot.stop,
  slot.event,
] as const

/** True where both tuples are of IPv4 addresses and ports, in the kernel's own order. */
function isPlain({ values }: Layout, isEnd: boolean): boolean {
  const at = (value: number): number => values[value] ?? -1
  if (foreign.some((value) => at(value) >= 0)) return false
  // A beginning has no counters; one that had would be a forgery that is not worth a shape.
  if (!isEnd && counters.some((value) => at(value) >= 0)) return false
  for (const [source, others] of [
    [slot.originalSource, original],
    [slot.replySource, reply],
  ] as const) {
    if (at(source) < 0) return false
    for (const [i, other] of others.entries()) {
      if (other !== undefined && at(other) !== at(source) + (tupleOffsets[i] ?? 0)) return false
    }
  }
  return true
}

/** Shapes of datagrams that compiled kernels take, learned from those that they handed back. */
export class EventShapes {
  private readonly memory: EventMemory
  private readonly known: (Layout | undefined)[] = Array.from({ length: shapes })

  constructor(memory: EventMemory) {
    this.memory = memory
  }

  /**
   * Learns the shape of a datagram in [from, to) of the memory's receive buffer, whose only message
   * may have been decoded by a layout. Until the next batch is looked at, no kernel may run.
   */
  learn(layout: Layout, view: DataView, from: number, to: number): void {
    const length = to - from
    if (length > longestShape || length !== layout.length + headBytes) return
    if (view.getUint32(from, true) !== length) return
    // Another of this length may have been decoded since.
    if (!fitsLayout(layout, view, from + headBytes)) return
    const type = view.getUint16(from + 4, true)
    const flags = view.getUint16(from + 6, true)
    const isEnd = type === conntrackMessage.delete
    const begins = type === conntrackMessage.new && (flags & nlmsgFlag.create) !== 0
    if (!(isEnd || begins) || (flags & nlmsgFlag.dumpInterrupted) !== 0) return
    const number = ((length >> 2) & 127) | (isEnd ? 128 : 0)
    if (this.known[number] === layout || !isPlain(layout, isEnd)) return
    this.known[number] = layout
    this.write(number, layout, isEnd, new Uint8Array(view.buffer, view.byteOffset + from, length))
  }

  private write(number: number, layout: Layout, isEnd: boolean, datagram: Uint8Array): void {
    const at = place.shapes + number * shapeBytes
    const octets = new Uint8Array(this.memory.columns.buffer, at, shapeBytes).fill(0)
    const words = new Int32Array(octets.buffer, at, templateAt / 4)
    const offsets = wordsOf.map((value) => {
      const offset = layout.values[value] ?? -1
      return offset < 0 ? 0 : offset + headBytes
    })
    const { length } = datagram
    words.set([length, Math.ceil(length / 16), ...offsets, isEnd ? 1 : 0])
    octets.set(datagram, templateAt)
    octets.fill(0xff, maskAt, maskAt + comparedHead)
    for (let i = 0; i + 1 < layout.headers.length; i += 2) {
      const header = maskAt + headBytes + (layout.headers[i] ?? 0)
      octets.fill(0xff, header, header + 4)
    }
  }
}
