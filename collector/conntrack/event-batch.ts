import { maxSliceUs } from '../../model/limits.ts'
import { nfgenmsgBytes, nlmsghdrBytes } from '../../netlink/messages.ts'
import { kernelModule } from './event-kernel-module.ts'
import { place } from './event-memory.ts'
import type { EventMemory } from './event-memory.ts'
import { EventShapes } from './event-shapes.ts'
import type { RowJournal } from './row-journal.ts'
import { writeVerdict } from './row-verdicts.ts'
import { timeoutUs } from './timeouts.ts'
import type { Timeouts } from './timeouts.ts'
import type { Tracker } from './tracker.ts'

/** Datagrams in the receive buffer of an {@link EventMemory}: those of a socket. */
interface Datagrams {
  readonly view: DataView
  readonly slotBytes: number
  /** Octets of the datagram in a slot; 0 where it was cut short. */
  lengthOf(slot: number): number
}

/** Datagrams of a batch whose shapes are looked at. */
const mostLearned = 8

/** Why the kernels stopped; see event-kernels.wat. */
const stops = { done: 0, handedBack: 1 } as const

/**
 * Takes a batch of events into a tracker: the plain ones by compiled kernels, whatever these hand
 * back by the tracker itself, each in its turn.
 */
export class EventBatch {
  private readonly tracker: Tracker
  private readonly journal: RowJournal
  private readonly memory: EventMemory
  private readonly kernels: ReturnType<EventMemory['kernels']>
  private readonly shapes: EventShapes
  /** Where each begins and ends of those that were handed back first. */
  private readonly handedBack: number[] = []
  private timeouts: Timeouts | undefined

  /** @param journal the tracker's */
  constructor(tracker: Tracker, journal: RowJournal) {
    this.tracker = tracker
    this.journal = journal
    this.memory = journal.memory
    this.kernels = this.memory.kernels(kernelModule)
    this.shapes = new EventShapes(this.memory)
    this.memory.numbers[place.longest] = maxSliceUs
  }

  /** Takes the first `count` datagrams of the receive buffer. */
  take(datagrams: Datagrams, count: number): void {
    if (count <= 0) return
    const { tracker, memory } = this
    const { words, numbers } = memory
    const { timeouts } = tracker.rows
    if (this.timeouts !== timeouts) this.writeTimeouts(timeouts)
    words[place.count] = count
    words[place.next] = 0
    words[place.dump] = tracker.dump
    numbers[place.arrivedAfter] = tracker.arrivedAfterUs
    numbers[place.arrivedBefore] = tracker.arrivedBeforeUs
    this.kernels.look()
    for (let stop = this.run(); stop !== stops.done; stop = this.run()) {
      if (stop !== stops.handedBack) this.journal.flush()
      else this.takeOne(datagrams, words[place.next] ?? 0)
    }
    if (this.handedBack.length > 0) this.learn(datagrams)
  }

  /** Runs the kernels up to where they stop. */
  private run(): number {
    const { tracker, journal } = this
    const { words } = this.memory
    const { opens, slices } = journal
    const first = slices.length
    words[place.opens] = opens.length
    words[place.slices] = first
    words[place.begun] = 0
    words[place.ended] = 0
    words[place.verdicts] = 0
    const stop = this.kernels.take()
    const begun = words[place.begun] ?? 0
    const ended = words[place.ended] ?? 0
    tracker.counters.messages += begun + ended
    tracker.counters.newEvents += begun
    tracker.counters.destroyEvents += ended
    opens.length += begun
    slices.length += ended
    const isTold = (words[place.verdicts] ?? 0) > 0 || tracker.wantsEnds
    if (ended > 0 && isTold) this.tell(first)
    return stop
  }

  /** What is left to be done of rows of slices from `first` on. */
  private tell(first: number): void {
    const { tracker, memory } = this
    const { slices } = this.journal
    const { book } = tracker.table
    for (let row = first; row < slices.length; row++) {
      const at = place.told + 16 * row
      const verdict = memory.words[at / 4 + 3] ?? 0
      if (verdict !== 0) {
        writeVerdict(slices, row, book.of(verdict))
        book.release(verdict)
      }
      const endUs = memory.numbers[at / 8] ?? 0
      tracker.tellEnd(slices.columns, row, memory.words[at / 4 + 2] ?? 0, endUs)
    }
  }

  private takeOne(datagrams: Datagrams, slot: number): void {
    const from = slot * datagrams.slotBytes
    const to = from + datagrams.lengthOf(slot)
    this.tracker.datagram(datagrams.view, from, to, false)
    this.memory.words[place.next] = slot + 1
    if (this.handedBack.length < 2 * mostLearned && to > from) this.handedBack.push(from, to)
  }

  private learn({ view }: Datagrams): void {
    const { handedBack, tracker, shapes } = this
    for (let i = 0; i + 1 < handedBack.length; i += 2) {
      const [from = 0, to = 0] = [handedBack[i], handedBack[i + 1]]
      const layout = tracker.decoder.layoutOf(to - from - nlmsghdrBytes - nfgenmsgBytes)
      if (layout !== undefined) shapes.learn(layout, view, from, to)
    }
    handedBack.length = 0
  }

  private writeTimeouts(timeouts: Timeouts): void {
    this.timeouts = timeouts
    const { numbers } = this.memory
    for (let i = 0; i < 256; i++) {
      for (const assured of [0, 1]) {
        numbers[place.idle + 2 * i + assured] = timeoutUs(timeouts, i, assured === 1, 0)
      }
      numbers[place.idleTcp + i] = timeoutUs(timeouts, 6, true, i)
    }
  }
}
