import type { ColumnMemory } from '../model/column-memory.ts'
import { batchBytes } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { extraFields } from '../model/fields.ts'
import { batchRows } from '../model/limits.ts'
import { modes, twinMode } from './spool-column.ts'
import type { Slot, Slots } from './spool-column.ts'
import { kernelModule } from './unpack-kernel-module.ts'

/** What the compiled kernels export; see unpack-kernels.wat. */
interface Kernels {
  unpack(entry: number, end: number): void
}

/** Ways of unpack-kernels.wat. */
const ways = { zero: 0, copy: 1, v4: 7, low: 8, serial: 9, near: 10 } as const
/** The way of a constant, by the octets of its row. */
const constantWays: Readonly<Record<number, number>> = { 1: 2, 2: 3, 4: 4, 8: 5, 16: 6 }

const entryWords = 4
/** Columns that a segment has at most. */
const maxColumns = 200
const extras = extraFields.map(({ name }) => name)
/** Of the longest payload that is unpacked so: columns of every kind as they are, and texts. */
const payloadBytes = batchBytes(batchRows, extras) + (256 << 10)

const unpackers = new WeakMap<ColumnMemory, ColumnUnpacker | 'no room'>()

/** Reads columns as {@link decodeColumn} does, by kernels that are compiled. */
export class ColumnUnpacker {
  /** Octets that it takes of a memory. */
  static readonly bytes = payloadBytes + 4 * entryWords * maxColumns + 32

  /** Where a payload must stand to be read. */
  readonly payload: Buffer
  readonly #kernels: Kernels
  readonly #table: Int32Array
  #words = 0

  private constructor(memory: ColumnMemory, at: number) {
    this.#kernels = memory.run(kernelModule) as Kernels
    this.payload = Buffer.from(memory.buffer, at, payloadBytes)
    const tableAt = (at + payloadBytes + 15) & ~15
    this.#table = new Int32Array(memory.buffer, tableAt, entryWords * maxColumns)
  }

  /** The one of the memory that a batch lies in, for all such batches; undefined: there is none. */
  static of({ memory }: FlowBatch): ColumnUnpacker | undefined {
    if (memory === undefined) return undefined
    const known = unpackers.get(memory)
    if (known !== undefined) return known === 'no room' ? undefined : known
    const at = memory.take(ColumnUnpacker.bytes)
    const made = at < 0 ? undefined : new ColumnUnpacker(memory, at)
    unpackers.set(memory, made ?? 'no room')
    return made
  }

  /** True where it reads a payload of so many columns: one that stands in its own. */
  takes(payload: Buffer, columns: number): boolean {
    return (
      payload.byteOffset === this.payload.byteOffset &&
      payload.buffer === this.payload.buffer &&
      columns <= maxColumns
    )
  }

  /** Begins another frame. */
  begin(): void {
    this.#words = 0
  }

  /** Takes a column, which is known to be there; its slot's array lies in the memory. */
  add(at: number, mode: number, rows: number, slots: Slots, slot: Slot): void {
    const { rowBytes, column } = slot
    const to = column.byteOffset
    const from = this.payload.byteOffset + at
    const bytes = rows * rowBytes
    if (mode === modes.absent) this.#put(ways.zero, 0, to, bytes)
    else if (mode === modes.raw) this.#put(ways.copy, from, to, bytes)
    else if (mode === modes.constant) this.#put(constantWays[rowBytes] ?? 0, from, to, bytes)
    else if (mode >= twinMode) {
      this.#put(ways.copy, slots[mode - twinMode]?.column.byteOffset ?? to, to, bytes)
    } else if (mode === modes.serial) this.#put(ways.serial, from, to, rows)
    else if (mode === modes.near) this.#put(ways.near, from, to, rows)
    else this.#put(mode === modes.low ? ways.low : ways.v4, from, to, rows)
  }

  /** Reads the columns that were taken. */
  run(): void {
    const from = this.#table.byteOffset
    if (this.#words > 0) this.#kernels.unpack(from, from + 4 * this.#words)
  }

  #put(way: number, from: number, to: number, length: number): void {
    if (length === 0) return
    const at = this.#words
    this.#table[at] = way
    this.#table[at + 1] = from
    this.#table[at + 2] = to
    this.#table[at + 3] = length
    this.#words = at + entryWords
  }
}
