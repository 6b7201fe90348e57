import type { TextFlows } from '../../collector/conntrack/text-flows.ts'
import type { LineReader } from '../../collector/conntrack/text-line.ts'
import { batchRows } from '../../model/limits.ts'
import { withIdle } from './idle.ts'
import { foreignForm, nothingRead, withoutTimes } from './import-errors.ts'
import type { ImportTally, Rejection } from './import-tally.ts'
import type { LedgerSink } from './ledger-sink.ts'
import { LineSplitter } from './line-splitter.ts'
import type { RowBuffer } from './row-buffer.ts'
import { endKey, takenBy } from './text-identity.ts'
import type { TextIdentity } from './text-identity.ts'
import { DamagedTextError } from './text-source.ts'
import type { TextSource } from './text-source.ts'

/** What all texts of one import share. */
export interface ImportShared {
  readonly flows: TextFlows
  readonly reader: LineReader
  readonly rows: RowBuffer
  readonly tally: ImportTally
  readonly sink: LedgerSink
  /** When lines without a time were (us since 1970); 0 where nobody says. */
  readonly atUs: number
  readonly nowUs: () => number
  readonly signal: AbortSignal | undefined
  readonly onProgress: () => void
}

/** Rows that one transaction takes: a commit costs as much as some thousands of them. */
const commitRows = 4 * batchRows

/** Rows of a stream are written at the latest after this time, however few they are. */
const streamCommitMs = 1000
/** Lines without a time after which a text is given up, if not one had a time. */
const patienceLines = 1000

/**
 * Imports one text. What an earlier run has written is read again, so that the connections that
 * were open there are known, but its rows are not kept twice: those of lines before the cursor, and
 * those written because the text ended there then.
 */
export class TextImport {
  private readonly splitter = new LineSplitter()
  private readonly text: TextSource
  private readonly identity: TextIdentity
  private readonly shared: ImportShared
  /** Octets that earlier runs have taken. */
  private readonly doneBefore: number
  /** Places where an earlier run wrote out what was open, in order. */
  private readonly cuts: number[]
  private committed: number
  private committedAtUs: number
  private lineNumber = 0
  private events = 0
  /** Lines that are no events, and none of those that belong beside them. */
  private readonly unreadable = new Map<Rejection, number>()

  constructor(text: TextSource, identity: TextIdentity, shared: ImportShared) {
    this.text = text
    this.identity = identity
    this.shared = shared
    const { cursor, endCursor } = identity
    this.doneBefore = takenBy(cursor)
    this.committed = cursor?.segment ?? 0
    this.committedAtUs = shared.nowUs()
    this.cuts = [endCursor, isEnd(cursor?.segment ?? 0) ? cursor : undefined]
      .filter((one) => one !== undefined)
      .map((one) => takenBy(one))
  }

  /** @returns false where the signal ended it before a file did */
  async run(): Promise<boolean> {
    const { flows, tally, signal } = this.shared
    flows.startText(this.identity.key)
    try {
      await this.readChunks()
    } catch (error) {
      if (!(error instanceof DamagedTextError)) throw error
      tally.damaged.push(this.text.name)
    }
    if (signal?.aborted === true && this.text.repeatable) {
      await this.commit(false)
      return false
    }
    this.readTail()
    this.cutWhereDue(this.splitter.offset)
    this.requireEvents(1)
    flows.cutAll()
    await this.commit(true)
    return true
  }

  private async readChunks(): Promise<void> {
    const { tally, signal, onProgress } = this.shared
    const bytesBefore = tally.bytes
    const chunks = this.text.chunks((read) => {
      tally.bytes = bytesBefore + read
    })
    for await (const chunk of withIdle(chunks, streamCommitMs, () => this.commit(false))) {
      this.splitter.push(chunk, this.onLine, this.onTooLong)
      onProgress()
      if (this.isCommitDue()) await this.commit(false)
      if (signal?.aborted === true && this.text.repeatable) return
    }
  }

  private isCommitDue(): boolean {
    const { rows, nowUs } = this.shared
    if (this.text.repeatable) return rows.rows >= commitRows
    return rows.rows >= commitRows || nowUs() - this.committedAtUs >= streamCommitMs * 1000
  }

  private readonly onLine = (line: string, offset: number): void => {
    this.lineNumber++
    this.cutWhereDue(offset)
    const { reader } = this.shared
    const isNew = this.countLine(offset)
    const reason = reader.read(line)
    if (reason === undefined) this.take(offset, isNew)
    else if (reason !== 'blank' && reason !== 'summary') {
      if (this.events === 0 && (reason === 'xml-form' || reason === 'save-form')) {
        throw foreignForm(this.text.name, reason)
      }
      this.reject(reason, isNew)
    }
  }

  private readonly onTooLong = (offset: number): void => {
    this.lineNumber++
    this.reject('line-too-long', this.countLine(offset))
  }

  private reject(reason: Rejection, isNew: boolean): void {
    if (isNew) this.shared.tally.reject(reason, this.text.name, this.lineNumber)
    if (reason === 'expectation') return
    this.unreadable.set(reason, (this.unreadable.get(reason) ?? 0) + 1)
  }

  private countLine(offset: number): boolean {
    const isNew = offset >= this.doneBefore
    this.shared.tally.lines++
    if (!isNew) this.shared.tally.linesKnown++
    return isNew
  }

  /**
   * Takes the event that was just read; the rows of a line that an earlier run had are not kept.
   */
  private take(offset: number, isNew: boolean): void {
    const { flows, reader, rows, atUs, nowUs } = this.shared
    const arrival = this.text.repeatable ? 0 : nowUs()
    rows.muted = !isNew
    const taken = flows.take(reader, offset, atUs || arrival)
    rows.muted = false
    if (taken) this.events++
    else this.reject('no-time', isNew)
    this.requireEvents(patienceLines)
  }

  /**
   * A text of which no line has a time needs an option, and one of which no line can be read is
   * something else: to take such a text as done would hide that.
   */
  private requireEvents(patience: number): void {
    if (this.events > 0) return
    const missing = this.unreadable.get('no-time') ?? 0
    if (missing >= patience) throw withoutTimes(this.text.name)
    if (patience > 1 || this.unreadable.size === 0) return
    const reasons = [...this.unreadable].map(([reason, count]) => `${reason}: ${count}`)
    throw nothingRead(this.text.name, reasons.join(', '))
  }

  /** An earlier run wrote out what was open here: so it is known as written. */
  private cutWhereDue(offset: number): void {
    while ((this.cuts[0] ?? Infinity) <= offset) {
      this.cuts.shift()
      this.shared.rows.muted = true
      this.shared.flows.cutAll()
      this.shared.rows.muted = false
    }
  }

  /**
   * The end of a text without a line end is often a line that is still being written, and
   * `dport=6128` may become `dport=61284`. It is taken where something stands behind its tuples.
   */
  private readTail(): void {
    const { reader } = this.shared
    const line = withoutCutId(this.splitter.tail)
    if (line.trim() === '') return
    const offset = this.splitter.offset
    this.lineNumber++
    this.cutWhereDue(offset)
    const isNew = this.countLine(offset)
    const reason = reader.read(line)
    if (reason === 'summary') return this.splitter.takeTail()
    if (reason === undefined && reader.tupleComplete) {
      this.take(offset, isNew)
      return this.splitter.takeTail()
    }
    this.reject('unterminated-line', isNew)
  }

  /** Writes the rows that wait, and how far the text was read, as one. */
  private async commit(atEnd: boolean): Promise<void> {
    const { rows, sink, nowUs } = this.shared
    this.committedAtUs = nowUs()
    const segment = 2 * this.splitter.offset + (atEnd ? 1 : 0)
    if (segment <= this.committed || (rows.rows === 0 && !atEnd)) return
    const { key, cursor } = this.identity
    // Where the text once ended has to be known by whoever resumes behind it.
    if (isEnd(this.committed) && cursor?.segment === this.committed) {
      await sink.commit({ batches: [], cursor: { ...cursor, key: endKey(key) } })
    }
    await sink.commit({
      batches: rows.filled(),
      cursor: { key, segment, offset: this.splitter.digest() },
    })
    this.committed = segment
    this.shared.tally.rows += rows.rows
    rows.clear()
  }
}

function isEnd(segment: number): boolean {
  return segment % 2 === 1
}

/** An id that may be cut short would tie the event to another entry, so it is left out. */
function withoutCutId(line: string): string {
  const at = line.lastIndexOf(' ') + 1
  return line.startsWith('id=', at) ? line.slice(0, at) : line
}
