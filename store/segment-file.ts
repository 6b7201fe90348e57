import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { decodeHead, frameHeadBytes, payloadIsSound } from './spool-frame.ts'
import { together } from './extent.ts'
import type { Extent } from './extent.ts'
import { syncPathNow } from './sync-path.ts'
import { WrittenPages } from './written-pages.ts'

/** How often what a failed sync leaves in doubt is written again before it is given up. */
const mendTries = 3

/** What becomes of a segment's syncs. */
export interface SyncOutcome {
  /** Everything that was appended when it began is safe on disk. */
  safe(): void
  /** The disk failed; what is in doubt was written again. */
  mended(error: Error): void
  /** What is in doubt cannot be mended: it may be lost. Nothing more goes into this segment. */
  lost(error: Error, extent: Extent): void
}

/**
 * A segment as its writer has it. After a failed fdatasync the kernel may have dropped the pages
 * and calls them clean, so that the next sync would succeed without them (fsync(2), NOTES): all
 * frames since the last good sync are in doubt. They are read back and, where their CRCs hold,
 * written again at their places, which makes the pages dirty again. Where that fails they stay for
 * the reader, and count as lost.
 *
 * A segment is on disk, by its name and with its head, before anything goes into it. The ledger,
 * and targets of the exporter, may have read what a loss of power takes: were the name gone too,
 * the next run would give it to another segment, and they would pass over as much of that one.
 */
export class SegmentFile {
  readonly #fd: number
  readonly #outcome: SyncOutcome
  readonly #pages: WrittenPages
  /** Where the next frame begins. */
  offset: number
  #safeTo: number
  /** Rows since the last good sync: those that the sync under way carries, and younger ones. */
  #carried: Extent | undefined
  #younger: Extent | undefined
  #isSyncing = false
  #isClosed = false
  #failures = 0
  #waiting: { readonly upTo: number; readonly resolve: (isSafe: boolean) => void }[] = []

  /**
   * Makes the file, writes its head and forces both to disk; of a failure nothing is left.
   *
   * @throws Error of the system
   */
  constructor(path: string, head: Buffer, outcome: SyncOutcome) {
    this.#outcome = outcome
    this.#fd = openSync(path, 'wx+', 0o600)
    this.#pages = new WrittenPages(this.#fd)
    try {
      writeWhole(this.#fd, head, head.length, 0)
      fsyncSync(this.#fd)
      syncPathNow(dirname(path))
    } catch (error) {
      closeSync(this.#fd)
      rmSync(path, { force: true })
      throw error
    }
    this.offset = head.length
    this.#safeTo = head.length
  }

  /** Octets that are not safe on disk. */
  get unsynced(): number {
    return this.offset - this.#safeTo
  }

  /**
   * Appends a frame. Of one that did not fit nothing stays, which gives back its blocks too.
   *
   * @throws Error of the system
   */
  append(frame: Buffer, length: number, extent: Extent): void {
    try {
      writeWhole(this.#fd, frame, length, this.offset)
    } catch (error) {
      ftruncateSync(this.#fd, this.offset)
      throw error
    }
    this.offset += length
    if (extent.rows > 0) this.#younger = together(this.#younger, extent)
  }

  /** Forces what was appended to disk without waiting for it. */
  syncSoon(): void {
    if (this.unsynced === 0 || this.#isSyncing || this.#isClosed) return
    this.#isSyncing = true
    const upTo = this.offset
    this.#carry()
    fdatasync(this.#fd, (error) => {
      this.#isSyncing = false
      if (this.#isClosed) this.#release()
      else if (error) this.#failed(error)
      else this.#succeeded(upTo)
    })
  }

  /** Forces what was appended to disk; false where the disk has not taken all of it. */
  sync(): Promise<boolean> {
    if (this.unsynced === 0) return Promise.resolve(true)
    if (this.#isClosed) return Promise.resolve(false)
    const upTo = this.offset
    const safe = new Promise<boolean>((resolve) => this.#waiting.push({ upTo, resolve }))
    this.syncSoon()
    return safe
  }

  /** Forces it to disk, and ends it. What fails is told as lost. */
  close(): void {
    if (this.#isClosed) return
    this.#carry()
    try {
      fdatasyncSync(this.#fd)
      this.#safeTo = this.offset
      this.#tellWaiting()
      this.#outcome.safe()
    } catch (error) {
      if (this.#carried !== undefined) this.#outcome.lost(error as Error, this.#carried)
    }
    this.abandon()
  }

  /** Ends it as it is. */
  abandon(): void {
    this.#isClosed = true
    for (const { resolve } of this.#waiting.splice(0)) resolve(false)
    // A sync that is under way uses the number of the file still.
    if (!this.#isSyncing) this.#release()
  }

  #release(): void {
    closeSync(this.#fd)
  }

  #carry(): void {
    if (this.#younger !== undefined) this.#carried = together(this.#carried, this.#younger)
    this.#younger = undefined
  }

  #succeeded(upTo: number): void {
    this.#failures = 0
    this.#safeTo = upTo
    this.#pages.safeTo(upTo)
    this.#carried = undefined
    this.#outcome.safe()
    this.#tellWaiting()
  }

  /** Who waits for what came after the last sync began is told by the next one. */
  #tellWaiting(): void {
    const isSafe = ({ upTo }: { upTo: number }): boolean => upTo <= this.#safeTo
    for (const { resolve } of this.#waiting.filter(isSafe)) resolve(true)
    this.#waiting = this.#waiting.filter((one) => !isSafe(one))
    if (this.#waiting.length > 0) this.syncSoon()
  }

  #failed(error: Error): void {
    this.#carry()
    this.#failures++
    if (this.#failures <= mendTries && this.#writeAgain()) {
      this.#outcome.mended(error)
      if (this.#waiting.length > 0) this.syncSoon()
      return
    }
    const extent = this.#carried ?? { rows: 0, fromUs: 0, toUs: 0 }
    this.abandon()
    this.#outcome.lost(error, extent)
  }

  /** @returns false where a frame in doubt is not what was written, or cannot be written again */
  #writeAgain(): boolean {
    try {
      const bytes = Buffer.alloc(this.unsynced)
      if (readSync(this.#fd, bytes, 0, bytes.length, this.#safeTo) < bytes.length) return false
      if (!areFrames(bytes)) return false
      writeWhole(this.#fd, bytes, bytes.length, this.#safeTo)
      return true
    } catch {
      return false
    }
  }
}

/** @throws Error also where the disk takes only a part */
function writeWhole(fd: number, bytes: Buffer, length: number, at: number): void {
  let done = 0
  while (done < length) {
    // The rest of what was taken in part says why: mostly that the disk is full.
    const written = writeSync(fd, bytes, done, length - done, at + done)
    if (written === 0) throw new Error('the disk took only a part of a frame')
    done += written
  }
}

/** True where these are whole frames and nothing else, as their CRCs say. */
function areFrames(bytes: Buffer): boolean {
  let at = 0
  while (at < bytes.length) {
    if (at + frameHeadBytes > bytes.length) return false
    const head = decodeHead(bytes, at)
    if (head === undefined) return false
    const end = at + frameHeadBytes + head.payloadBytes
    if (end > bytes.length || !payloadIsSound(head, bytes.subarray(at + frameHeadBytes, end))) {
      return false
    }
    at = end
  }
  return true
}
