import { counterNames, flowEndReasons, sliceFlags } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { statusAssured } from '../../netlink/ctnetlink.ts'
import type { ConntrackDecoder } from '../../netlink/ctnetlink.ts'
import { subtractCounter } from './counters.ts'
import { rowFlags, rowLayout, rowWords } from './open-row.ts'
import { writeVerdict } from './row-verdicts.ts'
import type { OpenTable } from './open-table.ts'
import type { RowJournal } from './row-journal.ts'
import { timeoutUs } from './timeouts.ts'
import type { Timeouts } from './timeouts.ts'

/** TCP_CONNTRACK_FIN_WAIT: from here on both sides know that the connection ends. */
const tcpFinWait = 4

/**
 * Writes what open flows did and are: slices for the ledger, states for the journal. Counters come
 * from the entry that was decoded last, or from the row of a dump.
 */
export class FlowRows {
  timeouts: Timeouts
  /** The entry of a dump that is worked on. */
  readonly dumpRow = makeFlowBatch(1)
  private readonly table: OpenTable
  private readonly journal: RowJournal
  private readonly decoder: ConntrackDecoder

  constructor(
    table: OpenTable,
    journal: RowJournal,
    decoder: ConntrackDecoder,
    timeouts: Timeouts
  ) {
    this.table = table
    this.journal = journal
    this.decoder = decoder
    this.timeouts = timeouts
  }

  /** The row's flags as they stand in slices. */
  certainty(row: number): number {
    const flags = this.table.flags(row)
    return (
      ((flags & rowFlags.startUnknown) !== 0 ? sliceFlags.startUnknown : 0) |
      ((flags & rowFlags.observedTimes) !== 0 ? sliceFlags.observedTimes : 0)
    )
  }

  /** Fills what a slice row has besides tuple, ids and counters. */
  fillSlice(known: number, columns: Columns, row: number, endUs: number, flags: number): void {
    const { table } = this
    const { words } = table
    const base = known * rowWords
    const start = table.sliceStart(known)
    columns.flowId[2 * row] = words[base + rowLayout.flowId] ?? 0
    columns.flowId[2 * row + 1] = words[base + rowLayout.flowId + 1] ?? 0
    columns.connectionStart[row] = table.connectionStart(known)
    columns.flowStartMicroseconds[row] = start
    columns.flowEndMicroseconds[row] = Math.max(start, endUs)
    columns.sliceFlags[row] = flags
    this.setLastPacket(columns, row, start, endUs)
    const verdict = table.verdict(known)
    if (verdict !== 0) writeVerdict(this.journal.slices, row, table.book.of(verdict))
  }

  /** The earliest that the last packet can have been, and how the entry ended. */
  setLastPacket(columns: Columns, row: number, startUs: number, endUs: number): void {
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
  toDeltas(known: number, columns: Columns, row: number): void {
    const { table } = this
    if ((table.flags(known) & rowFlags.aged) === 0) return
    for (const [index, name] of counterNames.entries()) {
      const low = table.counterWord(known, 2 * index)
      subtractCounter(columns[name], row, low, table.counterWord(known, 2 * index + 1))
    }
  }

  /**
   * Writes what an open flow did since its last cut as a slice, and its new state to the journal.
   * The dump row holds its counters where the kernel keeps them.
   */
  cut(known: number, cutUs: number): void {
    const { table } = this
    const from = this.dumpRow.columns
    const row = this.journal.sliceRow()
    const { columns } = this.journal.slices
    table.read(known, columns, row)
    for (const name of counterNames) {
      columns[name][2 * row] = from[name][0] ?? 0
      columns[name][2 * row + 1] = from[name][1] ?? 0
    }
    this.toDeltas(known, columns, row)
    this.fillSlice(known, columns, row, cutUs, this.certainty(known) | sliceFlags.continues)
    columns.lastPacket[row] = cutUs
    columns.flowEndReason[row] = flowEndReasons.activeTimeout
    this.journal.keepSlice()
    table.setSliceStart(known, cutUs)
    for (const [index, name] of counterNames.entries()) {
      table.setCounterWord(known, 2 * index, from[name][0] ?? 0)
      table.setCounterWord(known, 2 * index + 1, from[name][1] ?? 0)
    }
    this.journalState(known)
  }

  /** Writes the state of an open flow to the journal, from which recovery takes it up again. */
  journalState(known: number): void {
    const { table } = this
    const row = this.journal.openRow()
    const { columns } = this.journal.opens
    table.read(known, columns, row)
    columns.connectionStart[row] = table.connectionStart(known)
    columns.flowStartMicroseconds[row] = table.sliceStart(known)
    columns.sliceFlags[row] = this.certainty(known)
    for (const [index, name] of counterNames.entries()) {
      columns[name][2 * row] = table.counterWord(known, 2 * index)
      columns[name][2 * row + 1] = table.counterWord(known, 2 * index + 1)
    }
    const verdict = table.verdict(known)
    if (verdict !== 0) writeVerdict(this.journal.opens, row, table.book.of(verdict))
    this.journal.keepOpen()
  }

  /**
   * Ends a flow whose DESTROY was missed: up to where it was last known to be alive it is sure,
   * from there to where it was found missing it is inferred.
   */
  endUnseen(known: number, missingUs: number): void {
    const { table, journal } = this
    const alive = table.lastAlive(known)
    const certainty = this.certainty(known)
    for (const part of ['sure', 'inferred'] as const) {
      const row = journal.sliceRow()
      const { columns } = journal.slices
      table.read(known, columns, row)
      for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
      if (part === 'sure') {
        this.fillSlice(known, columns, row, alive, certainty | sliceFlags.continues)
      } else {
        table.setSliceStart(known, alive)
        this.fillSlice(known, columns, row, missingUs, certainty | sliceFlags.inferred)
      }
      columns.lastPacket[row] = Math.max(alive, columns.flowStartMicroseconds[row] ?? 0)
      columns.flowEndReason[row] = flowEndReasons.forcedEnd
      journal.keepSlice()
    }
    table.remove(known)
  }

  /** The flow may have begun anywhere in the gap: an inferred slice says so. */
  assumeSinceGap(known: number, gapFromUs: number): void {
    const { table, journal } = this
    const row = journal.sliceRow()
    const { columns } = journal.slices
    table.read(known, columns, row)
    for (const name of counterNames) columns[name].fill(0, 2 * row, 2 * row + 2)
    const seen = table.sliceStart(known)
    this.fillSlice(known, columns, row, seen, 0)
    columns.flowStartMicroseconds[row] = Math.min(gapFromUs, seen)
    columns.sliceFlags[row] = sliceFlags.inferred | sliceFlags.startUnknown | sliceFlags.continues
    columns.lastPacket[row] = seen
    columns.flowEndReason[row] = flowEndReasons.activeTimeout
    journal.keepSlice()
  }

  /**
   * Cuts the open flows that the last dump showed, as of `nowUs`: before the program stops. The
   * others may be over already and are left as they are.
   */
  cutAll(nowUs: number, lastDump: number): void {
    for (let row = 0; row < this.table.rowsUsed; row++) {
      const shown = this.table.words[row * rowWords + rowLayout.dump] === lastDump
      if (!this.table.isOpen(row) || !shown) continue
      const counters = this.dumpRow.columns
      for (const [index, name] of counterNames.entries()) {
        counters[name][0] = this.table.counterWord(row, 2 * index)
        counters[name][1] = this.table.counterWord(row, 2 * index + 1)
      }
      this.cut(row, nowUs)
    }
  }
}
