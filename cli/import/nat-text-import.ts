import { HostField } from '../../collector/syslog/host-field.ts'
import { EventWriter } from '../../collector/syslog/event-writer.ts'
import type { LineSource } from '../../collector/syslog/line-source.ts'
import type { NatTracker } from '../../collector/nat/tracker.ts'
import { batchRows } from '../../model/limits.ts'
import type { LedgerSink } from './ledger-sink.ts'
import { LineSplitter } from './line-splitter.ts'
import type { NatRowsBuffer } from './nat-rows-buffer.ts'
import { endKey, takenBy } from './text-identity.ts'
import type { TextIdentity } from './text-identity.ts'
import { DamagedTextError } from './text-source.ts'
import type { TextSource } from './text-source.ts'

/** Rows that one transaction takes, at least. */
const commitRows = 8 * batchRows
const eventRows = 2048
const maxEventsOfLine = 256

/** What an import counts, beside what reader and tracker do. */
export interface NatTally {
  lines: number
  /** Lines that an earlier run had taken. */
  linesKnown: number
  rows: number
  tooLong: number
  /** Lines of other hosts than those that were asked for. */
  otherHosts: number
  /** Last lines without an end: they may be cut short, and are read once the end is there. */
  unterminated: number
  bytes: number
  bytesTotal: number
  readonly damaged: string[]
}

/** What all texts of one import share. */
export interface NatShared {
  readonly tracker: NatTracker
  readonly rows: NatRowsBuffer
  readonly tally: NatTally
  readonly sink: LedgerSink
  readonly signal: AbortSignal | undefined
  readonly onProgress: () => void
  /** Whose lines are read, in lower case; left out: everybody's. */
  readonly hosts: ReadonlySet<string> | undefined
}

/**
 * Imports one text of NAT logs. What an earlier run has written is read again, so that the mappings
 * that were open there are known, but its rows are not kept twice: those of lines before the
 * cursor, and those written because the text ended there then.
 */
export class NatTextImport {
  readonly #splitter = new LineSplitter()
  readonly #events = new EventWriter(eventRows)
  readonly #host = new HostField()
  readonly #text: TextSource
  readonly #identity: TextIdentity
  readonly #lines: LineSource
  readonly #shared: NatShared
  readonly #doneBefore: number
  /** Places where an earlier run wrote out what was open, in order. */
  readonly #cuts: number[]
  #committed: number
  #latestUs = 0

  constructor(text: TextSource, identity: TextIdentity, lines: LineSource, shared: NatShared) {
    this.#text = text
    this.#identity = identity
    this.#lines = lines
    this.#shared = shared
    const { cursor, endCursor } = identity
    this.#doneBefore = takenBy(cursor)
    this.#committed = cursor?.segment ?? 0
    this.#cuts = [endCursor, isEnd(this.#committed) ? cursor : undefined]
      .filter((one) => one !== undefined)
      .map((one) => takenBy(one))
    this.#events.sourceIndex = 1
  }

  /** @returns false where the signal ended it before the file did */
  async run(): Promise<boolean> {
    const { rows, signal, tally, tracker } = this.#shared
    rows.muted = this.#doneBefore > 0
    try {
      await this.#readChunks()
    } catch (error) {
      if (!(error instanceof DamagedTextError)) throw error
      tally.damaged.push(this.#text.name)
    }
    if (signal?.aborted === true) {
      await this.#commit(false)
      return false
    }
    if (this.#splitter.tail.trim() !== '') tally.unterminated++
    this.#reach(this.#splitter.offset)
    this.#drain()
    tracker.cutAll(this.#latestUs)
    await this.#commit(true)
    return true
  }

  async #readChunks(): Promise<void> {
    const { tally, rows, signal, onProgress } = this.#shared
    const before = tally.bytes
    const chunks = this.#text.chunks((read) => {
      tally.bytes = before + read
    })
    for await (const chunk of chunks) {
      this.#splitter.push(chunk, this.#onLine, () => void tally.tooLong++)
      this.#drain()
      onProgress()
      if (rows.rows >= commitRows) await this.#commit(false)
      if (signal?.aborted === true) return
    }
  }

  readonly #onLine = (line: string, offset: number): void => {
    const { tally } = this.#shared
    this.#reach(offset)
    tally.lines++
    if (offset < this.#doneBefore) tally.linesKnown++
    if (line === '' || !this.#isWanted(line)) return
    if (this.#events.room < maxEventsOfLine) this.#drain()
    this.#lines.read(line.endsWith('\r') ? line.slice(0, -1) : line, this.#events)
    this.#latestUs = Math.max(this.#latestUs, this.#lines.writtenUs)
  }

  #isWanted(line: string): boolean {
    const { hosts, tally } = this.#shared
    if (hosts === undefined) return true
    const host = this.#host.read(line)
    if (host !== undefined && hosts.has(host)) return true
    tally.otherHosts++
    return false
  }

  /** Comes to an octet: an earlier run may have written out what was open, or ended, before it. */
  #reach(offset: number): void {
    const { rows, tracker } = this.#shared
    while ((this.#cuts[0] ?? Infinity) <= offset) {
      this.#cuts.shift()
      this.#drain()
      tracker.cutAll(this.#latestUs)
      tracker.flush()
    }
    if (!rows.muted || offset < this.#doneBefore) return
    // What was read up to here is in the ledger: nothing of it may wait for the next commit.
    this.#drain()
    tracker.flush()
    rows.muted = false
  }

  #drain(): void {
    const { batch } = this.#events
    this.#shared.tracker.take(batch)
    batch.length = 0
    batch.texts.clear()
  }

  async #commit(atEnd: boolean): Promise<void> {
    const { rows, sink, tally, tracker } = this.#shared
    tracker.flush()
    const segment = 2 * this.#splitter.offset + (atEnd ? 1 : 0)
    if (segment <= this.#committed || (rows.rows === 0 && !atEnd)) return
    const { key, cursor } = this.#identity
    // Where the text once ended has to be known by whoever resumes behind it.
    if (isEnd(this.#committed) && cursor?.segment === this.#committed) {
      await sink.commit({ batches: [], cursor: { ...cursor, key: endKey(key) } })
    }
    await sink.commit({
      batches: rows.slices,
      natBatches: rows.others,
      cursor: { key, segment, offset: this.#splitter.digest() },
    })
    this.#committed = segment
    tally.rows += rows.rows
    rows.clear()
  }
}

const isEnd = (segment: number): boolean => segment % 2 === 1
