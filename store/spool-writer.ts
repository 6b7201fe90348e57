import { mkdirSync } from 'node:fs'
import type { GapReason, Progress } from '../model/coverage.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { maxFrameBytes } from '../model/limits.ts'
import { SegmentChain } from './segment-chain.ts'
import type { SpoolColumns } from './spool-column.ts'
import {
  encodeSegmentHead,
  frameHeadBytes,
  frameKinds,
  maxRowFrameBytes,
  spoolColumns,
  textBytes,
} from './spool-frame.ts'
import type { RowFrameKind } from './spool-frame.ts'
import { SpoolLoss, reasonOf } from './spool-loss.ts'
import { noRows, together } from './extent.ts'
import type { Extent } from './extent.ts'
import type { SpoolNote } from './spool-note.ts'
import type { SpoolOptions } from './spool-options.ts'
import type { SpoolPosition } from './spool-position.ts'
import { SpoolRoom } from './spool-room.ts'
import type { SpoolState } from './spool-room.ts'
import { SpoolThinner } from './spool-thin.ts'
import { WaitingFrames } from './waiting-frames.ts'

/** How long nothing is tried on a disk or spool that was full (ms). */
const fullRestMs = 1000

/**
 * The write-ahead log between a source and the database. What `append` has returned from survives
 * the death of this process; what a sync has ended for survives that of the machine. Each opening
 * begins a new segment, so that a torn last frame is never written behind.
 *
 * A spool that runs out of room gives up things in the order of {@link spoolSteps}. What it does
 * not take is a gap with its reason and its rows, in a note that stands before all that is taken
 * later; until then it is kept beside the segments, where a full disk and a kill leave it.
 */
export class SpoolWriter {
  /** Frames that could not be taken since the spool was full or the disk failed. */
  refused = 0
  /** Rows that are lost: refused, left out for want of room, or in doubt after a failed sync. */
  lostRows = 0
  /** Times that the disk did not take what was to be safe on it. */
  failedSyncs = 0
  /** Why the last frame was refused; undefined once one was taken again. */
  refusal: string | undefined
  /** What the last refusal is to coverage. */
  refusedFor: GapReason = 'spool-full'
  private readonly options: SpoolOptions
  private readonly columns: SpoolColumns
  private readonly rowBytes: number
  private readonly room: SpoolRoom
  private readonly loss: SpoolLoss
  private readonly thinner: SpoolThinner
  private readonly frames: WaitingFrames
  private readonly segments: SegmentChain
  private fullAtMs = -Infinity
  /** Of frames that count together: the rows that are written, and whether all was taken. */
  private whole: { written: Extent; isTaken: boolean } | undefined

  constructor(options: SpoolOptions) {
    this.options = options
    this.columns = spoolColumns(options.extras)
    this.rowBytes = maxRowFrameBytes(this.columns)
    this.frames = new WaitingFrames((options.gatherBytes ?? 0) + this.rowBytes + 8)
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    this.room = new SpoolRoom(options)
    this.loss = new SpoolLoss(options.directory)
    this.thinner = new SpoolThinner(this.columns, options.extras)
    const head = encodeSegmentHead(options.source, this.columns)
    this.segments = new SegmentChain(options.directory, head, {
      safe: () => this.loss.safe(),
      mended: (error) => {
        this.failedSyncs++
        this.refusal = error.message
      },
      lost: (error, extent) => this.gaveUp(error, extent),
    })
    try {
      this.segments.begin()
    } catch (error) {
      // A disk that is full now may have room later.
      this.refuse(error)
    }
  }

  /** Where the next frame will stand, once what waits is written. */
  get position(): SpoolPosition {
    this.writeOut()
    return { segment: this.segments.segment, offset: this.segments.offset }
  }

  /** What it does without for want of room. */
  get state(): SpoolState {
    return this.room.state
  }

  /** Rows whose names were left out for want of room. */
  get thinnedRows(): number {
    return this.thinner.thinnedRows
  }

  /**
   * Appends the batch's rows as one frame. Frames of the same instant are appended open flows
   * first.
   *
   * @returns false where the spool is full or the disk refuses: the rows are not journalled
   */
  append(kind: RowFrameKind, batch: FlowBatch, progress: Progress): boolean {
    const { state } = this.room
    const kept = state === 'nat-only' ? this.withoutPlain(kind, batch) : batch
    const taken =
      this.whole?.isTaken !== false &&
      this.tellLoss(progress) &&
      this.appendRows(kind, kept, progress)
    if (taken || kept.length === 0) return taken
    this.lostRows += kept.length
    this.loss.refused(kind, this.refusedFor, kept)
    return false
  }

  /** Appends a note; as {@link append}. */
  note(note: SpoolNote, progress: Progress): boolean {
    return this.tellLoss(progress) && this.appendNote(note, progress)
  }

  /**
   * Appends what `work` appends as a whole: whenever this process dies, readers find all of it, and
   * what it was made of, or nothing of it. Where not all is taken, all its rows are lost.
   */
  transaction(of: readonly string[], progress: Progress, work: () => void): boolean {
    const isBegun = this.note({ type: 'begin' }, progress)
    const whole = { written: noRows, isTaken: isBegun }
    this.whole = whole
    work()
    this.writeOut()
    if (whole.isTaken) this.appendNote({ type: 'commit', of: [...of] }, progress)
    this.whole = undefined
    if (whole.isTaken || !isBegun) return whole.isTaken
    this.segments.abandon()
    this.loss.doubt()
    this.lostRows += whole.written.rows
    if (whole.written.rows > 0) this.loss.add(this.refusedFor, whole.written)
    return false
  }

  /** Forces what was appended to disk without waiting for it. */
  syncSoon(): void {
    this.writeOut()
    this.segments.syncSoon()
  }

  /** Forces what was appended, or is known to be lost, to disk; false where that is not taken. */
  async sync(): Promise<boolean> {
    this.writeOut()
    return (await this.segments.sync()) && (await this.loss.sync())
  }

  /** Forces it to disk, and ends it. */
  close(): void {
    this.writeOut()
    this.tellLoss({ watermarkUs: 0, closedThroughUs: 0 })
    this.segments.close()
    this.loss.close()
  }

  private appendRows(kind: RowFrameKind, batch: FlowBatch, progress: Progress): boolean {
    const { gatherBytes = 0 } = this.options
    const waits = gatherBytes > 0 && kind === 'slices' && batch.length === batch.capacity
    if (!waits) this.writeOut()
    if (!this.makeRoom(this.rowBytes + textBytes(batch))) return false
    const bytes = this.frames.encode(batch, this.thinner.slotsOf(batch, this.state))
    const extent = batch.length === 0 ? noRows : this.frames.extentOf(batch, Date.now() * 1000)
    if (!this.place(frameKinds[kind], bytes, extent, progress)) return false
    if (!waits) return this.writeAlone()
    if (this.frames.length >= gatherBytes) this.writeOut()
    return true
  }

  private appendNote(note: SpoolNote, progress: Progress): boolean {
    const text = JSON.stringify(note)
    this.writeOut()
    if (!this.makeRoom(frameHeadBytes + 3 * text.length)) return false
    const bytes = this.frames.encodeText(text)
    return this.place(frameKinds.note, bytes, noRows, progress) && this.writeAlone()
  }

  /** What was lost stands before everything that is taken later: progress would deny it. */
  private tellLoss(progress: Progress): boolean {
    const { gaps } = this.loss
    if (gaps.length === 0) return true
    // A note fits where rows do not: without a rest there would be one for each frame.
    if (performance.now() - this.fullAtMs < fullRestMs)
      return this.refuse(this.refusal, this.refusedFor)
    for (const gap of gaps) {
      if (!this.appendNote({ type: 'gap', ...gap }, progress)) return false
    }
    this.loss.told()
    this.syncSoon()
    return true
  }

  /** The rows that are kept where only NAT events are. */
  private withoutPlain(kind: RowFrameKind, batch: FlowBatch): FlowBatch {
    if (kind !== 'slices') return batch
    const { kept, left } = this.thinner.split(batch)
    if (left.length > 0) {
      this.lostRows += left.length
      this.loss.refused(kind, this.room.bound, left)
    }
    return kept
  }

  /** A frame that readers would refuse is not written. */
  private makeRoom(bytes: number): boolean {
    if (bytes > maxFrameBytes) return this.refuse(`a frame of ${bytes} octets is too long`, 'limit')
    if (this.frames.reserve(bytes)) return true
    this.writeOut()
    return this.frames.reserve(bytes)
  }

  /** What was encoded last waits, if the spool has room for it. */
  private place(kind: number, payloadBytes: number, extent: Extent, progress: Progress): boolean {
    const length = frameHeadBytes + payloadBytes
    const bound = this.room.refuses(length)
    if (bound === 'spool-full') {
      const octets = this.options.maxBytes
      return this.refuseAll(`the spool has reached its bound of ${octets} octets`, bound)
    }
    if (bound !== undefined) return this.refuseAll('the disk has no room left for it', bound)
    this.frames.add(kind, payloadBytes, extent, progress)
    this.room.took(length)
    return true
  }

  /** Writes what waits; of what cannot be written the rows are lost. */
  private writeOut(): void {
    const { bytes, length, list, extent } = this.frames
    if (list.length === 0) return
    let isTaken = this.write(bytes, length, extent)
    if (!isTaken) {
      // What does not fit as a whole may fit in part; behind what does not, nothing is taken.
      isTaken = list.length > 1
      for (const [i, frame] of list.entries()) {
        const from = list[i - 1]?.end ?? 0
        isTaken &&= this.write(bytes.subarray(from), frame.end - from, frame.extent)
        if (isTaken) continue
        this.lostRows += frame.extent.rows
        this.loss.add(this.refusedFor, frame.extent)
      }
    }
    this.frames.clear()
  }

  /** Writes the only frame that there is. */
  private writeAlone(): boolean {
    const isTaken = this.write(this.frames.bytes, this.frames.length, this.frames.extent)
    this.frames.clear()
    return isTaken
  }

  private write(bytes: Buffer, length: number, extent: Extent): boolean {
    try {
      // What counts together stands in one segment.
      const segmentBytes = this.whole === undefined ? this.room.segmentBytes : Infinity
      const isTaken = this.segments.append(bytes, length, extent, segmentBytes)
      if (!isTaken) return this.refuse(this.refusal, this.refusedFor)
      if (this.whole) this.whole.written = together(this.whole.written, extent)
      if (this.segments.unsynced >= this.options.syncBytes) this.segments.syncSoon()
    } catch (error) {
      return this.refuseAll(error)
    }
    this.refusal = undefined
    return true
  }

  /** Refuses this frame, and for a while all. */
  private refuseAll(error: unknown, reason: GapReason = reasonOf(error)): false {
    this.fullAtMs = performance.now()
    return this.refuse(error, reason)
  }

  private refuse(error: unknown, reason: GapReason = reasonOf(error)): false {
    this.refused++
    if (this.whole !== undefined) this.whole.isTaken = false
    this.refusal = error instanceof Error ? error.message : String(error)
    this.refusedFor = reason
    return false
  }

  /** The rows that a disk may not have kept are a gap. */
  private gaveUp(error: Error, extent: Extent): void {
    this.failedSyncs++
    this.lostRows += extent.rows
    this.loss.doubt()
    if (extent.rows > 0) this.loss.add(reasonOf(error), extent)
    this.refuse(error)
  }
}
