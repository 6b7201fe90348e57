import { counterNames, sliceFlags } from '../../model/fields.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { copyRow } from '../../model/flow-batch.ts'
import type { EndedFlows } from '../../model/ended-flows.ts'
import { ConntrackDecoder } from '../../netlink/ctnetlink.ts'
import { ClosedRing } from './closed-ring.ts'
import { readDatagram } from './datagram.ts'
import type { DumpEnd, MessageSink } from './datagram.ts'
import { EndedMeanwhile } from './ended-meanwhile.ts'
import { place } from './event-memory.ts'
import { FlowRows } from './flow-rows.ts'
import { inlineMore } from '../../model/inlining.ts'
import { rowFlags, rowLayout, rowWords } from './open-row.ts'
import { OpenTable } from './open-table.ts'
import type { RowJournal } from './row-journal.ts'
import type { Timeouts } from './timeouts.ts'
import { zeroCounters } from './tracker-counters.ts'

/** The kernel's start and its event time of one entry differ by a moment. */
const startToleranceUs = 1000

/**
 * Turns ctnetlink messages into rows: what begins goes into the table of open flows and the
 * journal, what ends becomes a slice. No input or output of its own: octets and times in, rows out.
 *
 * Times the kernel gives (nf_conntrack_timestamp) are used as they are. Without them an interval is
 * the longest that it can have been: it begins when the queue was last seen empty before the event,
 * and ends when the event was read.
 */
export class Tracker implements MessageSink {
  readonly table: OpenTable
  readonly counters = zeroCounters()
  /** The queue was empty then, so what is read now happened later (us). */
  arrivedAfterUs = 0
  /** What is read now happened before (us). */
  arrivedBeforeUs = 0
  /** Number of the dump that runs or ran last. */
  dump = 0
  /** When that dump was begun (us): what it shows was there then or has begun since. */
  dumpStartUs = 0
  /** Since when events may be missing (us); 0 while none are. */
  gapFromUs = 0
  /** Length after which an open flow is cut (us). */
  activeTimeoutUs: number
  /** Messages that say that their dump is inconsistent (NLM_F_DUMP_INTR). */
  interruptions = 0
  /** Open flows, as of the last dump, whose end the kernel may not tell. */
  eventless = 0
  private readonly journal: RowJournal
  readonly decoder = new ConntrackDecoder()
  /** Its timeouts, the kernel's own, may be set anew at any time. */
  readonly rows: FlowRows
  readonly closed: ClosedRing
  readonly meanwhile = new EndedMeanwhile()
  /** Connections whose end was told, where somebody wants to know. */
  ends: EndedFlows | undefined

  constructor(journal: RowJournal, timeouts: Timeouts, activeTimeoutUs: number) {
    inlineMore()
    this.journal = journal
    this.table = new OpenTable(journal.memory)
    this.closed = new ClosedRing(journal.memory)
    this.rows = new FlowRows(this.table, journal, this.decoder, timeouts)
    this.activeTimeoutUs = activeTimeoutUs
  }

  /** The highest flow id in use; ids go on from it. */
  get lastFlowId(): number {
    return this.journal.memory.numbers[place.lastFlowId] ?? 0
  }

  set lastFlowId(id: number) {
    this.journal.memory.numbers[place.lastFlowId] = id
  }

  /** Takes one datagram: see readDatagram. */
  datagram(view: DataView, from: number, to: number, isDump: boolean): DumpEnd | undefined {
    return readDatagram(this, view, from, to, isDump)
  }

  private refused(): void {
    this.counters.malformed[this.decoder.failure ?? 'message-length']++
  }

  /** A NEW event. */
  began(view: DataView, from: number, to: number): void {
    const { decoder, table } = this
    let row = this.journal.openRow()
    const { columns } = this.journal.opens
    if (!decoder.decode(view, from, to, columns, row)) return this.refused()
    this.counters.newEvents++
    const startUs = decoder.startUs || decoder.eventUs
    const known = table.find(columns, row)
    if (known >= 0) {
      if (this.sameEntry(known, columns, row, startUs)) return this.seenAgain(known, startUs)
      this.endUnseen(known, startUs || this.arrivedBeforeUs)
      // Writing that end may have flushed the batch that the event was decoded into.
      const free = this.journal.openRow()
      if (free !== row) copyRow(this.journal.opens, row, this.journal.opens, free)
      row = free
    } else if (startUs > 0 && startUs <= this.closed.endOf(columns, row, table.soughtHash)) {
      this.counters.duplicates++
      return
    }
    const flags = startUs === 0 ? rowFlags.observedTimes : 0
    const opened = this.open(columns, row, startUs || this.arrivedAfterUs, flags)
    this.keepOpenRow(opened, columns, row)
  }

  /**
   * Whether an event or a dump tells of the very entry that is in the table. Tuple and zone are
   * equal already. The kernel may give the same id to a later entry, so the start decides where it
   * is known: an entry that began after this one was last seen alive is another.
   */
  private sameEntry(known: number, columns: Columns, row: number, startUs: number): boolean {
    if (!this.table.sameTranslation(known, columns, row)) return false
    return startUs === 0 || startUs <= this.table.lastAlive(known) + startToleranceUs
  }

  /** NEW of an entry that a dump showed first: now its start is known. Else it is a duplicate. */
  private seenAgain(known: number, startUs: number): void {
    const { table } = this
    const flags = table.flags(known)
    if ((flags & rowFlags.unsettled) === 0) return void this.counters.duplicates++
    if ((flags & rowFlags.startUnknown) !== 0) {
      table.moveStart(known, startUs || this.arrivedAfterUs)
      table.setFlags(known, startUs === 0 ? rowFlags.observedTimes : 0, rowFlags.startUnknown)
    }
    // The kernel told its beginning, so it will tell its end.
    table.setFlags(known, 0, rowFlags.eventless)
  }

  private open(columns: Columns, row: number, startUs: number, flags: number): number {
    const { table } = this
    const opened = table.insert(columns, row)
    table.setFlowId(opened, ++this.lastFlowId)
    table.setFlags(opened, flags, 0)
    table.words[opened * rowWords + rowLayout.dump] = this.dump
    table.setConnectionStart(opened, startUs)
    return opened
  }

  /** Completes the row of `opens` into which a NEW event was decoded. */
  private keepOpenRow(opened: number, columns: Columns, row: number): void {
    const startUs = this.table.connectionStart(opened)
    this.setFlowId(columns, row)
    columns.connectionStart[row] = startUs
    columns.flowStartMicroseconds[row] = startUs
    columns.sliceFlags[row] = this.rows.certainty(opened)
    // A NEW event carries no counters; what a forged one would bring is not the state of a cut.
    if (this.decoder.hasCounters) {
      for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
    }
    this.journal.keepOpen()
  }

  private setFlowId(columns: Columns, row: number): void {
    columns.flowId[2 * row] = this.lastFlowId >>> 0
    columns.flowId[2 * row + 1] = Math.floor(this.lastFlowId / 4294967296)
  }

  /** A DESTROY event. */
  ended(view: DataView, from: number, to: number): void {
    const { decoder, table } = this
    const row = this.journal.sliceRow()
    const { columns } = this.journal.slices
    if (!decoder.decode(view, from, to, columns, row)) return this.refused()
    this.counters.destroyEvents++
    const endUs = decoder.stopUs || decoder.eventUs || this.arrivedBeforeUs
    const known = table.find(columns, row)
    if (known < 0 || !table.sameTranslation(known, columns, row))
      return this.endOfUnknown(columns, row, endUs)
    if (decoder.startUs > 0 && table.sliceStart(known) === table.connectionStart(known)) {
      table.moveStart(known, decoder.startUs)
      table.setFlags(known, 0, rowFlags.startUnknown | rowFlags.observedTimes)
    }
    if (decoder.hasCounters) this.rows.toDeltas(known, columns, row)
    const observed = decoder.stopUs === 0 ? sliceFlags.observedTimes : 0
    this.rows.fillSlice(known, columns, row, endUs, this.rows.certainty(known) | observed)
    this.closed.remember(columns, row, table.soughtHash, endUs)
    this.tellEnd(columns, row, table.soughtHash, endUs)
    table.remove(known)
    this.journal.keepSlice()
  }

  /**
   * DESTROY of an entry that is not in the table: a duplicate, or one whose beginning was missed.
   * With the kernel's start it is as good as any; without, it was there at its end and, where
   * events were lost, perhaps since the gap began.
   */
  private endOfUnknown(columns: Columns, row: number, endUs: number): void {
    const { decoder, table } = this
    // One that began after that end is another, which took the same id and tuple.
    const toldUs = this.closed.endOf(columns, row, table.soughtHash)
    if (toldUs > 0 && decoder.startUs <= toldUs) return void this.counters.duplicates++
    this.counters.orphans++
    this.lastFlowId++
    this.setFlowId(columns, row)
    const startUs = decoder.startUs || this.gapFromUs || endUs
    const assumed = startUs < endUs ? sliceFlags.inferred : 0
    const unsure = sliceFlags.startUnknown | sliceFlags.observedTimes | assumed
    columns.connectionStart[row] = startUs
    columns.flowStartMicroseconds[row] = startUs
    columns.flowEndMicroseconds[row] = Math.max(startUs, endUs)
    columns.sliceFlags[row] = decoder.startUs > 0 ? 0 : unsure
    this.rows.setLastPacket(columns, row, startUs, endUs)
    this.closed.remember(columns, row, table.soughtHash, endUs)
    this.meanwhile.add(columns, row, table.soughtHash, endUs)
    this.journal.keepSlice()
  }

  /** True where somebody wants to be told the ends of open flows. */
  get wantsEnds(): boolean {
    return this.ends !== undefined || this.meanwhile.isWatching
  }

  /** Tells the end of an open flow to whom it may concern. */
  tellEnd(columns: Columns, row: number, tupleHash: number, endUs: number): void {
    this.meanwhile.add(columns, row, tupleHash, endUs)
    this.ends?.add(columns, row, endUs)
  }

  /** What has become known of an open flow is in the journal, should the program be killed. */
  journalState(row: number): void {
    this.rows.journalState(row)
  }

  /** An entry of a dump. */
  dumped(view: DataView, from: number, to: number): void {
    const { decoder, table } = this
    const { columns } = this.rows.dumpRow
    if (!decoder.decode(view, from, to, columns, 0)) return this.refused()
    this.counters.dumped++
    const known = table.find(columns, 0)
    if (known >= 0) {
      if (this.sameEntry(known, columns, 0, decoder.startUs)) return this.stillThere(known)
      // It was over before the one in the table began, which was told while the dump was under way.
      const began = table.connectionStart(known)
      if (decoder.startUs > 0 && decoder.startUs < began) return void this.counters.duplicates++
      this.endUnseen(known, decoder.startUs || this.arrivedBeforeUs)
    } else if (this.meanwhile.has(columns, 0, table.soughtHash, decoder.startUs)) {
      this.counters.duplicates++
      return
    }
    const flags = decoder.startUs > 0 ? 0 : rowFlags.startUnknown
    const startUs = decoder.startUs || this.dumpStartUs
    const fromDump = rowFlags.unsettled | rowFlags.eventless
    const opened = this.open(columns, 0, startUs, fromDump | flags)
    table.setLastAlive(opened, Math.max(startUs, this.dumpStartUs))
  }

  /** An entry in the table was seen in the dump; where it is due, it is cut. */
  private stillThere(known: number): void {
    const { table } = this
    const base = known * rowWords
    table.words[base + rowLayout.dump] = this.dump
    table.words[base + rowLayout.mark] = this.rows.dumpRow.columns.conntrackMark[0] ?? 0
    const alive = Math.max(table.lastAlive(known), this.dumpStartUs)
    table.setLastAlive(known, alive)
    if (alive - table.sliceStart(known) >= this.activeTimeoutUs) this.rows.cut(known, alive)
  }

  /** Ends a flow whose DESTROY was missed: see FlowRows. */
  endUnseen(known: number, missingUs: number): void {
    this.counters.inferredEnds++
    this.rows.endUnseen(known, missingUs)
  }

  /** Cuts the open flows that the last dump showed, as of `nowUs`: before the program stops. */
  cutAll(nowUs: number): void {
    this.rows.cutAll(nowUs, this.dump)
  }

  /**
   * To be called when a dump is over and the events up to its end were read. Entries that two dumps
   * in a row did not show are gone though nobody told; those that only dumps have shown are taken
   * into the journal, with the gap in which they may have begun as an inferred slice.
   */
  settle(): void {
    const { table } = this
    this.eventless = 0
    for (let row = 0; row < table.rowsUsed; row++) {
      if (!table.isOpen(row)) continue
      if ((table.words[row * rowWords + rowLayout.dump] ?? 0) <= this.dump - 2) {
        this.endUnseen(row, this.dumpStartUs)
        continue
      }
      const flags = table.flags(row)
      if ((flags & rowFlags.eventless) !== 0) this.eventless++
      if ((flags & rowFlags.unsettled) === 0) continue
      table.setFlags(row, 0, rowFlags.unsettled)
      if ((flags & rowFlags.startUnknown) !== 0 && this.gapFromUs > 0)
        this.rows.assumeSinceGap(row, this.gapFromUs)
      this.rows.journalState(row)
    }
  }
}
