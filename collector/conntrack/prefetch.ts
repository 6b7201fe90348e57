import type { ConntrackDecoder } from '../../netlink/ctnetlink.ts'
import { slot } from '../../netlink/ctnetlink-layout.ts'
import { nfgenmsgBytes, nlmsghdrBytes } from '../../netlink/messages.ts'
import { tupleHashV4 } from './open-row.ts'
import type { NetlinkSocket } from '../../netlink/socket.ts'
import type { Tracker } from './tracker.ts'

/** A read of fewer finds its places in the cache, or does not matter. */
const worthLooking = 16

/**
 * Brings into the processor's cache what a batch of events is about to touch. A big table lies in
 * memory far away, and an event that waits for five places there one after the other waits longer
 * than all the rest of its work takes; looked at for a whole batch beforehand, the places are
 * fetched side by side. It only looks: a wrong guess costs nothing but the look.
 */
export class Prefetch {
  private readonly tupleHashes: Int32Array
  private readonly most: number
  private count = 0

  /** @param most events of one batch */
  constructor(most: number) {
    this.most = most
    this.tupleHashes = new Int32Array(most)
  }

  /** Looks ahead at what the datagrams of a read will touch. */
  look(events: NetlinkSocket, datagrams: number, tracker: Tracker): void {
    if (datagrams < worthLooking) return
    this.count = 0
    for (let place = 0; place < datagrams; place++) {
      const from = place * events.slotBytes
      this.add(events.view, from, from + events.peekLength(place), tracker.decoder)
    }
    tracker.table.touch(this.tupleHashes, this.count)
  }

  /**
   * Takes the first message of a datagram; one that is not IPv4, or of a new shape, is left out.
   */
  private add(view: DataView, from: number, to: number, decoder: ConntrackDecoder): void {
    const at = from + nlmsghdrBytes + nfgenmsgBytes
    if (at >= to || this.count >= this.most) return
    const values = decoder.expectedValues(to - at)
    const source = values?.[slot.originalSource] ?? -1
    if (values === undefined || source < 0) return
    const port = values[slot.originalSourcePort] ?? -1
    if (port < 0) return
    const zone = values[slot.zone] ?? -1
    this.tupleHashes[this.count] = tupleHashV4(
      view.getUint32(at + source),
      view.getUint32(at + (values[slot.originalDestination] ?? 0)),
      view.getUint16(at + port) |
        (view.getUint16(at + (values[slot.originalDestinationPort] ?? 0)) << 16),
      view.getUint8(at + (values[slot.protocol] ?? 0)) ^
        (zone < 0 ? 0 : view.getUint16(at + zone) << 16)
    )
    this.count++
  }
}
