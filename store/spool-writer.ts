import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { GapReason, Progress } from '../model/coverage.ts'
import type { ExtraName } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { maxFrameBytes } from '../model/limits.ts'
import { SegmentFile } from './segment-file.ts'
import { ColumnEncoder, slotsOf } from './spool-column.ts'
import type { Slots, SpoolColumns } from './spool-column.ts'
import {
  encodeHead,
  encodeRows,
  frameHeadBytes,
  frameKinds,
  maxRowFrameBytes,
  segmentHeadBytes,
  segmentMagic,
  spoolColumns,
  textBytes,
} from './spool-frame.ts'
import type { RowFrameKind } from './spool-frame.ts'
import { SpoolLoss, extentOf } from './spool-loss.ts'
import type { Extent } from './spool-loss.ts'
import type { SpoolNote } from './spool-note.ts'
import { SpoolRoom } from './spool-room.ts'
import type { SpoolBounds, SpoolState } from './spool-room.ts'
import { listSegments, segmentName } from './spool-segments.ts'
import { SpoolThinner } from './spool-thin.ts'

/** A place in a spool: a segment's number and an offset in its file. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}

export interface SpoolOptions extends SpoolBounds {
  readonly source: string
  /** Octets after which a segment is forced to disk even before the interval is over. */
  readonly syncBytes: number
  /** Columns beside the usual ones that batches of this spool have. */
  readonly extras?: readonly ExtraName[]
}

/** How long nothing is tried on a disk or spool that was full (ms). */
const fullRestMs = 1000
/** How long until a segment that could not be begun is tried again (ms). */
const openAgainMs = 1000
/** A note has no rows. */
const noRows: Extent = { rows: 0, fromUs: Infinity, toUs: -Infinity }

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
  private buffer: Buffer
  private encoder: ColumnEncoder
  private readonly slots = new WeakMap<FlowBatch, Slots>()
  private file: SegmentFile | undefined
  private segment: number
  private openedAtMs = 0
  private fullAtMs = 0

  constructor(options: SpoolOptions) {
    this.options = options
    this.columns = spoolColumns(options.extras)
    this.rowBytes = maxRowFrameBytes(this.columns)
    this.buffer = Buffer.alloc(this.rowBytes + 8)
    this.encoder = new ColumnEncoder(this.buffer)
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    this.room = new SpoolRoom(options)
    this.loss = new SpoolLoss(options.directory)
    this.thinner = new SpoolThinner(this.columns, options.extras)
    this.segment = (listSegments(options.directory).at(-1) ?? 0) + 1
    try {
      this.file = this.openSegment(this.segment)
    } catch (error) {
      // A disk that is full now may have room later.
      this.refuse(error)
    }
  }

  /** Where the next frame will stand. */
  get position(): SpoolPosition {
    return { segment: this.segment, offset: this.file?.offset ?? 0 }
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
    const taken = this.tellLoss(progress) && this.appendRows(kind, kept, progress)
    if (taken || kept.length === 0) return taken
    this.lostRows += kept.length
    this.loss.refused(kind, this.refusedFor, kept)
    return false
  }

  /** Appends a note; as {@link append}. */
  note(note: SpoolNote, progress: Progress): boolean {
    return this.tellLoss(progress) && this.appendNote(note, progress)
  }

  /** Forces what was appended to disk without waiting for it. */
  syncSoon(): void {
    this.file?.syncSoon()
  }

  /** Forces it to disk, and ends it. */
  close(): void {
    const none = { watermarkUs: 0, closedThroughUs: 0 }
    this.tellLoss(none)
    this.file?.close()
    this.loss.close()
  }

  private appendRows(kind: RowFrameKind, batch: FlowBatch, progress: Progress): boolean {
    if (!this.makeRoom(this.rowBytes + textBytes(batch))) return false
    const known = this.slotsOf(batch)
    const { state } = this.room
    const isThin = state !== 'ok' && state !== 'filling'
    const slots = isThin ? this.thinner.withoutNames(known, batch) : known
    const end = encodeRows(batch, slots, this.encoder, this.buffer, frameHeadBytes)
    const extent = batch.length === 0 ? noRows : extentOf(batch, Date.now() * 1000)
    return this.write(frameKinds[kind], end - frameHeadBytes, progress, extent)
  }

  private appendNote(note: SpoolNote, progress: Progress): boolean {
    const text = JSON.stringify(note)
    if (!this.makeRoom(frameHeadBytes + 3 * text.length)) return false
    const bytes = this.buffer.write(text, frameHeadBytes)
    return this.write(frameKinds.note, bytes, progress, noRows)
  }

  /** What was lost stands before everything that is taken later: progress would deny it. */
  private tellLoss(progress: Progress): boolean {
    const { gaps } = this.loss
    if (gaps.length === 0) return true
    // A note fits where rows do not: without a rest there would be one for each frame.
    if (Date.now() - this.fullAtMs < fullRestMs) return this.refuse(this.refusal, this.refusedFor)
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

  /** The same few batches come again and again. */
  private slotsOf(batch: FlowBatch): Slots {
    const known = this.slots.get(batch)
    if (known !== undefined) return known
    const made = slotsOf(batch, this.columns)
    this.slots.set(batch, made)
    return made
  }

  /** A frame that readers would refuse is not written. */
  private makeRoom(bytes: number): boolean {
    if (bytes > maxFrameBytes) return this.refuse(`a frame of ${bytes} octets is too long`, 'limit')
    if (bytes <= this.buffer.length) return true
    this.buffer = Buffer.alloc(bytes)
    this.encoder = new ColumnEncoder(this.buffer)
    return true
  }

  private write(kind: number, payloadBytes: number, progress: Progress, extent: Extent): boolean {
    const length = frameHeadBytes + payloadBytes
    const bound = this.room.refuses(length)
    if (bound === 'spool-full') {
      const octets = this.options.maxBytes
      return this.refuseAll(`the spool has reached its bound of ${octets} octets`, bound)
    }
    if (bound !== undefined) return this.refuseAll('the disk has no room left for it', bound)
    encodeHead(this.buffer, 0, { kind, rows: extent.rows, payloadBytes, ...progress })
    try {
      const file = this.roomy()
      if (file === undefined) return this.refuse(this.refusal, this.refusedFor)
      file.append(this.buffer, length, extent)
      this.room.took(length)
      if (file.unsynced >= this.options.syncBytes) file.syncSoon()
    } catch (error) {
      return this.refuseAll(error)
    }
    this.refusal = undefined
    return true
  }

  /** Refuses this frame, and for a while all. */
  private refuseAll(error: unknown, reason: GapReason = reasonOf(error)): false {
    this.fullAtMs = Date.now()
    return this.refuse(error, reason)
  }

  private refuse(error: unknown, reason: GapReason = reasonOf(error)): false {
    this.refused++
    this.refusal = error instanceof Error ? error.message : String(error)
    this.refusedFor = reason
    return false
  }

  /** The segment that takes the next frame; the one before is ended once its successor is there. */
  private roomy(): SegmentFile | undefined {
    const { file } = this
    if (file !== undefined && file.offset < this.room.segmentBytes) return file
    if (file === undefined && Date.now() - this.openedAtMs < openAgainMs) return undefined
    this.openedAtMs = Date.now()
    const next = file === undefined ? this.segment : this.segment + 1
    this.file = this.openSegment(next)
    this.segment = next
    file?.close()
    return this.file
  }

  private openSegment(segment: number): SegmentFile {
    const json = Buffer.from(JSON.stringify({ source: this.options.source, columns: this.columns }))
    const head = Buffer.alloc(segmentHeadBytes)
    segmentMagic.copy(head)
    head.writeUInt32LE(json.length, 8)
    head.writeUInt32LE(crc32(json), 12)
    const path = join(this.options.directory, segmentName(segment))
    const file: SegmentFile = new SegmentFile(path, Buffer.concat([head, json]), {
      safe: () => this.loss.safe(),
      mended: (error) => {
        this.failedSyncs++
        this.refusal = error.message
      },
      lost: (error, extent) => this.gaveUp(file, error, extent),
    })
    return file
  }

  /** The rows that a disk may not have kept are a gap; what comes next goes into a new segment. */
  private gaveUp(file: SegmentFile, error: Error, extent: Extent): void {
    this.failedSyncs++
    this.lostRows += extent.rows
    this.loss.doubt()
    if (extent.rows > 0) this.loss.add(reasonOf(error), extent)
    this.refuse(error)
    if (this.file !== file) return
    this.file = undefined
    this.segment++
  }
}

/** What an error of the system means for coverage: a disk without room, or one that fails. */
function reasonOf(error: unknown): GapReason {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'disk-failed'
}
