import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import type { IdentityEvent } from '../../model/identity.ts'
import type { IdentityReader } from './reader.ts'
import { ReaderTotals } from './reader-totals.ts'
import { findRotated } from './rotated.ts'
import { beginsAs } from './tail-memory.ts'
import type { TailMemory } from './tail-memory.ts'

const chunkBytes = 256 << 10
/** Statements that are gathered before they are stored. */
const maxEvents = 2048
/** Octets before the end that must not have changed while the file grew. */
const guardBytes = 64
/** A file that says nothing is still heard of this often. */
const heardEveryUs = 5e6

export interface TailOptions {
  readonly path: string
  /** @param skip octets that were read before and are read again without a word */
  readonly makeReader: (skip: number) => IdentityReader
  readonly memory: TailMemory
  /** Resolves once the statements are safe; rejects where they are not. */
  readonly store: (events: readonly IdentityEvent[], atUs: number) => Promise<void>
  readonly nowUs?: () => number
}

/** A file to read, and how much of it was read before. */
interface Next {
  readonly path: string
  readonly file?: FileHandle
  readonly skip: number
}

interface Current {
  readonly file: FileHandle
  readonly reader: IdentityReader
  readonly hash: Hash
  readonly stats: Stats
  position: number
  guard: Buffer
  mtimeMs: number
  /** True once the name belongs to another file: it is read to its end, and once more. */
  replaced: boolean
}

/**
 * Follows a file through all that happens to files: it grows, is rotated, written anew under its
 * name (dhcpd, Kea), cut off, or is not there yet. Nothing is passed over that was stored nowhere:
 * what the database does not take is offered again, and meanwhile nothing more is read.
 */
export class FileTail {
  readonly counters = { truncated: 0, replaced: 0, notStored: 0 }
  readonly totals = new ReaderTotals()
  /** Why the file cannot be read; undefined where it can. */
  trouble: string | undefined
  private readonly options: TailOptions
  private readonly nowUs: () => number
  private queue: Next[] | undefined
  private current: Current | undefined
  private pending: IdentityEvent[] = []
  private storedUs = 0
  private stopped = false

  constructor(options: TailOptions) {
    this.options = options
    this.nowUs = options.nowUs ?? (() => Date.now() * 1000)
  }

  /** Reads what is there and stores it; to be called again and again, not twice at once. */
  async poll(): Promise<void> {
    this.queue ??= await this.resume()
    while (!this.stopped) {
      this.current ??= await this.openNext()
      const { current } = this
      if (current === undefined) return
      const intact = await this.isIntact(current)
      const more = intact && (await this.readChunk(current))
      if (!more || this.pending.length >= maxEvents) {
        if (!(await this.flush(current, intact && !more))) return
      }
      if (!intact) {
        this.counters.truncated++
        await this.leave(current)
      } else if (!more && !(await this.goOn(current))) return
    }
  }

  /** Ends after what was read is stored, or could not be. */
  async close(): Promise<void> {
    this.stopped = true
    if (this.current !== undefined) await this.flush(this.current, false)
    await this.current?.file.close()
    for (const { file } of this.queue ?? []) await file?.close()
    this.current = undefined
  }

  /** Where to begin: after what was read before, under whatever name that stands now. */
  private async resume(): Promise<Next[]> {
    const { path, memory } = this.options
    const mark = memory.load()
    if (mark === undefined) return [{ path, skip: 0 }]
    const file = await open(path, 'r').catch(() => undefined)
    if (file !== undefined) {
      if (await beginsAs(file, mark)) return [{ path, file, skip: mark.offset }]
      await file.close()
    }
    const rotated = await findRotated(path, mark)
    const before = rotated.map((each, index) => ({
      path: each,
      skip: index === 0 ? mark.offset : 0,
    }))
    return [...before, { path, skip: 0 }]
  }

  private async openNext(): Promise<Current | undefined> {
    const [next = { path: this.options.path, skip: 0 }] = this.queue ?? []
    try {
      const file = next.file ?? (await open(next.path, 'r'))
      this.queue?.shift()
      const stats = await file.stat()
      this.trouble = undefined
      const reader = this.options.makeReader(next.skip)
      this.totals.note(reader)
      return {
        file,
        reader,
        hash: createHash('sha256'),
        stats,
        position: 0,
        guard: Buffer.alloc(0),
        mtimeMs: stats.mtimeMs,
        replaced: false,
      }
    } catch (error) {
      this.trouble = (error as Error).message
      // One that was rotated away may be gone for good; the followed one may still come.
      if (next.path !== this.options.path) this.queue?.shift()
      return undefined
    }
  }

  /** @returns false at the end of what is there */
  private async readChunk(current: Current): Promise<boolean> {
    if (this.pending.length >= maxEvents) return true
    const buffer = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await current.file.read(buffer, 0, chunkBytes, current.position)
    if (bytesRead === 0) return false
    const chunk = buffer.subarray(0, bytesRead)
    current.hash.update(chunk)
    current.reader.push(chunk)
    current.position += bytesRead
    current.guard = Buffer.concat([current.guard, chunk.subarray(-guardBytes)]).subarray(
      -guardBytes
    )
    this.pending.push(...current.reader.take())
    return true
  }

  /** @returns false where it could not be stored: then nothing is read until it could */
  private async flush(current: Current, atEnd: boolean): Promise<boolean> {
    const nowUs = this.nowUs()
    const isHeard = atEnd && nowUs - this.storedUs >= heardEveryUs
    if (this.pending.length === 0 && !isHeard) return true
    const { reader } = current
    try {
      await this.options.store(this.pending, atEnd ? nowUs : Math.min(nowUs, reader.newestUs))
    } catch {
      this.counters.notStored++
      return false
    }
    this.pending = []
    this.storedUs = nowUs
    this.remember(current)
    return true
  }

  private remember({ hash, position, reader }: Current): void {
    if (reader.offset === 0) return
    const sha256 = hash.copy().digest('hex')
    this.options.memory.save({ length: position, sha256, offset: reader.offset })
  }

  /** Sees whether the file still has what was read of it: it may be cut off or written anew. */
  private async isIntact(current: Current): Promise<boolean> {
    const { file, guard, position } = current
    const { size, mtimeMs } = await file.stat()
    if (size < position) return false
    if (mtimeMs === current.mtimeMs || guard.length === 0) return true
    current.mtimeMs = mtimeMs
    const there = Buffer.alloc(guard.length)
    const { bytesRead } = await file.read(there, 0, guard.length, position - guard.length)
    return bytesRead === guard.length && there.equals(guard)
  }

  /**
   * At the end of what is there.
   *
   * @returns true where there is another file to read: the next one, or a new one of the same name
   */
  private async goOn(current: Current): Promise<boolean> {
    if ((this.queue?.length ?? 0) > 0) {
      await this.leave(current)
      return true
    }
    const { ino, dev } = current.stats
    const named = await stat(this.options.path).catch(() => undefined)
    // Between a rotation and the new file there is none: this one goes on.
    if (named === undefined || (named.ino === ino && named.dev === dev)) {
      current.replaced = false
      return false
    }
    if (!current.replaced) {
      // Who had it open may still write to it.
      current.replaced = true
      return false
    }
    this.counters.replaced++
    await this.leave(current)
    return true
  }

  private async leave(current: Current): Promise<void> {
    current.reader.end()
    this.totals.leave(current.reader)
    await current.file.close()
    this.current = undefined
  }
}
