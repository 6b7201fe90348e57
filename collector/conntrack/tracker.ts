import { flowEndReasons, sliceFlags } from '../../model/fields.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { copyRow, makeFlowBatch } from '../../model/flow-batch.ts'
import {
  ConntrackDecoder,
  conntrackMessage,
  decodeFailures,
  statusAssured,
} from '../../netlink/ctnetlink.ts'
import type { DecodeFailure } from '../../netlink/ctnetlink.ts'
import {
  align4,
  nfgenmsgBytes,
  nlmsgFlag,
  nlmsghdrBytes,
  nlmsgType,
} from '../../netlink/messages.ts'
import { ClosedRing } from './closed-ring.ts'
import { OpenTable, rowLayout, rowWords } from './open-table.ts'
import { subtractCounter } from './counters.ts'
import type { RowJournal } from './row-journal.ts'
import { timeoutUs } from './timeouts.ts'
import type { Timeouts } from './timeouts.ts'

/** What is known of an open flow's times; kept in the upper half of the row's zone word. */
export const rowFlags = {
  /** Came from a dump that has not been settled yet. */
  unsettled: 1 << 16,
  startUnknown: 1 << 17,
  observedTimes: 1 << 18,
  /** Was there before we listened: with nf_conntrack_events=2 the kernel will not tell its end. */
  eventless: 1 << 19,
} as const

/** Counted events; those of `messages` that are malformed are counted by reason. */
export interface TrackerCounters {
  messages: number
  newEvents: number
  destroyEvents: number
  dumped: number
  /** The same event twice. */
  duplicates: number
  /** Ends of connections whose beginning nobody saw. */
  orphans: number
  inferredEnds: number
  malformed: Record<DecodeFailure | 'message-length' | 'foreign-type', number>
}

function zeroCounters(): TrackerCounters {
  const reasons = [...decodeFailures, 'message-length', 'foreign-type'] as const
  const malformed = Object.fromEntries(reasons.map((reason) => [reason, 0]))
  return {
    messages: 0,
    newEvents: 0,
    destroyEvents: 0,
    dumped: 0,
    duplicates: 0,
    orphans: 0,
    inferredEnds: 0,
    malformed: malformed as TrackerCounters['malformed'],
  }
}

/**
 * Turns ctnetlink messages into rows: what begins goes into the table of open flows and the journal,
 * what ends becomes a slice. No input or output of its own: octets and times in, rows out.
 *
 * Times the kernel gives (nf_conntrack_timestamp) are used as they are. Without them an interval is
 * the longest that it can have been: it begins when the queue was last seen empty before the event,
 * and ends when the event was read.
 */
export class Tracker {
  readonly table = new OpenTable()
  readonly counters = zeroCounters()
  timeouts: Timeouts
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
  /** The highest flow id in use; ids go on from it. */
  lastFlowId = 0
  private readonly journal: RowJournal
  private readonly decoder = new ConntrackDecoder()
  private readonly dumpRow = makeFlowBatch(1)
  private readonly closed = new ClosedRing()

  constructor(journal: RowJournal, timeouts: Timeouts, activeTimeoutUs: number) {
    this.journal = journal
    this.timeouts = timeouts
    this.activeTimeoutUs = activeTimeoutUs
  }

  /**
   * Takes one datagram of the event socket or of a dump: a row of netlink messages. One that cannot
   * be read is counted and never costs the next.
   *
   * @returns how a dump ended, where this datagram ends one
   */
  datagram(
    view: DataView,
    from: number,
    to: number,
    isDump: boolean
  ): 'done' | 'refused' | undefined {
    let at = from
    while (at + nlmsghdrBytes <= to) {
      const length = view.getUint32(at, true)
      if (length < nlmsghdrBytes || length > to - at) {
        this.counters.malformed['message-length']++
        return undefined
      }
      const type = view.getUint16(at + 4, true)
      const flags = view.getUint16(at + 6, true)
      if ((flags & nlmsgFlag.dumpInterrupted) !== 0) this.interruptions++
      if (type === nlmsgType.done) return 'done'
      if (type === nlmsgType.error) return 'refused'
      this.message(view, type, flags, at + nlmsghdrBytes + nfgenmsgBytes, at + length, isDump)
      at += align4(length)
    }
    if (at < to) this.counters.malformed['message-length']++
    return undefined
  }

  private message(
    view: DataView,
    type: number,
    flags: number,
    from: number,
    to: number,
    isDump: boolean
  ): void {
    this.counters.messages++
    if (type === conntrackMessage.delete) this.ended(view, from, to)
    else if (type !== conntrackMessage.new) this.counters.malformed['foreign-type']++
    else if (isDump) this.dumped(view, from, to)
    else if ((flags & nlmsgFlag.create) !== 0) this.began(view, from, to)
  }

  private refused(): void {
    this.counters.malformed[this.decoder.failure ?? 'message-length']++
  }

  /** A NEW event. */
  private began(view: DataView, from: number, to: number): void {
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
    } else if (startUs > 0 && startUs <= this.closed.endOf(columns, row)) {
      this.counters.duplicates++
      return
    }
    const flags = startUs === 0 ? rowFlags.observedTimes : 0
    const opened = this.open(columns, row, startUs || this.arrivedAfterUs, flags)
    this.keepOpenRow(opened, columns, row)
  }

  /**
   * Whether an event or a dump tells of the very entry that is in the table. Tuple and zone are
   * equal already. The kernel may give the same id to a later entry, so the start decides where it is
   * known: an entry that began after this one was last seen alive is another.
   */
  private sameEntry(known: number, columns: Columns, row: number, startUs: number): boolean {
    const base = known * rowWords
    const id = (columns.conntrackId[row] ?? 0) >> 0
    if (this.table.words[base + rowLayout.conntrackId] !== id) return false
    const lastAlive = this.table.doubles[base / 2 + rowLayout.lastAlive] ?? 0
    return startUs === 0 || startUs <= lastAlive + startToleranceUs
  }

  /** NEW of an entry that a dump showed first: now its start is known. Else it is a duplicate. */
  private seenAgain(known: number, startUs: number): void {
    const { words, doubles } = this.table
    const base = known * rowWords
    const flags = words[base + rowLayout.zoneFlags] ?? 0
    if ((flags & rowFlags.unsettled) === 0) {
      this.counters.duplicates++
      return
    }
    // The kernel told its beginning, so it will tell its end.
    let now = flags & ~rowFlags.eventless
    if ((flags & rowFlags.startUnknown) !== 0) {
      doubles[base / 2 + rowLayout.connectionStart] = startUs || this.arrivedAfterUs
      doubles[base / 2 + rowLayout.sliceStart] = startUs || this.arrivedAfterUs
      now = (now & ~rowFlags.startUnknown) | (startUs === 0 ? rowFlags.observedTimes : 0)
    }
    words[base + rowLayout.zoneFlags] = now
  }

  private open(columns: Columns, row: number, startUs: number, flags: number): number {
    const opened = this.table.insert(columns, row)
    const { words, doubles } = this.table
    const base = opened * rowWords
    const id = ++this.lastFlowId
    words[base + rowLayout.flowId] = id >>> 0
    words[base + rowLayout.flowId + 1] = Math.floor(id / 4294967296)
    words[base + rowLayout.zoneFlags] = (words[base + rowLayout.zoneFlags] ?? 0) | flags
    words[base + rowLayout.dump] = this.dump
    doubles[base / 2 + rowLayout.connectionStart] = startUs
    doubles[base / 2 + rowLayout.sliceStart] = startUs
    doubles[base / 2 + rowLayout.lastAlive] = startUs
    return opened
  }

  /** Completes the row of `opens` into which a NEW event was decoded. */
  private keepOpenRow(opened: number, columns: Columns, row: number): void {
    const id = this.lastFlowId
    const startUs = this.table.doubles[(opened * rowWords) / 2 + rowLayout.sliceStart] ?? 0
    columns.flowId[2 * row] = id >>> 0
    columns.flowId[2 * row + 1] = Math.floor(id / 4294967296)
    columns.connectionStart[row] = startUs
    columns.flowStartMicroseconds[row] = startUs
    columns.sliceFlags[row] = this.certainty(opened)
    // A NEW event carries no counters; what a forged one would bring is not the state of a cut.
    if (this.decoder.hasCounters) {
      for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
    }
    this.journal.keepOpen()
  }

  /** The row's flags as they stand in slices. */
  private certainty(row: number): number {
    const flags = this.table.words[row * rowWords + rowLayout.zoneFlags] ?? 0
    return (
      ((flags & rowFlags.startUnknown) !== 0 ? sliceFlags.startUnknown : 0) |
      ((flags & rowFlags.observedTimes) !== 0 ? sliceFlags.observedTimes : 0)
    )
  }

  /** A DESTROY event. */
  private ended(view: DataView, from: number, to: number): void {
    const { decoder, table } = this
    const row = this.journal.sliceRow()
    const { columns } = this.journal.slices
    if (!decoder.decode(view, from, to, columns, row)) return this.refused()
    this.counters.destroyEvents++
    const endUs = decoder.stopUs || decoder.eventUs || this.arrivedBeforeUs
    const known = table.find(columns, row)
    if (known < 0 || !this.isEndOf(known, columns, row))
      return this.endOfUnknown(columns, row, endUs)
    const { words, doubles } = table
    const base = known * rowWords
    const times = base / 2
    const first =
      doubles[times + rowLayout.sliceStart] === doubles[times + rowLayout.connectionStart]
    if (decoder.startUs > 0 && first) {
      doubles[times + rowLayout.connectionStart] = decoder.startUs
      doubles[times + rowLayout.sliceStart] = decoder.startUs
      words[base + rowLayout.zoneFlags] =
        (words[base + rowLayout.zoneFlags] ?? 0) & ~(rowFlags.startUnknown | rowFlags.observedTimes)
    }
    if (decoder.hasCounters) this.toDeltas(known, columns, row)
    const observed = decoder.stopUs === 0 ? sliceFlags.observedTimes : 0
    this.fillSlice(known, columns, row, endUs, this.certainty(known) | observed)
    this.closed.remember(columns, row, endUs)
    table.remove(known)
    this.journal.keepSlice()
  }

  private isEndOf(known: number, columns: Columns, row: number): boolean {
    const id = (columns.conntrackId[row] ?? 0) >> 0
    return this.table.words[known * rowWords + rowLayout.conntrackId] === id
  }

  /** Fills what a slice row has besides tuple, ids and counters. */
  private fillSlice(
    known: number,
    columns: Columns,
    row: number,
    endUs: number,
    flags: number
  ): void {
    const { words, doubles } = this.table
    const base = known * rowWords
    const start = doubles[base / 2 + rowLayout.sliceStart] ?? 0
    columns.flowId[2 * row] = words[base + rowLayout.flowId] ?? 0
    columns.flowId[2 * row + 1] = words[base + rowLayout.flowId + 1] ?? 0
    columns.connectionStart[row] = doubles[base / 2 + rowLayout.connectionStart] ?? 0
    columns.flowStartMicroseconds[row] = start
    columns.flowEndMicroseconds[row] = Math.max(start, endUs)
    columns.sliceFlags[row] = flags
    this.setLastPacket(columns, row, start, endUs)
  }

  /** The earliest that the last packet can have been, and how the entry ended. */
  private setLastPacket(columns: Columns, row: number, startUs: number, endUs: number): void {
    const { decoder } = this
    const protocol = columns.protocolIdentifier[row] ?? 0
    const assured = (decoder.status & statusAssured) !== 0
    const idle = timeoutUs(this.timeouts, protocol, assured, decoder.tcpState)
    columns.lastPacket[row] = Math.max(startUs, endUs - idle)
    columns.flowEndReason[row] =
      protocol === 6 && decoder.tcpState >= tcpFinWait
        ? flowEndReasons.endOfFlow
        : flowEndReasons.idleTimeout
  }

  /** The row holds totals; what earlier slices told is taken off. */
  private toDeltas(known: number, columns: Columns, row: number): void {
    const { words } = this.table
    const base = known * rowWords + rowLayout.counters
    subtractCounter(columns.octetDeltaCount, row, words, base)
    subtractCounter(columns.packetDeltaCount, row, words, base + 2)
    subtractCounter(columns.reverseOctetDeltaCount, row, words, base + 4)
    subtractCounter(columns.reversePacketDeltaCount, row, words, base + 6)
  }

  /**
   * DESTROY of an entry that is not in the table: a duplicate, or one whose beginning was missed.
   * With the kernel's start it is as good as any; without, it was there at its end and, where events
   * were lost, perhaps since the gap began.
   */
  private endOfUnknown(columns: Columns, row: number, endUs: number): void {
    const { decoder } = this
    if (this.closed.endOf(columns, row) > 0) {
      this.counters.duplicates++
      return
    }
    this.counters.orphans++
    const id = ++this.lastFlowId
    columns.flowId[2 * row] = id >>> 0
    columns.flowId[2 * row + 1] = Math.floor(id / 4294967296)
    const known = decoder.startUs > 0
    const startUs = known ? decoder.startUs : this.gapFromUs || endUs
    const assumed = startUs < endUs ? sliceFlags.inferred : 0
    columns.connectionStart[row] = startUs
    columns.flowStartMicroseconds[row] = startUs
    columns.flowEndMicroseconds[row] = Math.max(startUs, endUs)
    columns.sliceFlags[row] = known
      ? 0
      : sliceFlags.startUnknown | sliceFlags.observedTimes | assumed
    this.setLastPacket(columns, row, startUs, endUs)
    this.closed.remember(columns, row, endUs)
    this.journal.keepSlice()
  }

  /** An entry of a dump. */
  private dumped(view: DataView, from: number, to: number): void {
    const { decoder, table } = this
    const { columns } = this.dumpRow
    if (!decoder.decode(view, from, to, columns, 0)) return this.refused()
    this.counters.dumped++
    const known = table.find(columns, 0)
    if (known >= 0) {
      if (this.sameEntry(known, columns, 0, decoder.startUs)) return this.stillThere(known)
      this.endUnseen(known, decoder.startUs || this.arrivedBeforeUs)
    }
    const flags = decoder.startUs > 0 ? 0 : rowFlags.startUnknown
    const startUs = decoder.startUs || this.dumpStartUs
    const fromDump = rowFlags.unsettled | rowFlags.eventless
    const opened = this.open(columns, 0, startUs, fromDump | flags)
    const alive = Math.max(startUs, this.dumpStartUs)
    table.doubles[(opened * rowWords) / 2 + rowLayout.lastAlive] = alive
  }

  /** An entry in the table was seen in the dump; where it is due, it is cut. */
  private stillThere(known: number): void {
    const { words, doubles } = this.table
    const base = known * rowWords
    words[base + rowLayout.dump] = this.dump
    words[base + rowLayout.mark] = this.dumpRow.columns.conntrackMark[0] ?? 0
    const times = base / 2
    const alive = Math.max(doubles[times + rowLayout.lastAlive] ?? 0, this.dumpStartUs)
    doubles[times + rowLayout.lastAlive] = alive
    const sliceStart = doubles[times + rowLayout.sliceStart] ?? 0
    if (alive - sliceStart >= this.activeTimeoutUs) this.cut(known, alive)
  }

  /**
   * Writes what an open flow did since its last cut as a slice, and its new state to the journal.
   * The dump row holds its counters where the kernel keeps them.
   */
  private cut(known: number, cutUs: number): void {
    const { words, doubles } = this.table
    const base = known * rowWords
    const from = this.dumpRow.columns
    const row = this.journal.sliceRow()
    const { columns } = this.journal.slices
    this.table.read(known, columns, row)
    for (const name of counterNames) {
      columns[name][2 * row] = from[name][0] ?? 0
      columns[name][2 * row + 1] = from[name][1] ?? 0
    }
    this.toDeltas(known, columns, row)
    this.fillSlice(known, columns, row, cutUs, this.certainty(known) | sliceFlags.continues)
    columns.lastPacket[row] = cutUs
    columns.flowEndReason[row] = flowEndReasons.activeTimeout
    this.journal.keepSlice()
    doubles[base / 2 + rowLayout.sliceStart] = cutUs
    for (const [index, name] of counterNames.entries()) {
      words[base + rowLayout.counters + 2 * index] = from[name][0] ?? 0
      words[base + rowLayout.counters + 2 * index + 1] = from[name][1] ?? 0
    }
    this.journalState(known)
  }

  /** Writes the state of an open flow to the journal, from which recovery takes it up again. */
  journalState(known: number): void {
    const { words, doubles } = this.table
    const base = known * rowWords
    const row = this.journal.openRow()
    const { columns } = this.journal.opens
    this.table.read(known, columns, row)
    columns.connectionStart[row] = doubles[base / 2 + rowLayout.connectionStart] ?? 0
    columns.flowStartMicroseconds[row] = doubles[base / 2 + rowLayout.sliceStart] ?? 0
    columns.sliceFlags[row] = this.certainty(known)
    for (const [index, name] of counterNames.entries()) {
      columns[name][2 * row] = words[base + rowLayout.counters + 2 * index] ?? 0
      columns[name][2 * row + 1] = words[base + rowLayout.counters + 2 * index + 1] ?? 0
    }
    this.journal.keepOpen()
  }

  /**
   * Ends a flow whose DESTROY was missed: up to where it was last known to be alive it is sure, from
   * there to where it was found missing it is inferred.
   */
  endUnseen(known: number, missingUs: number): void {
    const { table, journal } = this
    const alive = table.doubles[(known * rowWords) / 2 + rowLayout.lastAlive] ?? 0
    const certainty = this.certainty(known)
    this.counters.inferredEnds++
    for (const part of ['sure', 'inferred'] as const) {
      const row = journal.sliceRow()
      const { columns } = journal.slices
      table.read(known, columns, row)
      for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
      if (part === 'sure') {
        this.fillSlice(known, columns, row, alive, certainty | sliceFlags.continues)
      } else {
        table.doubles[(known * rowWords) / 2 + rowLayout.sliceStart] = alive
        this.fillSlice(known, columns, row, missingUs, certainty | sliceFlags.inferred)
      }
      columns.lastPacket[row] = Math.max(alive, columns.flowStartMicroseconds[row] ?? 0)
      columns.flowEndReason[row] = flowEndReasons.forcedEnd
      journal.keepSlice()
    }
    table.remove(known)
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
      const base = row * rowWords
      if ((table.words[base + rowLayout.dump] ?? 0) <= this.dump - 2) {
        this.endUnseen(row, this.dumpStartUs)
        continue
      }
      const flags = table.words[base + rowLayout.zoneFlags] ?? 0
      if ((flags & rowFlags.eventless) !== 0) this.eventless++
      if ((flags & rowFlags.unsettled) === 0) continue
      table.words[base + rowLayout.zoneFlags] = flags & ~rowFlags.unsettled
      if ((flags & rowFlags.startUnknown) !== 0 && this.gapFromUs > 0) this.assumeSinceGap(row)
      this.journalState(row)
    }
  }

  /** The flow may have begun anywhere in the gap: an inferred slice says so. */
  private assumeSinceGap(known: number): void {
    const { table, journal } = this
    const row = journal.sliceRow()
    const { columns } = journal.slices
    table.read(known, columns, row)
    for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
    const seen = table.doubles[(known * rowWords) / 2 + rowLayout.sliceStart] ?? 0
    this.fillSlice(known, columns, row, seen, 0)
    columns.flowStartMicroseconds[row] = Math.min(this.gapFromUs, seen)
    columns.sliceFlags[row] = sliceFlags.inferred | sliceFlags.startUnknown | sliceFlags.continues
    columns.lastPacket[row] = seen
    columns.flowEndReason[row] = flowEndReasons.activeTimeout
    journal.keepSlice()
  }

  /** The earliest start of a slice that is still open; `otherwise` where nothing is open. */
  oldestSliceStartUs(otherwise: number): number {
    const { table } = this
    let oldest = otherwise
    for (let row = 0; row < table.rowsUsed; row++) {
      if (!table.isOpen(row)) continue
      const start = table.doubles[(row * rowWords) / 2 + rowLayout.sliceStart] ?? oldest
      if (start < oldest) oldest = start
    }
    return oldest
  }

  /**
   * Cuts the open flows that the last dump showed, as of `nowUs`: before the program stops. The
   * others may be over already and are left as they are.
   */
  cutAll(nowUs: number): void {
    for (let row = 0; row < this.table.rowsUsed; row++) {
      const base = row * rowWords
      const shown = this.table.words[base + rowLayout.dump] === this.dump
      if (!this.table.isOpen(row) || !shown) continue
      const counters = this.dumpRow.columns
      for (const [index, name] of counterNames.entries()) {
        counters[name][0] = this.table.words[base + rowLayout.counters + 2 * index] ?? 0
        counters[name][1] = this.table.words[base + rowLayout.counters + 2 * index + 1] ?? 0
      }
      this.cut(row, nowUs)
    }
  }
}

/** The kernel's start and its event time of one entry differ by a moment. */
const startToleranceUs = 1000
/** TCP_CONNTRACK_FIN_WAIT: from here on both sides know that the connection ends. */
const tcpFinWait = 4

/** In the order in which the table keeps them. */
const counterNames = [
  'octetDeltaCount',
  'packetDeltaCount',
  'reverseOctetDeltaCount',
  'reversePacketDeltaCount',
] as const
