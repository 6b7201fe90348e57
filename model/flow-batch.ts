import { extraFields, fields } from './fields.ts'
import type { ExtraName, FieldKind } from './fields.ts'
import type { ColumnMemory } from './column-memory.ts'
import { TextTable } from './text-table.ts'

/**
 * The array behind a column, for `n` rows:
 *
 * | kind    | array         | of row r |
 * |---------|---------------|----------|
 * | address | Uint32Array 4n | words 4r .. 4r+3, network order, IPv4 v4-mapped |
 * | u8, u16, u32 | that array, n | r |
 * | u64     | Uint32Array 2n | low word 2r, high word 2r+1: exact, and no BigInt a row |
 * | time    | Float64Array n | r, in microseconds since 1970 (exact to 2^53, the year 2255) |
 * | text    | Uint32Array n | r, a number of the batch's texts; 0: none |
 */
interface ArrayOf {
  address: Uint32Array
  u8: Uint8Array
  u16: Uint16Array
  u32: Uint32Array
  u64: Uint32Array
  time: Float64Array
  text: Uint32Array
}

/** One array a field, by the field's name. */
export type Columns = {
  readonly [F in (typeof fields)[number] as F['name']]: ArrayOf[F['kind']]
}

/** Columns that a batch may lack: what they would say is not known of any of its rows. */
export type ExtraColumns = {
  readonly [F in (typeof extraFields)[number] as F['name']]?: ArrayOf[F['kind']]
}

/** Bytes that one row takes in a column of each kind. */
export const bytesOfKind: Readonly<Record<FieldKind, number>> = {
  address: 16,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  time: 8,
  text: 4,
}

/** Makes the array of a column over memory at a multiple of eight. */
export function columnOver(
  kind: FieldKind,
  memory: ArrayBuffer,
  at: number,
  rows: number
): ArrayOf[FieldKind] {
  if (kind === 'address') return new Uint32Array(memory, at, 4 * rows)
  if (kind === 'u64') return new Uint32Array(memory, at, 2 * rows)
  if (kind === 'u8') return new Uint8Array(memory, at, rows)
  if (kind === 'u16') return new Uint16Array(memory, at, rows)
  if (kind === 'u32' || kind === 'text') return new Uint32Array(memory, at, rows)
  return new Float64Array(memory, at, rows)
}

/** Makes the array of a column over zeroed memory of its own. */
export function makeColumn(kind: FieldKind, rows: number): ArrayOf[FieldKind] {
  return columnOver(kind, new ArrayBuffer(bytesOfKind[kind] * rows), 0, rows)
}

/**
 * Some thousands of flows as columns: what decoders write and encoders read. No object per row.
 * Rows 0 .. length-1 hold data; writers set `length` themselves after filling every column of a row
 * (columns keep what the last use left there).
 */
export interface FlowBatch {
  readonly capacity: number
  length: number
  readonly columns: Columns
  readonly extras: ExtraColumns
  /** What the numbers in columns of kind `text` stand for. */
  readonly texts: TextTable
  /** Whoever fills it vouches that all addresses are IPv4, and nobody needs to look. */
  isV4?: boolean
  /** Whoever fills it vouches that each row is zero in all columns but these. */
  written?: ReadonlySet<Uint32Array | Uint16Array | Uint8Array | Float64Array> | undefined
  /** Where its columns lie, if compiled kernels reach them. */
  readonly memory?: ColumnMemory
}

/**
 * An empty batch with room for `capacity` rows, and with these columns beside the usual ones.
 *
 * @param make makes a column, of zeros
 */
export function makeFlowBatch(
  capacity: number,
  extraNames: readonly ExtraName[] = [],
  make: typeof makeColumn = makeColumn
): FlowBatch {
  const columns = Object.fromEntries(
    fields.map((field) => [field.name, make(field.kind, capacity)])
  ) as unknown as Columns
  const extras = Object.fromEntries(
    extraFields
      .filter(({ name }) => extraNames.includes(name))
      .map(({ name, kind }) => [name, make(kind, capacity)])
  ) as unknown as ExtraColumns
  return { capacity, length: 0, columns, extras, texts: new TextTable() }
}

/** Octets that the columns of a batch take in memory that is handed out piece by piece. */
export function batchBytes(capacity: number, extraNames: readonly ExtraName[] = []): number {
  return [...fields, ...extraFields.filter(({ name }) => extraNames.includes(name))].reduce(
    (sum, { kind }) => sum + ((bytesOfKind[kind] * capacity + 15) & ~15),
    0
  )
}

/** As {@link makeFlowBatch}, where compiled kernels reach it; elsewhere if there is no room. */
export function makeBatchIn(
  memory: ColumnMemory | undefined,
  capacity: number,
  extraNames: readonly ExtraName[] = []
): FlowBatch {
  const at = memory?.take(batchBytes(capacity, extraNames)) ?? -1
  if (memory === undefined || at < 0) return makeFlowBatch(capacity, extraNames)
  let free = at
  const batch = makeFlowBatch(capacity, extraNames, (kind, rows) => {
    const column = columnOver(kind, memory.buffer, free, rows)
    free += (bytesOfKind[kind] * rows + 15) & ~15
    return column
  })
  return { ...batch, memory }
}

/** Elements that one row takes in the array of a column. */
const strideOf: Readonly<Record<FieldKind, number>> = {
  address: 4,
  u8: 1,
  u16: 1,
  u32: 1,
  u64: 2,
  time: 1,
  text: 1,
}

/**
 * Copies row `from` of one batch over row `to` of another: the columns that every batch has, and
 * those extra ones that both have.
 */
export function copyRow(source: FlowBatch, from: number, target: FlowBatch, to: number): void {
  for (const { name, kind } of fields) {
    const stride = strideOf[kind]
    const input = source.columns[name]
    const output = target.columns[name]
    for (let i = 0; i < stride; i++) output[to * stride + i] = input[from * stride + i] ?? 0
  }
  for (const { name, kind } of extraFields) {
    const input = source.extras[name]
    const output = target.extras[name]
    if (input === undefined || output === undefined) continue
    const value = input[from] ?? 0
    output[to] = kind === 'text' ? target.texts.numberOf(source.texts.textOf(value)) : value
  }
}
