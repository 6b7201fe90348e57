import { crc32 } from 'node:zlib'
import { extraFields, fields } from '../model/fields.ts'
import type { ExtraName, FieldKind, FieldName } from '../model/fields.ts'
import { v4MappedWord } from '../model/address.ts'
import { bytesOfKind } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'

/*
 * A spool segment is a header and frames, all numbers little-endian:
 *
 *   segment header   "FLSPOOL1" | u32 n | u32 CRC of the n octets | n octets of JSON:
 *                    { source, columns: [[name, kind], …] }
 *
 *   frame  0 u32 "FRM1"            16 f64 watermark, us since 1970
 *          4 u8  kind              24 f64 closed through, us since 1970
 *          8 u32 rows              32 u32 CRC of the payload
 *         12 u32 payload octets    36 u32 CRC of octets 0 .. 35
 *         40 payload
 *
 *   payload of rows  u8 mode of each column, padded to 8; then the columns that are there, each
 *                    padded to 8, as they lie in memory; then, where a column of texts is there,
 *                    u32 n | n octets of JSON: the texts that its numbers 1, 2, … stand for
 *   payload of a note  JSON
 *
 * The CRC is that of zlib: see docs/decisions/0001-crc32-in-the-spool.md. The length is under a CRC
 * of its own, so that a damaged payload costs one frame and not the rest of the segment.
 */
export const segmentMagic = Buffer.from('FLSPOOL1', 'latin1')
export const segmentHeadBytes = 16
export const frameHeadBytes = 40
const frameMagic = 0x314d5246

export const frameKinds = {
  /** State of flows that are open: new ones, or after a cut. Only recovery reads it. */
  open: 1,
  /** Slices for the ledger. */
  slices: 2,
  /** A JSON note: see SpoolNote. */
  note: 3,
  /** What NAT gateways told that is no slice: port blocks, address bindings, notices. */
  nat: 4,
} as const

/** The frames that hold rows. */
export type RowFrameKind = 'open' | 'slices' | 'nat'

const modes = { absent: 0, raw: 1, v4: 2 } as const

export interface FrameHead {
  readonly kind: number
  readonly rows: number
  readonly payloadBytes: number
  readonly watermarkUs: number
  readonly closedThroughUs: number
  readonly payloadCrc: number
}

export type SpoolColumns = readonly (readonly [name: string, kind: FieldKind])[]

/** The columns as this program writes them, and with them those that only some sources fill. */
export function spoolColumns(extras: readonly ExtraName[] = []): SpoolColumns {
  const named = extraFields.filter(({ name }) => extras.includes(name))
  return [...fields, ...named].map(({ name, kind }) => [name, kind] as const)
}

const modeBytes = (columns: number): number => (columns + 7) & ~7
const padded = (length: number): number => (length + 7) & ~7

/** Octets that a frame of as many rows as a batch has can take, its texts aside. */
export function maxRowFrameBytes(columns: SpoolColumns): number {
  const rows = columns.map(([, kind]) => padded(bytesOfKind[kind] * batchRows))
  return frameHeadBytes + modeBytes(columns.length) + rows.reduce((sum, bytes) => sum + bytes, 0)
}

type Column = FlowBatch['columns'][FieldName]

/** The array of a column; undefined where the batch has none of that name. */
function columnOf(batch: FlowBatch, name: string): Column | undefined {
  return batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
}

/** The octets of a column's first `rows` rows, as they lie in memory. */
function columnBytes(column: Column, kind: FieldKind, rows: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, rows * bytesOfKind[kind])
}

function modeOf(column: Column, kind: FieldKind, rows: number): number {
  if (kind === 'address') return allV4(column as Uint32Array, rows) ? modes.v4 : modes.raw
  // Words whatever the kind: one loop for all of them is many times as quick. The last word of a
  // column of octets may hold rows of an earlier use, which costs no more than the column's room.
  const bytes = rows * bytesOfKind[kind]
  const zero =
    column.byteLength % 4 === 0
      ? allZero(new Int32Array(column.buffer, column.byteOffset, (bytes + 3) >> 2))
      : allZero(new Uint8Array(column.buffer, column.byteOffset, bytes))
  return zero ? modes.absent : modes.raw
}

function allZero(numbers: Int32Array | Uint8Array): boolean {
  // V8 is slow to tell a typed array's length.
  const { length } = numbers
  for (let i = 0; i < length; i++) if (numbers[i] !== 0) return false
  return true
}

function allV4(words: Uint32Array, rows: number): boolean {
  for (let at = 0; at < 4 * rows; at += 4) {
    if (words[at] !== 0 || words[at + 1] !== 0 || words[at + 2] !== v4MappedWord) return false
  }
  return true
}

/**
 * Writes the payload of a batch's rows into `target` at `from`. Columns that are all zero are left
 * out, IPv4 addresses take four octets.
 *
 * @param columns those of the segment; one that the batch lacks is left out
 * @returns where the payload ends
 */
export function encodeRows(
  batch: FlowBatch,
  target: Buffer,
  from: number,
  columns: SpoolColumns
): number {
  const rows = batch.length
  let at = from + modeBytes(columns.length)
  let hasTexts = false
  target.fill(0, from, at)
  for (let index = 0; index < columns.length; index++) {
    const [name, kind] = columns[index] ?? ['', 'u8']
    const column = columnOf(batch, name)
    const mode = column === undefined ? modes.absent : modeOf(column, kind, rows)
    target[from + index] = mode
    if (column === undefined || mode === modes.absent) continue
    const start = at
    if (mode === modes.v4) {
      at = encodeV4(column as Uint32Array, rows, target, at)
    } else {
      const bytes = columnBytes(column, kind, rows)
      target.set(bytes, at)
      at += bytes.length
    }
    if (kind === 'text') hasTexts = true
    const end = start + padded(at - start)
    target.fill(0, at, end)
    at = end
  }
  if (!hasTexts) return at
  const length = target.write(JSON.stringify(batch.texts.list()), at + 4)
  target.writeUInt32LE(length, at)
  return at + 4 + length
}

/** Octets that the texts of a batch can take in a frame, escaped at the worst. */
export function textBytes(batch: FlowBatch): number {
  if (batch.texts.size <= 1) return 8
  return 8 + Buffer.byteLength(JSON.stringify(batch.texts.list()))
}

/** The last words of the addresses, which begin at a multiple of four octets. */
function encodeV4(words: Uint32Array, rows: number, target: Buffer, at: number): number {
  const out = new Uint32Array(target.buffer, target.byteOffset + at, rows)
  for (let row = 0; row < rows; row++) out[row] = words[4 * row + 3] ?? 0
  return at + 4 * rows
}

/** Writes a frame's head in front of a payload that stands at `from + frameHeadBytes`. */
export function encodeHead(
  target: Buffer,
  from: number,
  head: Omit<FrameHead, 'payloadCrc'>
): void {
  const payloadAt = from + frameHeadBytes
  target.fill(0, from, payloadAt)
  target.writeUInt32LE(frameMagic, from)
  target.writeUInt8(head.kind, from + 4)
  target.writeUInt32LE(head.rows, from + 8)
  target.writeUInt32LE(head.payloadBytes, from + 12)
  target.writeDoubleLE(head.watermarkUs, from + 16)
  target.writeDoubleLE(head.closedThroughUs, from + 24)
  target.writeUInt32LE(crc32(target.subarray(payloadAt, payloadAt + head.payloadBytes)), from + 32)
  target.writeUInt32LE(crc32(target.subarray(from, from + 36)), from + 36)
}

/** Reads a frame's head; undefined where these are not the octets of one. */
export function decodeHead(source: Buffer, from: number): FrameHead | undefined {
  if (source.readUInt32LE(from) !== frameMagic) return undefined
  if (crc32(source.subarray(from, from + 36)) !== source.readUInt32LE(from + 36)) return undefined
  return {
    kind: source.readUInt8(from + 4),
    rows: source.readUInt32LE(from + 8),
    payloadBytes: source.readUInt32LE(from + 12),
    watermarkUs: source.readDoubleLE(from + 16),
    closedThroughUs: source.readDoubleLE(from + 24),
    payloadCrc: source.readUInt32LE(from + 32),
  }
}

/** True where the payload is the one that was written. */
export function payloadIsSound(head: FrameHead, payload: Uint8Array): boolean {
  return crc32(payload) === head.payloadCrc
}

/**
 * Reads rows into a batch. Columns that this program does not know, or that the batch has no room
 * for, are passed over; those that the segment lacks become zero, so that an older segment stays
 * readable.
 *
 * @returns false where the payload is shorter than its columns say
 */
export function decodeRows(
  payload: Buffer,
  rows: number,
  columns: SpoolColumns,
  batch: FlowBatch
): boolean {
  if (rows > batch.capacity) return false
  clearRows(batch, rows)
  let at = modeBytes(columns.length)
  let hasTexts = false
  if (payload.length < at) return false
  for (const [index, [name, kind]] of columns.entries()) {
    const mode = payload[index] ?? 0
    if (mode === modes.absent) continue
    const size = (mode === modes.v4 ? 4 : bytesOfKind[kind]) * rows
    if (at + size > payload.length) return false
    const column = isKnown(name, kind) ? columnOf(batch, name) : undefined
    if (column !== undefined) {
      if (mode === modes.v4) decodeV4(payload, at, rows, column as Uint32Array)
      else columnBytes(column, kind, rows).set(payload.subarray(at, at + size))
    }
    if (kind === 'text') hasTexts = true
    at += padded(size)
  }
  batch.length = rows
  return !hasTexts || decodeTexts(payload, at, batch)
}

function isKnown(name: string, kind: FieldKind): boolean {
  return [...fields, ...extraFields].some((field) => field.name === name && field.kind === kind)
}

function clearRows(batch: FlowBatch, rows: number): void {
  batch.texts.clear()
  for (const { name, kind } of [...fields, ...extraFields]) {
    const column = columnOf(batch, name)
    if (column !== undefined) columnBytes(column, kind, rows).fill(0)
  }
}

/** Takes the texts in the order of their numbers. */
function decodeTexts(payload: Buffer, at: number, batch: FlowBatch): boolean {
  if (at + 4 > payload.length) return false
  const end = at + 4 + payload.readUInt32LE(at)
  if (end > payload.length) return false
  const texts: unknown = JSON.parse(payload.toString('utf8', at + 4, end))
  if (!Array.isArray(texts)) return false
  for (const text of texts) batch.texts.numberOf(String(text))
  return batch.texts.size === texts.length + 1
}

function decodeV4(payload: Buffer, from: number, rows: number, words: Uint32Array): void {
  for (let row = 0; row < rows; row++) {
    words[4 * row + 2] = v4MappedWord
    words[4 * row + 3] = payload.readUInt32LE(from + 4 * row)
  }
}
