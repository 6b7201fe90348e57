import { crc32, deflateSync } from 'node:zlib'
import { extraFields, fields } from '../model/fields.ts'
import type { ExtraName, FieldKind } from '../model/fields.ts'
import { bytesOfKind } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import type { ColumnPacker } from './column-packer.ts'
import type { ColumnUnpacker } from './column-unpacker.ts'
import { columnBytes, decodeColumn, hasTwin, holdsV4, isAbsent, slotsOf } from './spool-column.ts'
import type { ColumnEncoder, Slot, Slots, SpoolColumns } from './spool-column.ts'

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
 *                    padded to 8, as its mode says (spool-column.ts); then, where texts are there,
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

// Node's zlib looks for the processor's instructions for CRC-32 only once something is compressed.
deflateSync('')

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

export interface FrameHead {
  readonly kind: number
  readonly rows: number
  readonly payloadBytes: number
  readonly watermarkUs: number
  readonly closedThroughUs: number
  readonly payloadCrc: number
}

/** The columns as this program writes them, and with them those that only some sources fill. */
export function spoolColumns(extras: readonly ExtraName[] = []): SpoolColumns {
  const named = extraFields.filter(({ name }) => extras.includes(name))
  return [...fields, ...named].map(({ name, kind }) => [name, kind] as const)
}

/** The head of a segment. */
export function encodeSegmentHead(source: string, columns: SpoolColumns): Buffer {
  const json = Buffer.from(JSON.stringify({ source, columns }))
  const head = Buffer.alloc(segmentHeadBytes)
  segmentMagic.copy(head)
  head.writeUInt32LE(json.length, 8)
  head.writeUInt32LE(crc32(json), 12)
  return Buffer.concat([head, json])
}

const modeBytes = (columns: number): number => (columns + 7) & ~7
const padded = (length: number): number => (length + 7) & ~7

/** Octets that a frame of as many rows as a batch has can take, its texts aside. */
export function maxRowFrameBytes(columns: SpoolColumns): number {
  const rows = columns.map(([, kind]) => padded(bytesOfKind[kind] * batchRows))
  // What is tried may be eight octets longer than what is written then.
  return (
    8 + frameHeadBytes + modeBytes(columns.length) + rows.reduce((sum, bytes) => sum + bytes, 0)
  )
}

/**
 * Writes the payload of a batch's rows at `from`, each column in the shortest mode that holds it.
 *
 * @param slots the batch's columns in the segment; one that the batch lacks is left out
 * @param packer writes them where it reaches the batch's columns, and `target` is its own
 * @returns where the payload ends
 */
export function encodeRows(
  batch: FlowBatch,
  slots: Slots,
  encoder: ColumnEncoder,
  target: Buffer,
  from: number,
  packer?: ColumnPacker
): number {
  const first = from + modeBytes(slots.length)
  target.fill(0, from, first)
  // A frame that tells the progress alone: what the columns hold is of rows that are gone.
  if (batch.length === 0) return first
  const at =
    packer === undefined
      ? encodeColumns(batch, slots, encoder, target, from, first)
      : packer.pack(slots, batch, from, first)
  const hasTexts = slots.some(
    (slot, index) => slot?.kind === 'text' && !isAbsent(target[from + index] ?? 0)
  )
  if (!hasTexts) return at
  const length = target.write(JSON.stringify(batch.texts.list()), at + 4)
  target.writeUInt32LE(length, at)
  return at + 4 + length
}

function encodeColumns(
  batch: FlowBatch,
  slots: Slots,
  encoder: ColumnEncoder,
  target: Buffer,
  modesAt: number,
  first: number
): number {
  let at = first
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index]
    if (slot === undefined || batch.written?.has(slot.column) === false) continue
    const start = at
    at = encoder.write(slots, slot, batch.length, start, batch.isV4 === true)
    target[modesAt + index] = encoder.mode
    const end = start + padded(at - start)
    while (at < end) target[at++] = 0
  }
  return at
}

/** Octets that the texts of a batch can take in a frame, escaped at the worst. */
export function textBytes(batch: FlowBatch): number {
  if (batch.texts.size <= 1) return 8
  return 8 + Buffer.byteLength(JSON.stringify(batch.texts.list()))
}

/** Writes a frame's head in front of a payload that stands at `from + frameHeadBytes`. */
export function encodeHead(
  target: Buffer,
  from: number,
  head: Omit<FrameHead, 'payloadCrc'>
): void {
  const payloadAt = from + frameHeadBytes
  target.writeUInt32LE(frameMagic, from)
  target.writeUInt32LE(head.kind, from + 4)
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
 * @param unpacker reads the columns where it reaches the batch's, and `payload` is its own
 * @returns false where the payload is shorter than its columns say, or says what it cannot
 */
export function decodeRows(
  payload: Buffer,
  rows: number,
  columns: SpoolColumns,
  batch: FlowBatch,
  unpacker?: ColumnUnpacker
): boolean {
  if (rows > batch.capacity) return false
  batch.texts.clear()
  let at = modeBytes(columns.length)
  let hasTexts = false
  if (payload.length < at) return false
  const { slots, lacking } = slotsFor(batch, columns)
  for (const { column, stride } of lacking) column.fill(0, 0, rows * stride)
  unpacker?.begin()
  let isV4 = lacking.every(({ kind }) => kind !== 'address')
  for (let index = 0; index < columns.length; index++) {
    const kind = columns[index]?.[1] ?? 'u8'
    const mode = payload[index] ?? 0
    const size = columnBytes(mode, kind, rows)
    if (size === undefined || at + size > payload.length) return false
    if (!hasTwin(mode, slots, index)) return false
    const slot = slots[index]
    if (slot !== undefined) {
      if (kind === 'address') isV4 &&= holdsV4(payload, at, mode)
      if (unpacker === undefined) decodeColumn(payload, at, mode, rows, slots, slot)
      else unpacker.add(at, mode, rows, slots, slot)
    }
    if (kind === 'text' && !isAbsent(mode)) hasTexts = true
    at += padded(size)
  }
  unpacker?.run()
  batch.isV4 = isV4
  batch.length = rows
  return !hasTexts || decodeTexts(payload, at, batch)
}

const allFields = [...fields, ...extraFields]
const kindOf: ReadonlyMap<string, FieldKind> = new Map(
  allFields.map(({ name, kind }) => [name, kind])
)
const allColumns: SpoolColumns = allFields.map(({ name, kind }) => [name, kind])
const isKnown = (name: string, kind: FieldKind): boolean => kindOf.get(name) === kind

/** A batch's columns in a segment, and those that the segment has none for. */
interface BatchSlots {
  readonly columns: SpoolColumns
  readonly slots: Slots
  readonly lacking: readonly Slot[]
}

/** Of the segment that a batch took rows of last: frame after frame of one is read into one. */
const lastSlots = new WeakMap<FlowBatch, BatchSlots>()

function slotsFor(batch: FlowBatch, columns: SpoolColumns): BatchSlots {
  const last = lastSlots.get(batch)
  if (last?.columns === columns) return last
  const slots = slotsOf(batch, columns, isKnown)
  const there = new Set(slots.map((slot) => slot?.column))
  const all = slotsOf(batch, allColumns, isKnown)
  const lacking = all.filter((slot): slot is Slot => slot !== undefined && !there.has(slot.column))
  const made = { columns, slots, lacking }
  lastSlots.set(batch, made)
  return made
}

/** Takes the texts in the order of their numbers. */
function decodeTexts(payload: Buffer, at: number, batch: FlowBatch): boolean {
  if (at + 4 > payload.length) return false
  const end = at + 4 + payload.readUInt32LE(at)
  if (end > payload.length) return false
  const texts = parseJson(payload.toString('utf8', at + 4, end))
  if (!Array.isArray(texts)) return false
  for (const text of texts) batch.texts.numberOf(String(text))
  return batch.texts.size === texts.length + 1
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
