import { v4MappedWord } from '../model/address.ts'
import { bytesOfKind } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { ExtraName, FieldKind, FieldName } from '../model/fields.ts'

/*
 * How a column of n rows lies in a frame, by its mode:
 *
 *   absent    nothing: every row is zero
 *   raw       the rows as they lie in memory
 *   constant  one row, which all of them are
 *   v4        n u32: the last words of addresses that are all IPv4
 *   low       n u32: the low words of numbers of 64 bits whose high words are zero
 *   serial    u64: the first of numbers whose low words grow by one from row to row, modulo 2^32
 *   near      f64 base | n u32: times, in whole microseconds since the base
 *   64 + i    nothing: the rows are those of column i, which comes before it
 */
export const modes = { absent: 0, raw: 1, v4: 2, constant: 3, low: 4, serial: 5, near: 6 } as const
export const twinMode = 64

/** Columns that often say what another one says, which stands before them in the table. */
const twinOf: Readonly<Partial<Record<FieldName, FieldName>>> = {
  postNatSourceAddress: 'sourceAddress',
  postNatDestinationAddress: 'destinationAddress',
  postNaptSourceTransportPort: 'sourceTransportPort',
  postNaptDestinationTransportPort: 'destinationTransportPort',
  flowStartMicroseconds: 'connectionStart',
  lastPacket: 'flowEndMicroseconds',
}

export type SpoolColumns = readonly (readonly [name: string, kind: FieldKind])[]
type Column = FlowBatch['columns'][FieldName]

/** A column of a segment as a batch has it, ready to be read or written again and again. */
export interface Slot {
  readonly kind: FieldKind
  readonly column: Column
  readonly bytes: Buffer
  readonly rowBytes: number
  /** Elements of the array that a row takes. */
  readonly stride: number
  /** Number of the column that it may be equal to; -1: none. */
  readonly twin: number
}

/** Columns that a batch has in common with a segment, by their number there. */
export type Slots = readonly (Slot | undefined)[]

/** @param isKnown false where a column of that name and kind is passed over */
export function slotsOf(
  batch: FlowBatch,
  columns: SpoolColumns,
  isKnown: (name: string, kind: FieldKind) => boolean = () => true
): Slots {
  return columns.map(([name, kind]) => {
    const column = batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
    if (column === undefined || !isKnown(name, kind)) return undefined
    const rowBytes = bytesOfKind[kind]
    const stride = rowBytes / column.BYTES_PER_ELEMENT
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
    const twin = columns.findIndex(([other]) => other === twinOf[name as FieldName])
    return { kind, column, bytes, rowBytes, stride, twin }
  })
}

/** Writes columns into a buffer whose octets lie at a multiple of eight. */
export class ColumnEncoder {
  /** Mode of the column that was written last. */
  mode = 0
  private readonly bytes: Buffer
  private readonly words: Uint32Array

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  }

  /**
   * Writes a column's first rows at `at`, a multiple of eight; gives where they end.
   *
   * @param isV4 all addresses are known to be IPv4
   */
  write(slots: Slots, slot: Slot, rows: number, at: number, isV4: boolean): number {
    const { column, bytes, rowBytes, kind } = slot
    if (isConstant(slot, rows)) {
      this.mode = isZero(slot) ? modes.absent : modes.constant
      if (this.mode === modes.absent) return at
      return at + bytes.copy(this.bytes, at, 0, rowBytes)
    }
    const twin = slots[slot.twin]
    if (twin !== undefined && areEqual(slot, twin, rows)) {
      this.mode = twinMode + slot.twin
      return at
    }
    const first = at >> 2
    if (kind === 'u64' && isSerial(column as Uint32Array, rows)) {
      this.mode = modes.serial
      return at + bytes.copy(this.bytes, at, 0, 8)
    }
    // Each of these is tried by doing it: what turns out not to fit is written over.
    if (isV4 && kind === 'address') {
      putLast(column as Uint32Array, rows, this.words, first)
      this.mode = modes.v4
      return at + 4 * rows
    }
    if (kind === 'address' && putV4(column as Uint32Array, rows, this.words, first)) {
      this.mode = modes.v4
      return at + 4 * rows
    }
    if (kind === 'u64' && putLow(column as Uint32Array, rows, this.words, first)) {
      this.mode = modes.low
      return at + 4 * rows
    }
    if (kind === 'time' && this.putNear(column as Float64Array, rows, at)) return at + 8 + 4 * rows
    this.mode = modes.raw
    return at + bytes.copy(this.bytes, at, 0, rows * rowBytes)
  }

  /** Half an hour to both sides of the first row is near. */
  private putNear(column: Float64Array, rows: number, at: number): boolean {
    const base = (column[0] ?? 0) - 2 ** 31
    if (!putOffsets(column, rows, base, this.words, (at >> 2) + 2)) return false
    this.bytes.writeDoubleLE(base, at)
    this.mode = modes.near
    return true
  }
}

/** A look at some rows spares looking at all of most columns. */
function isConstant({ column, stride, bytes, rowBytes }: Slot, rows: number): boolean {
  const last = (rows - 1) * stride
  for (let i = 0; i < stride; i++) {
    const value = column[i]
    if (!Object.is(value, column[last + i])) return false
    if (!Object.is(value, column[stride * (rows >> 1) + i])) return false
  }
  const end = rows * rowBytes
  return rows === 1 || bytes.compare(bytes, 0, end - rowBytes, rowBytes, end) === 0
}

/** A time of -0 is kept as it is, and is none that anybody writes. */
function isZero({ column, stride }: Slot): boolean {
  for (let i = 0; i < stride; i++) if (!Object.is(column[i], 0)) return false
  return true
}

function areEqual(slot: Slot, twin: Slot, rows: number): boolean {
  const last = rows * slot.stride - 1
  if (!Object.is(slot.column[last], twin.column[last])) return false
  const end = rows * slot.rowBytes
  return slot.bytes.compare(twin.bytes, 0, end, 0, end) === 0
}

function isSerial(halves: Uint32Array, rows: number): boolean {
  const low = halves[0] ?? 0
  const high = halves[1] ?? 0
  for (let row = 1; row < rows; row++) {
    if (halves[2 * row] !== (low + row) >>> 0 || halves[2 * row + 1] !== high) return false
  }
  return true
}

function putV4(words: Uint32Array, rows: number, out: Uint32Array, at: number): boolean {
  let other = 0
  for (let row = 0, from = 0; row < rows; row++, from += 4) {
    other |= (words[from] ?? 0) | (words[from + 1] ?? 0) | ((words[from + 2] ?? 0) ^ v4MappedWord)
    out[at + row] = words[from + 3] ?? 0
  }
  return other === 0
}

function putLast(words: Uint32Array, rows: number, out: Uint32Array, at: number): void {
  for (let row = 0; row < rows; row++) out[at + row] = words[4 * row + 3] ?? 0
}

function putLow(halves: Uint32Array, rows: number, out: Uint32Array, at: number): boolean {
  let high = 0
  for (let row = 0; row < rows; row++) {
    out[at + row] = halves[2 * row] ?? 0
    high |= halves[2 * row + 1] ?? 0
  }
  return high === 0
}

function putOffsets(
  times: Float64Array,
  rows: number,
  base: number,
  out: Uint32Array,
  at: number
): boolean {
  for (let row = 0; row < rows; row++) {
    const time = times[row] ?? 0
    const offset = (time - base) >>> 0
    // Also of what is no number, and of what a double cannot carry there and back.
    if (base + offset !== time) return false
    out[at + row] = offset
  }
  return true
}

/** Octets that a column takes in a frame; undefined: of no mode that there is. */
export function columnBytes(mode: number, kind: FieldKind, rows: number): number | undefined {
  if (mode === modes.absent || mode >= twinMode) return 0
  if (mode === modes.raw) return rows * bytesOfKind[kind]
  if (mode === modes.constant) return bytesOfKind[kind]
  if (mode === modes.v4) return kind === 'address' ? 4 * rows : undefined
  if (mode === modes.low) return kind === 'u64' ? 4 * rows : undefined
  if (mode === modes.serial) return kind === 'u64' ? 8 : undefined
  return mode === modes.near && kind === 'time' ? 8 + 4 * rows : undefined
}

/** True where rows of this mode are rows at all: the texts of a batch come with them. */
export const isAbsent = (mode: number): boolean => mode === modes.absent

/** False where a column is to be like one that does not come before it, or is of another kind. */
export function hasTwin(mode: number, slots: Slots, index: number): boolean {
  if (mode < twinMode) return true
  if (mode - twinMode >= index) return false
  const slot = slots[index]
  return slot === undefined || slots[mode - twinMode]?.kind === slot.kind
}

/** True where a column holds nothing but IPv4, its twin aside. */
export function holdsV4(payload: Buffer, at: number, mode: number): boolean {
  if (mode === modes.v4 || mode >= twinMode) return true
  if (mode !== modes.constant) return false
  const high = payload.readUInt32LE(at) | payload.readUInt32LE(at + 4)
  return high === 0 && payload.readUInt32LE(at + 8) === v4MappedWord
}

/** Reads a column, which {@link columnBytes} and {@link hasTwin} found to be there. */
export function decodeColumn(
  payload: Buffer,
  at: number,
  mode: number,
  rows: number,
  slots: Slots,
  slot: Slot
): void {
  const { bytes, rowBytes, column } = slot
  const end = rows * rowBytes
  if (mode === modes.absent) bytes.fill(0, 0, end)
  else if (mode === modes.raw) payload.copy(bytes, 0, at, at + end)
  else if (mode === modes.constant) bytes.fill(payload.subarray(at, at + rowBytes), 0, end)
  else if (mode >= twinMode) slots[mode - twinMode]?.bytes.copy(bytes, 0, 0, end)
  else if (mode === modes.serial) {
    for (let row = 0; row < rows; row++) {
      column[2 * row] = payload.readUInt32LE(at) + row
      column[2 * row + 1] = payload.readUInt32LE(at + 4)
    }
  } else if (mode === modes.near) {
    const base = payload.readDoubleLE(at)
    for (let row = 0; row < rows; row++) {
      column[row] = base + payload.readUInt32LE(at + 8 + 4 * row)
    }
  } else decodeWords(payload, at, mode, rows, column)
}

function decodeWords(payload: Buffer, at: number, mode: number, rows: number, column: Column) {
  if (mode === modes.low) {
    for (let row = 0; row < rows; row++) {
      column[2 * row] = payload.readUInt32LE(at + 4 * row)
      column[2 * row + 1] = 0
    }
    return
  }
  for (let row = 0; row < rows; row++) {
    column[4 * row] = 0
    column[4 * row + 1] = 0
    column[4 * row + 2] = v4MappedWord
    column[4 * row + 3] = payload.readUInt32LE(at + 4 * row)
  }
}
