import { EventBatch } from '../../../collector/conntrack/event-batch.ts'
import { eventSlotBytes } from '../../../collector/conntrack/event-memory.ts'
import { mmsghdrBytes } from '../../../netlink/mmsghdr.ts'
import { makeHarness } from './tracker-harness.ts'

const MSG_TRUNC = 0x20

/** A tracker that is fed batches of events as from a socket. */
export function makeBatchHarness(...given: Parameters<typeof makeHarness>) {
  const harness = makeHarness(...given)
  const { tracker, journal } = harness
  const { data, headers } = journal.memory.receiveBuffers
  const batch = new EventBatch(tracker, journal)
  const lengthOf = (slot: number): number => {
    const cut = headers.readInt32LE(slot * mmsghdrBytes + 48) & MSG_TRUNC
    return cut === 0 ? headers.readUInt32LE(slot * mmsghdrBytes + 56) : 0
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const datagrams = { view, slotBytes: eventSlotBytes, lengthOf }
  let handedBack = 0
  const whole = tracker.datagram.bind(tracker)
  tracker.datagram = (...args) => {
    handedBack++
    return whole(...args)
  }
  return {
    ...harness,
    /** How many datagrams were taken by the tracker itself. */
    handedBack: () => handedBack,
    /** Takes datagrams as one batch; an empty one was longer than its slot. */
    take(list: readonly Uint8Array[], afterUs: number, beforeUs: number): void {
      tracker.arrivedAfterUs = afterUs
      tracker.arrivedBeforeUs = beforeUs
      for (const [slot, octets] of list.entries()) {
        data.set(octets, slot * eventSlotBytes)
        headers.writeUInt32LE(octets.length, slot * mmsghdrBytes + 56)
        headers.writeInt32LE(octets.length === 0 ? MSG_TRUNC : 0, slot * mmsghdrBytes + 48)
      }
      batch.take(datagrams, list.length)
    },
  }
}
