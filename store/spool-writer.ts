import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Progress } from '../model/coverage.ts'
import type { ExtraName } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { maxFrameBytes, segmentBytes } from '../model/limits.ts'
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
import type { SpoolNote } from './spool-note.ts'

/** A place in a spool: a segment's number and an offset in its file. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}

export interface SpoolOptions {
  readonly directory: string
  readonly source: string
  /** Octets that all segments together may take; past it, appending is refused. */
  readonly maxBytes: number
  /** Octets after which a segment is forced to disk even before the interval is over. */
  readonly syncBytes: number
  /** Columns beside the usual ones that batches of this spool have. */
  readonly extras?: readonly ExtraName[]
}

/** File name of a segment; names sort as numbers do. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(12, '0')}.spool`
}

/** Numbers of the segments in a directory, in order; other files are no segments. */
export function listSegments(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d{12}\.spool$/.test(name))
    .map((name) => Number(name.slice(0, 12)))
    .sort((a, b) => a - b)
}

/** Octets of all segments in a directory. */
export function spoolSize(directory: string): number {
  let bytes = 0
  for (const segment of listSegments(directory)) {
    // A segment may be removed by the reader between the listing and this look at it.
    bytes += statSync(join(directory, segmentName(segment)), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

/**
 * The write-ahead log between a source and the database. What `append` has returned from survives
 * the death of this process; what `sync` has returned from survives that of the machine. Each
 * opening begins a new segment, so that a torn last frame is never written behind.
 */
export class SpoolWriter {
  private readonly options: SpoolOptions
  private readonly columns: SpoolColumns
  private readonly rowBytes: number
  private buffer: Buffer
  private encoder: ColumnEncoder
  private readonly slots = new WeakMap<FlowBatch, Slots>()
  private fd = -1
  private segment: number
  private offset = 0
  private unsynced = 0
  private syncing = false
  private bytesBefore = 0
  private countedAt = 0
  /** Frames that could not be taken since the spool was full or the disk failed. */
  refused = 0
  /** Why the last frame was refused. */
  refusal: string | undefined

  constructor(options: SpoolOptions) {
    this.options = options
    this.columns = spoolColumns(options.extras)
    this.rowBytes = maxRowFrameBytes(this.columns)
    this.buffer = Buffer.alloc(this.rowBytes + 8)
    this.encoder = new ColumnEncoder(this.buffer)
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    this.segment = (listSegments(options.directory).at(-1) ?? 0) + 1
    this.openSegment()
  }

  /** Where the next frame will stand. */
  get position(): SpoolPosition {
    return { segment: this.segment, offset: this.offset }
  }

  /**
   * Appends the batch's rows as one frame. Frames of the same instant are appended open flows
   * first.
   *
   * @returns false where the spool is full or the disk refuses: the rows are not journalled
   */
  append(kind: RowFrameKind, batch: FlowBatch, progress: Progress): boolean {
    if (!this.makeRoom(this.rowBytes + textBytes(batch))) return false
    const slots = this.slotsOf(batch)
    const end = encodeRows(batch, slots, this.encoder, this.buffer, frameHeadBytes)
    return this.write(frameKinds[kind], batch.length, end - frameHeadBytes, progress)
  }

  /** Appends a note; as {@link append}. */
  note(note: SpoolNote, progress: Progress): boolean {
    const text = JSON.stringify(note)
    if (!this.makeRoom(frameHeadBytes + 3 * text.length)) return false
    const bytes = this.buffer.write(text, frameHeadBytes)
    return this.write(frameKinds.note, 0, bytes, progress)
  }

  /** Forces what was appended to disk without waiting for it. */
  syncSoon(): void {
    if (this.unsynced === 0 || this.syncing) return
    this.syncing = true
    this.unsynced = 0
    fdatasync(this.fd, (error) => {
      this.syncing = false
      if (error) this.refusal = error.message
    })
  }

  close(): void {
    fdatasyncSync(this.fd)
    closeSync(this.fd)
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
    if (bytes > maxFrameBytes) return this.refuse(`a frame of ${bytes} octets is too long`)
    if (bytes <= this.buffer.length) return true
    this.buffer = Buffer.alloc(bytes)
    this.encoder = new ColumnEncoder(this.buffer)
    return true
  }

  private write(kind: number, rows: number, payloadBytes: number, progress: Progress): boolean {
    if (!this.hasRoom(frameHeadBytes + payloadBytes)) return false
    encodeHead(this.buffer, 0, { kind, rows, payloadBytes, ...progress })
    try {
      this.rotate()
      const length = frameHeadBytes + payloadBytes
      const written = writeSync(this.fd, this.buffer, 0, length, this.offset)
      if (written < length) return this.refuse('the disk took only a part of a frame')
    } catch (error) {
      // The same place is written again next time, so a half-written frame leaves no trace.
      return this.refuse(error instanceof Error ? error.message : String(error))
    }
    this.offset += frameHeadBytes + payloadBytes
    this.unsynced += frameHeadBytes + payloadBytes
    if (this.unsynced >= this.options.syncBytes) this.syncSoon()
    return true
  }

  /** Other segments are counted afresh once a second: the reader removes them behind our back. */
  private hasRoom(bytes: number): boolean {
    const now = Date.now()
    if (now - this.countedAt >= 1000) {
      this.countedAt = now
      this.bytesBefore = spoolSize(this.options.directory) - this.offset
    }
    if (this.bytesBefore + this.offset + bytes <= this.options.maxBytes) return true
    return this.refuse(`the spool has reached its bound of ${this.options.maxBytes} octets`)
  }

  private refuse(reason: string): false {
    this.refused++
    this.refusal = reason
    return false
  }

  private rotate(): void {
    if (this.offset < segmentBytes) return
    fdatasyncSync(this.fd)
    closeSync(this.fd)
    this.bytesBefore += this.offset
    this.segment++
    this.openSegment()
  }

  private openSegment(): void {
    const json = Buffer.from(JSON.stringify({ source: this.options.source, columns: this.columns }))
    const head = Buffer.alloc(segmentHeadBytes)
    segmentMagic.copy(head)
    head.writeUInt32LE(json.length, 8)
    head.writeUInt32LE(crc32(json), 12)
    this.fd = openSync(join(this.options.directory, segmentName(this.segment)), 'wx', 0o600)
    this.offset = writeSync(this.fd, Buffer.concat([head, json]), 0, undefined, 0)
  }
}
