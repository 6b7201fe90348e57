import { setImmediate } from 'node:timers/promises'
import type { IdentityReader } from '../../collector/identity/reader.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { withIdle } from './idle.ts'
import type { IdentityTally } from './identity-tally.ts'
import { whatCanBeRead } from './identity-text.ts'
import type { TextSource } from './text-source.ts'

/**
 * Statements that one transaction takes. Those about one holding are put together before anything
 * is written, so that many at a time cost far less each; they take some 100 MB.
 */
const mostEvents = 262_144
/**
 * Where nothing is said again, waiting for more saves nothing: from so many statements on they are
 * written as soon as the database has nothing else to do.
 */
const someEvents = 16_384
/** Octets that are read at once: some milliseconds of work. */
const partBytes = 64 << 10
/** What a stream stated is written at the latest after this time, however little it is. */
const streamCommitMs = 1000

/** Where an import's statements go: the store, handed in by who wires the program. */
export interface IdentityImportSink {
  /** The offset that the last commit of this key left; undefined where there is none. */
  readCursor(key: string): Promise<number | undefined>
  /** Takes statements that one transaction is to write. */
  collect(): IdentityCollected
}

/** Statements that wait to be written. */
export interface IdentityCollected {
  add(events: readonly IdentityEvent[]): void
  readonly size: number
  /** Keys that they name: as many as statements where nothing is said again. */
  readonly keys: number
  /** Writes statements, counts and cursor, all or none; statements that it has change nothing. */
  write(progress: {
    readonly atUs: number
    readonly counters: {
      readonly read: number
      readonly unknown: number
      readonly refused: number
    }
    readonly cursor?: { readonly file: string; readonly key: string; readonly offset: number }
  }): Promise<void>
}

/** What all texts of one import share. */
export interface IdentityShared {
  readonly sink: IdentityImportSink
  readonly tally: IdentityTally
  readonly signal: AbortSignal | undefined
  /** Statements that one transaction takes. */
  readonly commitEvents?: number | undefined
  readonly onProgress: (lines: number) => void
}

/**
 * Reads one text into the store. While a batch is written the next one is read already, so that
 * this process and the database work at the same time.
 */
export class IdentityImport {
  private readonly text: TextSource
  private readonly reader: IdentityReader
  private readonly shared: IdentityShared
  /** Of the cursor; undefined for a stream, which cannot be resumed. */
  private readonly key: string | undefined
  /** Octets to read. */
  private readonly bytes: number
  private collected: IdentityCollected
  private counted = { read: 0, unknown: 0, refused: 0 }
  private writing: Promise<void> = Promise.resolve()
  private isWriting = false
  private wroteAt = performance.now()

  constructor(
    text: TextSource,
    reader: IdentityReader,
    known: { readonly key: string | undefined; readonly bytes: number },
    shared: IdentityShared
  ) {
    this.text = text
    this.reader = reader
    this.shared = shared
    this.key = known.key
    this.bytes = known.bytes
    this.collected = shared.sink.collect()
  }

  /** @returns false where the signal ended it before the text did */
  async run(): Promise<boolean> {
    const { reader, shared } = this
    const whole = await this.readChunks()
    if (whole) reader.end()
    await this.commit()
    await this.writing
    shared.tally.add(reader)
    return whole
  }

  private async readChunks(): Promise<boolean> {
    const { text, reader, shared } = this
    const { tally, signal } = shared
    const before = tally.bytes
    const onRaw = (read: number): void => {
      tally.bytes = before + read
    }
    const chunks = withIdle(whatCanBeRead(text, onRaw), streamCommitMs, () =>
      text.repeatable ? Promise.resolve() : this.commit()
    )
    let left = this.bytes
    for await (const chunk of chunks) {
      for (const part of partsOf(chunk.length > left ? chunk.subarray(0, left) : chunk)) {
        reader.push(part)
        this.collected.add(reader.take())
        // What is being written waits for this process in between.
        if (this.isWriting) await setImmediate()
      }
      left -= chunk.length
      shared.onProgress(reader.counters.lines)
      if (this.isDue()) await this.commit()
      if (signal?.aborted === true && text.repeatable) return false
      if (left <= 0) break
    }
    return true
  }

  private isDue(): boolean {
    const { size, keys } = this.collected
    if (size >= (this.shared.commitEvents ?? mostEvents)) return true
    if (!this.isWriting && size >= someEvents && size < keys * 1.2) return true
    return !this.text.repeatable && performance.now() - this.wroteAt >= streamCommitMs
  }

  /** Starts to write what waits, and how far the text was read, once the last write has ended. */
  private async commit(): Promise<void> {
    await this.writing
    this.wroteAt = performance.now()
    const { reader, text, key } = this
    // Before its first statement a source was not heard at any time.
    if (reader.newestUs === 0) return
    this.collected.add(reader.take())
    const { collected } = this
    const now = countsOf(reader)
    const counters = {
      read: now.read - this.counted.read,
      unknown: now.unknown - this.counted.unknown,
      refused: now.refused - this.counted.refused,
    }
    if (collected.size === 0 && Object.values(counters).every((count) => count === 0)) return
    this.counted = now
    this.collected = this.shared.sink.collect()
    const cursor = key === undefined ? {} : { cursor: cursorOf(text, key, reader.offset) }
    this.isWriting = true
    this.writing = collected.write({ atUs: reader.newestUs, counters, ...cursor })
    const ended = (): void => {
      this.isWriting = false
    }
    // It is awaited before anything else is written; until then it must not count as unhandled.
    this.writing.then(ended, ended)
  }
}

function* partsOf(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += partBytes) yield chunk.subarray(at, at + partBytes)
}

/** How far a text was read. */
export function cursorOf(
  { name }: TextSource,
  key: string,
  offset: number
): { file: string; key: string; offset: number } {
  return { file: name, key, offset }
}

function countsOf({ counters }: IdentityReader): {
  read: number
  unknown: number
  refused: number
} {
  const refused = Object.values(counters.refused).reduce((sum, count) => sum + count, 0)
  return { read: counters.lines, unknown: counters.unknown, refused }
}
