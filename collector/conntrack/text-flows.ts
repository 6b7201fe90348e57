import { flowEndReasons, sliceFlags } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { cutInterval } from '../../model/cut-interval.ts'
import { maxConnectionUs, maxImportOpenFlows, maxSliceUs } from '../../model/limits.ts'
import type { LocalClock } from './local-clock.ts'
import { TextFlowIds } from './text-flow-id.ts'
import type { LineReader } from './text-line.ts'
import { TextOpenFlows, flowFlags } from './text-open-flows.ts'
import { LineTimes } from './text-times.ts'

/** What became of the events; every one of these is a thing that an auditor may ask about. */
export interface TextFlowCounters {
  events: number
  /** NEW paired with its DESTROY. */
  closed: number
  /** DESTROY of a connection that the text did not show before. */
  orphans: number
  /** The same NEW twice. */
  duplicates: number
  /** Ends that were missed: another connection took the tuple. */
  inferredEnds: number
  /** Written out early because too many were open. */
  evicted: number
  /**
   * Lines older than what was read before of the same connection: the clock was set, or the order.
   */
  outOfOrder: number
  /** Begin and end lie further apart than any connection lasts. */
  tooLong: number
  /** Lines without a time, where no option gives one: passed over. */
  withoutTime: number
}

export interface TextFlowsOptions {
  /** Gets row 0 of the batch, which is used again after the call; slices are cut already. */
  readonly emit: (row: FlowBatch) => void
  /** Reads the kernel's local times; left out where the zone is not known. */
  readonly clock?: LocalClock | undefined
  readonly maxOpen?: number
}

/**
 * Makes slices of the events of a text. It holds what is open, pairs beginnings with ends, and says
 * by flags what is sure: all times are those of whoever wrote the text (`observedTimes`).
 *
 * | seen | slice |
 * |---|---|
 * | NEW .. DESTROY | [new, destroy] |
 * | DESTROY alone | [destroy, destroy], or from its own start where the line tells it |
 * | `-L`, UPDATE | [seen, seen]; up to the next sight of the same entry if its id or age prove it |
 * | again, without proof | the time between is a slice of its own, `inferred` |
 * | NEW .. NEW of the same tuple | [new, last seen], then up to the other NEW `inferred` |
 * | still open at the end | [start, last seen], `continues` |
 */
export class TextFlows {
  readonly counters: TextFlowCounters = {
    events: 0,
    closed: 0,
    orphans: 0,
    duplicates: 0,
    inferredEnds: 0,
    evicted: 0,
    outOfOrder: 0,
    tooLong: 0,
    withoutTime: 0,
  }
  readonly times: LineTimes
  private readonly open = new TextOpenFlows()
  private readonly row = makeFlowBatch(1)
  private readonly emit: (row: FlowBatch) => void
  private readonly maxOpen: number
  private ids = new TextFlowIds('0'.repeat(32))

  constructor({ emit, clock, maxOpen = maxImportOpenFlows }: TextFlowsOptions) {
    this.emit = emit
    this.times = new LineTimes(clock)
    this.maxOpen = maxOpen
  }

  /** Connections that are open now. */
  get size(): number {
    return this.open.size
  }

  /** The lines that follow are of the text with this identity (32 hexadecimal digits or more). */
  startText(identity: string): void {
    this.ids = new TextFlowIds(identity)
  }

  /**
   * Takes the event that the reader has just read.
   *
   * @param offset the line's first octet within its text
   * @param fallbackUs when it was, where the line does not say; 0 where nobody knows
   * @returns false where it was passed over because it has no time
   */
  take(line: LineReader, offset: number, fallbackUs: number): boolean {
    this.times.read(line, fallbackUs)
    const { atUs } = this.times
    if (atUs === 0) {
      this.counters.withoutTime++
      return false
    }
    this.counters.events++
    const known = this.open.find(line)
    if (known >= 0 && atUs < this.open.sliceStart(known) && line.kind !== 'new') {
      this.counters.outOfOrder++
      this.writeAlone(line, offset)
    } else if (line.kind === 'new') this.began(line, offset, known)
    else if (line.kind === 'destroy') this.ended(line, offset, known)
    else this.seen(line, offset, known)
    return true
  }

  private began(line: LineReader, offset: number, known: number): void {
    const { atUs } = this.times
    if (known >= 0) {
      const again = atUs === this.open.connectionStart(known)
      if (again && this.open.compare(known, line, this.times) !== 'other') {
        this.counters.duplicates++
        return
      }
      this.replace(known, atUs)
    }
    this.takeIn(line, offset, atUs, flowFlags.began)
  }

  private seen(line: LineReader, offset: number, known: number): void {
    const { atUs, startUs, startExact } = this.times
    if (known >= 0) {
      const identity = this.open.compare(known, line, this.times)
      if (identity !== 'other') {
        if (identity === 'unsure') this.bridge(known)
        this.open.touch(known, line, atUs)
        return
      }
      this.replace(known, atUs)
    }
    const flags = startExact ? 0 : flowFlags.startUnknown
    const opened = this.takeIn(line, offset, startUs || atUs, flags)
    this.open.touch(opened, line, atUs)
  }

  private ended(line: LineReader, offset: number, known: number): void {
    const { atUs } = this.times
    const identity = known < 0 ? 'other' : this.open.compare(known, line, this.times)
    if (known >= 0 && identity === 'other') this.replace(known, atUs)
    if (identity === 'other') return this.writeAlone(line, offset)
    if (identity === 'unsure') this.bridge(known)
    else if (atUs - this.open.sliceStart(known) > maxConnectionUs) {
      this.counters.tooLong++
      this.writeKnown(known)
      this.open.remove(known)
      return this.writeAlone(line, offset)
    }
    this.counters.closed++
    this.open.adoptStart(known, this.times)
    if (atUs < this.open.lastAlive(known)) this.counters.outOfOrder++
    this.open.writeEnd(known, line, atUs, this.row)
    this.open.remove(known)
    this.keep()
  }

  /** An entry of which nothing else was seen: a DESTROY alone, or a line out of order. */
  private writeAlone(line: LineReader, offset: number): void {
    const { atUs, startUs, startExact } = this.times
    if (line.kind === 'destroy') this.counters.orphans++
    const flags = startExact ? 0 : flowFlags.startUnknown
    this.open.writeAlone(line, startUs || atUs, atUs, flags, this.row)
    this.ids.write(offset, this.row.columns.flowId, 0)
    this.keep()
  }

  private takeIn(line: LineReader, offset: number, startUs: number, flags: number): number {
    if (this.open.size >= this.maxOpen) this.evict()
    const row = this.open.insert(line, startUs, flags)
    this.ids.write(offset, this.open.words, this.open.flowIdAt(row))
    return row
  }

  /** The tuple belongs to another entry now: the end of this one was missed. */
  private replace(known: number, atUs: number): void {
    const { open } = this
    this.counters.inferredEnds++
    this.writeKnown(known)
    const alive = open.lastAlive(known)
    if (atUs > alive && atUs - alive <= maxConnectionUs) {
      open.writeInferred(known, alive, atUs, this.row)
      this.row.columns.flowEndReason[0] = flowEndReasons.forcedEnd
      this.keep()
    } else if (atUs < alive) this.counters.outOfOrder++
    open.remove(known)
  }

  /**
   * Seen again, and nothing proves that it is the same entry: the time between is only assumed.
   * Where the line tells an age, the entry is sure to be there from that start on.
   */
  private bridge(known: number): void {
    const { open } = this
    const { atUs, startUs } = this.times
    const alive = open.lastAlive(known)
    const again = startUs > alive ? startUs : atUs
    if (again <= alive) return
    this.writeKnown(known)
    if (again - alive <= maxConnectionUs) {
      open.writeInferred(known, alive, again, this.row)
      const { sliceFlags: flags } = this.row.columns
      flags[0] = (flags[0] ?? 0) | sliceFlags.continues
      this.keep()
    } else this.counters.tooLong++
    open.restart(known, again)
  }

  /** Writes what is sure so far of an open connection, if that was not written yet. */
  private writeKnown(known: number): void {
    if (!this.open.writeKnown(known, this.row)) return
    this.keep()
  }

  private keep(): void {
    cutInterval(this.row, maxSliceUs, this.emit)
  }

  /** Over the bound: an eighth of what is open, seen longest ago, is written as it is known. */
  private evict(): void {
    for (const row of this.open.oldest(Math.ceil(this.maxOpen / 8))) {
      this.counters.evicted++
      this.writeKnown(row)
      this.open.remove(row)
    }
  }

  /** The text is at its end for now: writes what is known of every open connection. */
  cutAll(): void {
    for (const row of this.open.rows()) this.writeKnown(row)
  }
}
