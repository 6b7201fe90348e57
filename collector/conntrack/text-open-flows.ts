import { counterNames, flowEndReasons, sliceFlags } from '../../model/fields.ts'
import { copyRow } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { subtractCounter } from './counters.ts'
import { rowLayout, rowWords } from './open-row.ts'
import { OpenTable } from './open-table.ts'
import { setEnd, statusAssured } from './text-end.ts'
import type { LineReader } from './text-line.ts'
import type { LineTimes } from './text-times.ts'

/** What is known of an open connection; kept in the upper half of the row's zone word. */
export const flowFlags = {
  /** Its NEW was seen. */
  began: 1 << 16,
  startUnknown: 1 << 17,
  /** A slice up to the start of the present one was written. */
  written: 1 << 18,
  /** The counters in the row went out with that slice. */
  counted: 1 << 19,
} as const

/** The open connections of a text, and how rows are made of them. */
export class TextOpenFlows {
  private readonly table = new OpenTable()

  get size(): number {
    return this.table.size
  }

  get words(): Int32Array {
    return this.table.words
  }

  flowIdAt(row: number): number {
    return row * rowWords + rowLayout.flowId
  }

  find(line: LineReader): number {
    return this.table.find(line.entry.row.columns, 0)
  }

  connectionStart(row: number): number {
    return this.table.connectionStart(row)
  }

  sliceStart(row: number): number {
    return this.table.sliceStart(row)
  }

  lastAlive(row: number): number {
    return this.table.lastAlive(row)
  }

  private flags(row: number): number {
    return this.table.flags(row)
  }

  private setFlags(row: number, set: number, clear = 0): void {
    this.table.setFlags(row, set, clear)
  }

  insert(line: LineReader, startUs: number, flags: number): number {
    const row = this.table.insert(line.entry.row.columns, 0)
    this.setFlags(row, flags)
    this.table.setConnectionStart(row, startUs)
    this.touch(row, line, startUs)
    return row
  }

  remove(row: number): void {
    this.table.remove(row)
  }

  /** The entry was alive at `atUs`, in the state that the line tells. */
  touch(row: number, line: LineReader, atUs: number): void {
    const { table } = this
    const { words } = table
    const base = row * rowWords
    const { columns } = line.entry.row
    if (atUs > table.lastAlive(row)) table.setLastAlive(row, atUs)
    words[base + rowLayout.mark] = columns.conntrackMark[0] ?? 0
    if (columns.conntrackId[0] !== 0)
      words[base + rowLayout.conntrackId] = columns.conntrackId[0] ?? 0
    const assured = line.assured ? statusAssured : 0
    const status = table.status(row)
    const state = line.tcpState || status >>> 24
    table.setStatus(row, (status & statusAssured) | assured | (state << 24))
    if (!line.entry.hasCounters || (this.flags(row) & flowFlags.counted) !== 0) return
    for (const [index, name] of counterNames.entries()) {
      table.setCounterWord(row, 2 * index, columns[name][0] ?? 0)
      table.setCounterWord(row, 2 * index + 1, columns[name][1] ?? 0)
    }
  }

  /**
   * Whether the line tells of the very entry in the row; the original tuple and the zone are equal
   * already. The kernel may give an id again to a later entry, so a start after the last sight
   * decides first. An event after the NEW of the same text is of the same entry, else a NEW would
   * stand between.
   */
  compare(row: number, line: LineReader, times: LineTimes): 'same' | 'other' | 'unsure' {
    const { columns } = line.entry.row
    if (!this.table.sameReply(row, columns, 0)) return 'other'
    const alive = this.lastAlive(row)
    if (times.startExact && times.startUs > alive) return 'other'
    const held = this.table.words[row * rowWords + rowLayout.conntrackId] ?? 0
    const id = (columns.conntrackId[0] ?? 0) | 0
    if (held !== 0 && id !== 0) return held === id ? 'same' : 'other'
    if (line.kind !== 'sighting' && (this.flags(row) & flowFlags.began) !== 0) return 'same'
    const second = times.startExact ? 999_999 : 0
    return times.startUs > 0 && times.startUs + second <= alive ? 'same' : 'unsure'
  }

  /** The line tells an earlier start than the first sight: the entry was there from then on. */
  adoptStart(row: number, times: LineTimes): void {
    const flags = this.flags(row)
    if ((flags & (flowFlags.began | flowFlags.written)) !== 0 || times.startUs === 0) return
    if (times.startUs > this.sliceStart(row)) return
    this.table.moveStart(row, times.startUs)
    if (times.startExact) this.setFlags(row, 0, flowFlags.startUnknown)
  }

  /** A new slice begins at `atUs`; what was before is written. */
  restart(row: number, atUs: number): void {
    this.table.setSliceStart(row, atUs)
    this.table.setLastAlive(row, atUs)
    this.setFlags(row, 0, flowFlags.written)
  }

  private certainty(row: number): number {
    const unknown = (this.flags(row) & flowFlags.startUnknown) !== 0
    return sliceFlags.observedTimes | (unknown ? sliceFlags.startUnknown : 0)
  }

  private fill(row: number, fromUs: number, toUs: number, flags: number, out: FlowBatch): void {
    const { columns } = out
    this.table.read(row, columns, 0)
    columns.octetDeltaCount.fill(0)
    columns.packetDeltaCount.fill(0)
    columns.reverseOctetDeltaCount.fill(0)
    columns.reversePacketDeltaCount.fill(0)
    columns.connectionStart[0] = this.connectionStart(row)
    columns.flowStartMicroseconds[0] = fromUs
    columns.flowEndMicroseconds[0] = toUs
    columns.lastPacket[0] = toUs
    columns.flowEndReason[0] = flowEndReasons.activeTimeout
    columns.sliceFlags[0] = this.certainty(row) | flags
  }

  /**
   * What is sure up to the last sight, with the counters that were seen. Later slices begin there.
   *
   * @returns false where all of it was written before
   */
  writeKnown(row: number, out: FlowBatch): boolean {
    const from = this.sliceStart(row)
    const alive = this.lastAlive(row)
    const flags = this.flags(row)
    if ((flags & flowFlags.written) !== 0 && alive <= from) return false
    this.fill(row, from, alive, sliceFlags.continues, out)
    if ((flags & flowFlags.counted) === 0) this.readCounters(row, out)
    this.table.setSliceStart(row, alive)
    this.setFlags(row, flowFlags.written | flowFlags.counted)
    return true
  }

  private readCounters(row: number, out: FlowBatch): void {
    for (const [index, name] of counterNames.entries()) {
      out.columns[name][0] = this.table.counterWord(row, 2 * index)
      out.columns[name][1] = this.table.counterWord(row, 2 * index + 1)
    }
  }

  /** A time in which nobody saw the entry. */
  writeInferred(row: number, fromUs: number, toUs: number, out: FlowBatch): void {
    this.fill(row, fromUs, toUs, sliceFlags.inferred, out)
    out.columns.lastPacket[0] = fromUs
  }

  /** The last slice, as the DESTROY tells it. */
  writeEnd(row: number, line: LineReader, atUs: number, out: FlowBatch): void {
    const alive = this.lastAlive(row)
    const { columns } = line.entry.row
    this.fill(row, this.sliceStart(row), Math.max(alive, atUs), 0, out)
    if (columns.conntrackId[0] !== 0) out.columns.conntrackId[0] = columns.conntrackId[0] ?? 0
    if (columns.conntrackMark[0] !== 0) out.columns.conntrackMark[0] = columns.conntrackMark[0] ?? 0
    const counted = (this.flags(row) & flowFlags.counted) !== 0
    if (line.entry.hasCounters) {
      const word = (index: number): number => this.table.counterWord(row, index)
      for (const [index, name] of counterNames.entries()) {
        out.columns[name][0] = columns[name][0] ?? 0
        out.columns[name][1] = columns[name][1] ?? 0
        if (counted) subtractCounter(out.columns[name], 0, word(2 * index), word(2 * index + 1))
      }
    } else if (!counted) this.readCounters(row, out)
    const status = this.table.status(row)
    setEnd(out, line, (status & statusAssured) !== 0, status >>> 24, alive)
  }

  /** The slice of a line that stands alone. */
  writeAlone(line: LineReader, fromUs: number, toUs: number, flags: number, out: FlowBatch): void {
    copyRow(line.entry.row, 0, out, 0)
    const { columns } = out
    columns.connectionStart[0] = fromUs
    columns.flowStartMicroseconds[0] = fromUs
    columns.flowEndMicroseconds[0] = toUs
    const unknown = (flags & flowFlags.startUnknown) !== 0
    const more = line.kind !== 'destroy'
    columns.sliceFlags[0] =
      sliceFlags.observedTimes |
      (unknown ? sliceFlags.startUnknown : 0) |
      (more ? sliceFlags.continues : 0)
    columns.lastPacket[0] = toUs
    columns.flowEndReason[0] = flowEndReasons.activeTimeout
    if (!more) setEnd(out, line, line.assured, 0, fromUs)
  }

  /** Every open row. */
  *rows(): Generator<number> {
    for (let row = 0; row < this.table.rowsUsed; row++) if (this.table.isOpen(row)) yield row
  }

  /** The `count` rows that were seen alive longest ago. */
  oldest(count: number): number[] {
    const rows = [...this.rows()]
    rows.sort((a, b) => this.lastAlive(a) - this.lastAlive(b))
    return rows.slice(0, count)
  }
}
