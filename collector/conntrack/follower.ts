import type { GapReason, Progress } from '../../model/coverage.ts'
import type { SliceQuery } from '../../model/slice.ts'
import type { VerdictMessage } from '../../model/verdict-batch.ts'
import { mostMemoryBytes } from '../../model/column-memory.ts'
import { conntrackGroups } from '../../netlink/ctnetlink.ts'
import { adviseHugePages } from '../../netlink/libc.ts'
import { NetlinkSocket, receiveResult } from '../../netlink/socket.ts'
import { ClockWatch, nowUs } from './clock-watch.ts'
import { Dump } from './dump.ts'
import { isDumpDue } from './dump-due.ts'
import { EventBatch } from './event-batch.ts'
import { eventSlotBytes, eventSlots } from './event-memory.ts'
import { FlushPace, heartbeatMs } from './flush-pace.ts'
import type { FollowerOptions } from './follower-options.ts'
import { queryOpenFlows } from './open-query.ts'
import type { Found } from './open-query.ts'
import { recover } from './recover.ts'
import type { JournalFrame } from './recover.ts'
import { busyNapMs, immediate, Rest } from './rest.ts'
import { RowJournal } from './row-journal.ts'
import type { Journal } from './row-journal.ts'
import { readTimeouts } from './timeouts.ts'
import { Tracker } from './tracker.ts'
import { VerdictJoin } from './verdict-join.ts'

/** Events after one nap from which on naps are short. */
const busyEvents = 512
/** More reads than a full receive buffer can hold messages for. */
const fullQueueReads = 5000
/** How long stopping may take for a last dump with counters. */
const lastDumpMs = 5000

/**
 * Follows the connection tracking table of this network namespace: subscribes first, then dumps, so
 * that nothing falls between; paces its reads; notices what it missed and says so.
 */
export class Follower {
  readonly tracker: Tracker
  readonly counters = { reads: 0, overruns: 0, dumps: 0, clockSteps: 0 }
  readonly events: NetlinkSocket
  private options: FollowerOptions
  /** What flows were found to be. */
  readonly joins: VerdictJoin
  private readonly rows: RowJournal
  private readonly pace: FlushPace
  private readonly clock = new ClockWatch()
  private dump: Dump | undefined
  /** Dumps still to be run before what was missed is settled. */
  private dumpsOwed = 1
  private gap: { fromUs: number; reason: GapReason; toUs: number } | undefined
  private firstStart = true
  private drainedUs = 0
  private dumpedAtMs = -Infinity
  private oldestUs = 0
  private oldestAtMs = -Infinity
  private stopping = false
  private readonly rest: Rest
  private readonly batch: EventBatch

  /** Opens the sockets; events gather in the kernel from here on. */
  constructor(options: FollowerOptions, journal: Journal) {
    this.options = options
    this.rows = new RowJournal(journal)
    this.tracker = new Tracker(this.rows, readTimeouts(), options.activeTimeoutUs)
    this.pace = new FlushPace(this.rows)
    this.joins = new VerdictJoin(this.tracker)
    this.events = new NetlinkSocket({
      groups: conntrackGroups.new | conntrackGroups.destroy,
      receiveBuffer: options.receiveBuffer,
      slots: eventSlots,
      slotBytes: eventSlotBytes,
      buffers: this.rows.memory.receiveBuffers,
    })
    adviseHugePages(this.rows.memory.receiveBuffers.data, mostMemoryBytes)
    this.batch = new EventBatch(this.tracker, this.rows)
    this.rest = new Rest(this.events.grantedBuffer, busyNapMs, busyEvents)
  }

  get progress(): Progress {
    return this.rows.progress
  }

  /** True once the table is known to be complete. */
  get settled(): boolean {
    return this.dumpsOwed === 0
  }

  /** Takes up the open flows of an earlier run; what happened since is a gap. */
  recover(frames: Iterable<JournalFrame>): void {
    const { watermarkUs, soundUntilUs } = recover(this.tracker, frames)
    if (watermarkUs === 0) return
    this.firstStart = false
    this.rows.progress = { watermarkUs, closedThroughUs: 0 }
    this.missedSince(soundUntilUs, soundUntilUs < watermarkUs ? 'spool-damaged' : 'down')
  }

  /** Runs until {@link stop}; resolves when the last row is in the journal. */
  async run(): Promise<void> {
    this.drainedUs = nowUs()
    let taken = 0
    while (!this.stopping) {
      const count = this.step()
      taken += Math.max(0, count)
      if (!this.events.drained(count)) {
        await immediate()
        continue
      }
      this.afterDrain()
      if (this.dump === undefined) await this.rest.nap(taken)
      else await immediate()
      taken = 0
    }
    await this.finish()
    this.events.close()
  }

  /** Takes over what may change while it runs. */
  reload(settings: Pick<FollowerOptions, 'networks' | 'activeTimeoutUs'>): void {
    const { networks, activeTimeoutUs } = settings
    this.options = { ...this.options, networks, activeTimeoutUs }
    this.tracker.activeTimeoutUs = activeTimeoutUs
  }

  stop(): void {
    this.stopping = true
    this.rest.wake()
  }

  /** Reads everything that has happened up to now; afterwards the progress says so. */
  async catchUp(): Promise<void> {
    for (let rounds = 0; rounds < 1000; rounds++) {
      if (this.events.drained(this.step())) break
      await immediate()
    }
    this.afterDrain()
    this.flush(true)
  }

  /** Takes verdicts, after the events that wait: their connections may be among them. */
  take(verdicts: VerdictMessage): void {
    this.step()
    this.joins.take(verdicts, nowUs())
  }

  /** The open flows that meet each query, after everything up to now was read. */
  async query(queries: readonly SliceQuery[]): Promise<{ found: Found[] } & Progress> {
    await this.catchUp()
    const { source, networks } = this.options
    const complete = this.gap === undefined
    const now = this.drainedUs
    const found = queryOpenFlows(this.tracker, source, networks, queries, now, complete)
    return { found, ...this.rows.progress }
  }

  /** One receive call and the events it brought. */
  private step(): number {
    const beforeUs = nowUs()
    const count = this.events.receive()
    this.counters.reads++
    if (count === receiveResult.overrun) {
      this.counters.overruns++
      this.missedSince(this.rows.progress.watermarkUs || beforeUs, 'overrun')
      return count
    }
    const { tracker, events } = this
    tracker.arrivedAfterUs = this.drainedUs
    tracker.arrivedBeforeUs = nowUs() + 999
    const lost = events.truncated
    this.batch.take(events, count)
    if (events.truncated > lost) this.missedSince(this.rows.progress.watermarkUs, 'malformed')
    if (events.drained(count)) this.drainedUs = beforeUs
    return count
  }

  /** From `fromUs` on events may be missing; two dumps find out what there is. */
  private missedSince(fromUs: number, reason: GapReason): void {
    this.gap = {
      fromUs: Math.min(fromUs, this.gap?.fromUs ?? fromUs),
      reason: this.gap?.reason ?? reason,
      toUs: 0,
    }
    this.tracker.gapFromUs = this.gap.fromUs
    this.dumpsOwed = 2
    this.dump?.abandon()
    this.dump = undefined
  }

  /** What is to be done whenever the queue was empty a moment ago. */
  private afterDrain(): void {
    const step = this.clock.step()
    if (step !== undefined) {
      this.counters.clockSteps++
      this.rows.gap({ ...step, reason: 'clock-step' })
      this.drainedUs = nowUs()
    }
    this.joins.look(this.drainedUs)
    this.joins.tellEnds(this.drainedUs)
    this.stepDump()
    this.advance()
    this.flush(false)
  }

  /** The watermark follows the drained queue, but not while something is still to be settled. */
  private advance(): void {
    if (this.dumpsOwed > 0) return
    const { tracker } = this
    const nowMs = performance.now()
    // Finding the oldest slice looks at each open flow, so it is done the more seldom the more
    // there are.
    if (nowMs - this.oldestAtMs >= heartbeatMs + tracker.table.rowsUsed / 20) {
      this.oldestAtMs = nowMs
      this.oldestUs = tracker.table.oldestSliceStartUs(this.drainedUs)
    }
    const closedThroughUs = tracker.table.size === 0 ? this.drainedUs : this.oldestUs
    this.rows.progress = { watermarkUs: this.drainedUs, closedThroughUs }
  }

  private flush(now: boolean): void {
    this.took(this.pace.flush(now))
  }

  /**
   * Rows that the journal refused are lost: from the last good watermark on, until it takes again.
   */
  private took(kept: boolean): void {
    if (!kept) this.missedSince(this.rows.progress.watermarkUs, this.rows.refusedFor)
  }

  private stepDump(): void {
    if (this.dump === undefined) {
      const { tracker, oldestUs, dumpedAtMs } = this
      if (this.dumpsOwed === 0 && !isDumpDue(tracker, oldestUs, dumpedAtMs)) return
      this.tracker.rows.timeouts = readTimeouts()
      this.dump = new Dump(this.tracker)
      this.counters.dumps++
      if (this.gap !== undefined && this.gap.toUs === 0) this.gap.toUs = this.tracker.dumpStartUs
    }
    const state = this.dump.step()
    if (state === 'running') return
    if (state === 'done') this.dump.close()
    else this.dump.abandon()
    this.dump = undefined
    this.dumpedAtMs = performance.now()
    if (state === 'done' && this.readQueue()) this.dumpEnded()
  }

  /**
   * Reads the events up to a dump's end before it is settled: an entry's NEW or DESTROY may still
   * lie in the queue.
   *
   * @returns false where events were lost meanwhile, so that the dump settles nothing
   */
  private readQueue(): boolean {
    const { overruns } = this.counters
    for (let rounds = 0; rounds < fullQueueReads; rounds++) {
      const count = this.step()
      if (this.counters.overruns > overruns) return false
      if (this.events.drained(count)) return true
    }
    return true
  }

  private dumpEnded(): void {
    this.tracker.settle()
    if (this.dumpsOwed > 0) this.dumpsOwed--
    if (this.firstStart) {
      this.firstStart = false
      const fromUs = this.tracker.dumpStartUs
      this.rows.progress = { watermarkUs: fromUs, closedThroughUs: fromUs }
      this.rows.watchedFrom(fromUs)
    }
    if (this.dumpsOwed === 0) this.closeGap()
    this.oldestAtMs = -Infinity
  }

  private closeGap(): void {
    this.tracker.gapFromUs = 0
    if (this.gap === undefined) return
    const { fromUs, toUs, reason } = this.gap
    if (this.rows.gap({ fromUs, toUs: Math.max(fromUs, toUs), reason })) this.gap = undefined
    else this.dumpsOwed = 1
  }

  /** Stops in order: a last dump cuts every open flow with its counters. */
  private async finish(): Promise<void> {
    await this.catchUp()
    if (this.dumpsOwed > 0) return
    this.tracker.activeTimeoutUs = 0
    const deadline = performance.now() + lastDumpMs
    this.dump ??= new Dump(this.tracker)
    while (this.dump.step() === 'running' && performance.now() < deadline) await immediate()
    this.dump.close()
    this.dump = undefined
    await this.catchUp()
    this.tracker.cutAll(this.drainedUs)
    const closedThroughUs = this.tracker.table.oldestSliceStartUs(this.drainedUs)
    this.rows.progress = { watermarkUs: this.drainedUs, closedThroughUs }
    this.flush(true)
  }
}
