import type { IdentityEvent } from '../../model/identity.ts'
import type { Zone } from '../../model/time-zone.ts'
import { LineCutter } from './line-cutter.ts'

/** Octets of one line of a source; JSON in a lease file may be long. */
export const maxIdentityLine = 64 << 10

/** What a source is, as far as its octets do not say. */
export interface ReaderOptions {
  /** Name of the file, by which records are told. */
  readonly name: string
  /** Zone of times that name none; without it they are refused. */
  readonly zone?: Zone | undefined
  /** The clock, in microseconds since 1970: the year of times that have none comes from it. */
  readonly nowUs?: (() => number) | undefined
  /**
   * When the source was last written (us since 1970): a copied file is older than the clock. Left
   * out for one that is followed.
   */
  readonly writtenUs?: number | undefined
  /** The year in which times without one begin. */
  readonly year?: number | undefined
  /** Declared patterns of a log of log-ins. */
  readonly patterns?: readonly string[] | undefined
  /** Octets that were read before: they are read again, since what follows may need them. */
  readonly skip?: number | undefined
}

/** How a source was read. */
export interface ReaderCounters {
  /** Lines, and what they were: statements, and records that are none of this reader's business. */
  lines: number
  events: number
  /** Records that were understood and say nothing of who held what, by reason. */
  readonly passed: Record<string, number>
  /** Records or parts of them that should have been understood, by reason. */
  readonly refused: Record<string, number>
  /** Lines of which nothing is known. */
  unknown: number
  /** Things noticed in records that were taken, by name. */
  readonly notes: Record<string, number>
  /** The first refused or unknown record, as `file:line`. */
  firstRefused: string | undefined
}

/**
 * Reads one source of identities: octets in, statements out. No I/O. What was stated waits in
 * `events` until it is taken.
 */
export abstract class IdentityReader {
  readonly counters: ReaderCounters = {
    lines: 0,
    events: 0,
    passed: {},
    refused: {},
    unknown: 0,
    notes: {},
    firstRefused: undefined,
  }
  /** Time of the newest statement (us since 1970); 0 before the first. */
  newestUs = 0
  protected readonly options: ReaderOptions
  private readonly cutter = new LineCutter(maxIdentityLine)
  private readonly skip: number
  private events: IdentityEvent[] = []
  /** Where the record that is being read begins: octet and number of its first line. */
  private recordAt = 0
  private recordLine = 0
  private lineNumber = 0
  private lineAt = 0
  private muted = false
  private endOffset: number | undefined

  constructor(options: ReaderOptions) {
    this.options = options
    this.skip = options.skip ?? 0
    this.muted = this.skip > 0
  }

  /** Reads one line; a record of several ends with a call of {@link endRecord}. */
  protected abstract onLine(line: string): void

  /** True while a record has begun and its end is still to come. */
  protected isOpen(): boolean {
    return false
  }

  /** Drops the record that is open; the caller counts it. */
  protected dropOpen(): void {}

  /** Takes the next octets. */
  push(chunk: Buffer): void {
    this.cutter.push(chunk, this.takeLine, this.takeTooLong)
  }

  /**
   * No more octets come: what was begun is counted as cut and stays behind {@link offset}, to be
   * read once the rest is there.
   */
  end(): void {
    this.endOffset = this.offset
    if (this.isOpen()) {
      this.refuse('cut')
      this.dropOpen()
    } else if (this.cutter.waiting > 0) {
      this.recordLine = this.lineNumber + 1
      this.muted = false
      this.refuse('cut')
    }
  }

  /** Octets up to the end of the last whole record: who resumes goes on from here. */
  get offset(): number {
    return this.endOffset ?? (this.isOpen() ? this.recordAt : this.cutter.offset)
  }

  /** The statements since the last call. */
  take(): IdentityEvent[] {
    const { events } = this
    this.events = []
    return events
  }

  /** Statements that wait. */
  get waiting(): number {
    return this.events.length
  }

  private readonly takeLine = (line: string, offset: number): void => {
    this.lineNumber++
    if (!this.isOpen()) this.beginRecord(offset)
    this.lineAt = offset
    if (!this.muted) this.counters.lines++
    this.onLine(line)
  }

  private readonly takeTooLong = (offset: number): void => {
    this.lineNumber++
    if (!this.muted) this.counters.lines++
    if (this.isOpen()) this.dropOpen()
    this.beginRecord(offset)
    this.refuse('line-too-long')
  }

  private beginRecord(offset: number): void {
    this.recordAt = offset
    this.recordLine = this.lineNumber
    this.muted = offset < this.skip
  }

  /** The line that is being read begins another record than the one that was open. */
  protected restartRecord(): void {
    this.beginRecord(this.lineAt)
  }

  /** Where the record stands. */
  protected get record(): string {
    return `${this.options.name}:${this.recordLine}`
  }

  protected emit(event: IdentityEvent): void {
    if (event.atUs > this.newestUs) this.newestUs = event.atUs
    if (this.muted) return
    this.counters.events++
    this.events.push(event)
  }

  /** Counts a record that says nothing of who held what. */
  protected pass(reason: string): void {
    if (!this.muted) count(this.counters.passed, reason)
  }

  /** Counts a record, or a part of one, that cannot be believed. */
  protected refuse(reason: string): void {
    if (this.muted) return
    count(this.counters.refused, reason)
    this.counters.firstRefused ??= this.record
  }

  protected unknown(): void {
    if (this.muted) return
    this.counters.unknown++
    this.counters.firstRefused ??= this.record
  }

  protected note(name: string): void {
    if (!this.muted) count(this.counters.notes, name)
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
