import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Progress } from '../model/coverage.ts'
import { ColumnMemory } from '../model/column-memory.ts'
import { batchBytes, makeBatchIn } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { ExtraName } from '../model/fields.ts'
import { batchRows, maxFrameBytes } from '../model/limits.ts'
import { ColumnUnpacker } from './column-unpacker.ts'
import {
  decodeHead,
  decodeRows,
  frameHeadBytes,
  frameKinds,
  payloadIsSound,
  segmentHeadBytes,
  segmentMagic,
} from './spool-frame.ts'
import { isCommitted } from './spool-commit.ts'
import type { SpoolColumns } from './spool-column.ts'
import type { FrameHead, RowFrameKind } from './spool-frame.ts'
import { spoolNote } from './spool-note.ts'
import type { SpoolNote } from './spool-note.ts'
import { listSegments, segmentName } from './spool-segments.ts'
import type { SpoolPosition } from './spool-position.ts'

/** One frame as read. `batch` is the one that {@link SpoolReader.next} was given, or its own. */
export type SpoolFrame = Progress & {
  /** Where the frame ends: the cursor once it is dealt with. */
  readonly end: SpoolPosition
} & (
    | { readonly kind: RowFrameKind; readonly batch: FlowBatch }
    /** Open flows, which the reader was told not to decode. */
    | { readonly kind: 'skipped' }
    | { readonly kind: 'note'; readonly note: SpoolNote }
    /** A frame whose payload is not what was written; its rows are lost. */
    | { readonly kind: 'damaged'; readonly rows: number }
  )

const kindColumns = z.enum(['address', 'u8', 'u16', 'u32', 'u64', 'time', 'text'])
const segmentHead = z.object({
  source: z.string(),
  columns: z.array(z.tuple([z.string(), kindColumns])).max(200),
})

/** An open segment and what its head says. */
interface Segment {
  readonly number: number
  readonly fd: number
  readonly columns: SpoolColumns
  readonly firstFrame: number
}

/**
 * Reads a spool from a position on, frame by frame, across segments, while it is written. A frame
 * that is not complete yet is not there yet; one that never will be (the writer died in it) ends
 * its segment once a later segment exists. So do frames that count together and lack their end.
 */
export class SpoolReader {
  private readonly directory: string
  private ownBatch: FlowBatch | undefined
  private readonly skipOpen: boolean
  private payload = Buffer.alloc(64 << 10)
  private readonly head = Buffer.alloc(frameHeadBytes)
  private segment: Segment | undefined
  private at: SpoolPosition
  /** Segments whose rest could not be read since a frame's head was damaged. */
  damagedSegments = 0

  /** @param skipOpen passes over the frames of open flows, which only recovery needs */
  constructor(directory: string, from: SpoolPosition, skipOpen = false) {
    this.directory = directory
    this.skipOpen = skipOpen
    this.at = from
  }

  /** Where the next frame begins. */
  get position(): SpoolPosition {
    return this.at
  }

  /** Goes back (or on) to another place, as after a commit that failed. */
  seek(position: SpoolPosition): void {
    this.at = position
  }

  /**
   * The next frame, or undefined where none is complete yet.
   *
   * @param into takes the rows; without it they stand in a batch that the next call overwrites
   */
  next(into: FlowBatch = this.own): SpoolFrame | undefined {
    for (;;) {
      const segment = this.openAt()
      if (segment === undefined) return undefined
      const frame = this.readFrame(segment, into)
      if (frame !== 'end') return frame
      const later = listSegments(this.directory).find((number) => number > segment.number)
      if (later === undefined) return undefined
      // The writer may have finished this segment between our look at it and at the directory.
      const again = this.readFrame(segment, into)
      if (again !== 'end') return again
      this.at = { segment: later, offset: 0 }
    }
  }

  private get own(): FlowBatch {
    return (this.ownBatch ??= makeReaderBatch())
  }

  close(): void {
    if (this.segment !== undefined) closeSync(this.segment.fd)
    this.segment = undefined
  }

  private openAt(): Segment | undefined {
    if (this.segment?.number === this.at.segment) {
      if (this.at.offset === 0) this.at = { ...this.at, offset: this.segment.firstFrame }
      return this.segment
    }
    this.close()
    const number = listSegments(this.directory).find((one) => one >= this.at.segment)
    if (number === undefined) return undefined
    const opened = openSegment(this.directory, number)
    if (opened === undefined) return this.skipUnreadable(number)
    this.segment = opened
    const offset = number === this.at.segment ? Math.max(this.at.offset, opened.firstFrame) : 0
    this.at = { segment: number, offset: offset || opened.firstFrame }
    return opened
  }

  /** A head that cannot be read is either being written just now, or damaged for good. */
  private skipUnreadable(number: number): Segment | undefined {
    const later = listSegments(this.directory).some((one) => one > number)
    if (!later) return undefined
    this.damagedSegments++
    this.at = { segment: number + 1, offset: 0 }
    return this.openAt()
  }

  private readFrame(segment: Segment, into: FlowBatch): SpoolFrame | 'end' {
    const { offset } = this.at
    if (readSync(segment.fd, this.head, 0, frameHeadBytes, offset) < frameHeadBytes) return 'end'
    const head = decodeHead(this.head, 0)
    if (head === undefined || head.payloadBytes > maxFrameBytes) return this.badHead(segment)
    const end = { segment: segment.number, offset: offset + frameHeadBytes + head.payloadBytes }
    if (this.skipOpen && head.kind === frameKinds.open) {
      if (fstatSync(segment.fd).size < end.offset) return 'end'
      this.at = end
      const { watermarkUs, closedThroughUs } = head
      return { kind: 'skipped', watermarkUs, closedThroughUs, end }
    }
    const unpacker = ColumnUnpacker.of(into)
    const payload = this.roomFor(head.payloadBytes, unpacker)
    const got = readSync(segment.fd, payload, 0, head.payloadBytes, offset + frameHeadBytes)
    if (got < head.payloadBytes) return 'end'
    const isQuick = unpacker?.takes(payload, segment.columns.length) === true
    const frame = decodeFrame(head, payload, segment.columns, into, isQuick ? unpacker : undefined)
    if (frame.kind === 'damaged' && this.isOther(segment, offset)) return 'end'
    const begins = frame.kind === 'note' && frame.note.type === 'begin'
    if (begins && !isCommitted(segment.fd, end.offset)) return 'end'
    this.at = end
    return { ...frame, end }
  }

  /** Where a payload is read to: where compiled kernels reach it, if it is no longer than most. */
  private roomFor(bytes: number, unpacker: ColumnUnpacker | undefined): Buffer {
    if (unpacker !== undefined && bytes <= unpacker.payload.length) {
      return unpacker.payload.subarray(0, bytes)
    }
    if (this.payload.length < bytes) this.payload = Buffer.alloc(bytes)
    return this.payload.subarray(0, bytes)
  }

  /** True where another frame was begun at a place since its head was read: one did not fit. */
  private isOther(segment: Segment, offset: number): boolean {
    const again = Buffer.alloc(frameHeadBytes)
    readSync(segment.fd, again, 0, frameHeadBytes, offset)
    return !again.equals(this.head)
  }

  /**
   * Nothing behind a damaged head can be trusted; a zero-filled tail after power loss ends here
   * too.
   */
  private badHead(segment: Segment): 'end' {
    const later = listSegments(this.directory).some((number) => number > segment.number)
    if (later) this.damagedSegments++
    return 'end'
  }
}

/**
 * Memory for batches with these columns beside the usual ones, for reading frames into them and for
 * `moreBytes` octets. Undefined where the process may not reserve the addresses that such memory
 * takes (`ulimit -v`): batches lie elsewhere then.
 */
export function readerMemory(
  extras: readonly (readonly ExtraName[])[],
  moreBytes = 0
): ColumnMemory | undefined {
  const bytes = extras.reduce((sum, names) => sum + batchBytes(batchRows, names), 0)
  try {
    return new ColumnMemory(bytes + ColumnUnpacker.bytes + moreBytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const makeReaderBatch = (): FlowBatch => makeBatchIn(readerMemory([[]]), batchRows)

function decodeFrame(
  head: FrameHead,
  payload: Buffer,
  columns: SpoolColumns,
  batch: FlowBatch,
  unpacker: ColumnUnpacker | undefined
):
  | (Progress & { kind: RowFrameKind; batch: FlowBatch })
  | (Progress & { kind: 'note'; note: SpoolNote })
  | (Progress & { kind: 'damaged'; rows: number }) {
  const progress = { watermarkUs: head.watermarkUs, closedThroughUs: head.closedThroughUs }
  const damaged = { ...progress, kind: 'damaged' as const, rows: head.rows }
  if (!payloadIsSound(head, payload)) return damaged
  if (head.kind === frameKinds.note) {
    const note = spoolNote.safeParse(parseJson(payload.toString()))
    return note.success ? { ...progress, kind: 'note', note: note.data } : damaged
  }
  if (!decodeRows(payload, head.rows, columns, batch, unpacker)) return damaged
  return { ...progress, kind: rowKinds.get(head.kind) ?? 'slices', batch }
}

const rowKinds: ReadonlyMap<number, RowFrameKind> = new Map([
  [frameKinds.open, 'open'],
  [frameKinds.nat, 'nat'],
])

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Opens a segment and reads its head; undefined where the head is not there or not sound. */
function openSegment(directory: string, number: number): Segment | undefined {
  const fd = openSync(join(directory, segmentName(number)), 'r')
  const head = readSegmentHead(fd)
  if (head === undefined) {
    closeSync(fd)
    return undefined
  }
  return { number, fd, ...head }
}

function readSegmentHead(fd: number): { columns: SpoolColumns; firstFrame: number } | undefined {
  const head = Buffer.alloc(segmentHeadBytes)
  if (readSync(fd, head, 0, segmentHeadBytes, 0) < segmentHeadBytes) return undefined
  const length = head.readUInt32LE(8)
  const wrong = !head.subarray(0, 8).equals(segmentMagic)
  if (wrong || length > fstatSync(fd).size - segmentHeadBytes) return undefined
  const json = Buffer.alloc(length)
  readSync(fd, json, 0, length, segmentHeadBytes)
  if (crc32(json) !== head.readUInt32LE(12)) return undefined
  const parsed = segmentHead.safeParse(parseJson(json.toString()))
  if (!parsed.success) return undefined
  return { columns: parsed.data.columns, firstFrame: segmentHeadBytes + length }
}
