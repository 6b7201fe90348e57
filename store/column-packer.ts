import type { ColumnMemory } from '../model/column-memory.ts'
import type { FieldKind } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { maxSliceUs } from '../model/limits.ts'
import { oldestUs } from './refusals.ts'
import type { Slots } from './spool-column.ts'
import { twinMode } from './spool-column.ts'
import { kernelModule } from './spool-kernel-module.ts'
import { aheadUs, extentWithin } from './extent.ts'
import type { Extent } from './extent.ts'

/** What the compiled kernels export; see spool-kernels.wat. */
interface Kernels {
  pack(table: number, count: number, rows: number, modes: number, to: number): number
  extent(
    starts: number,
    ends: number,
    rows: number,
    earliest: number,
    latest: number,
    longest: number,
    to: number
  ): void
}

/** Words of an entry of the table of columns, and columns that a table has room for. */
const entryWords = 6
const maxColumns = 200
const extentBytes = 16
const kinds: Partial<Record<FieldKind, number>> = { address: 1, u64: 2, time: 3 }

/** Where the target, the table of columns and what was found begin in the memory. */
type Places = readonly [target: number, table: number, extent: number]

/** Writes columns as {@link ColumnEncoder} does, by kernels that are compiled. */
export class ColumnPacker {
  readonly memory: ColumnMemory
  /** Where it writes to. */
  readonly target: Buffer
  readonly #kernels: Kernels
  readonly #targetAt: number
  readonly #tableAt: number
  readonly #table: Int32Array
  readonly #extentAt: number
  readonly #extent: Float64Array
  readonly #tables = new WeakMap<Slots, WeakMap<object, Int32Array>>()
  #current: Int32Array | undefined

  private constructor(memory: ColumnMemory, bytes: number, at: Places) {
    this.memory = memory
    this.#kernels = memory.run(kernelModule) as Kernels
    const [targetAt, tableAt, extentAt] = at
    this.target = Buffer.from(memory.buffer, targetAt, bytes)
    this.#targetAt = targetAt
    this.#tableAt = tableAt
    this.#table = new Int32Array(memory.buffer, tableAt, entryWords * maxColumns)
    this.#extentAt = extentAt
    this.#extent = new Float64Array(memory.buffer, extentAt, 2)
  }

  /** @returns undefined where the memory has no `bytes` octets left to write to */
  static over(memory: ColumnMemory, bytes: number): ColumnPacker | undefined {
    const at = [
      memory.take(bytes),
      memory.take(4 * entryWords * maxColumns),
      memory.take(extentBytes),
    ] as const satisfies Places
    return at.includes(-1) ? undefined : new ColumnPacker(memory, bytes, at)
  }

  /**
   * Writes the columns of a batch at `at` behind one another, and their modes at `modesAt`, where
   * there are zeros; gives where they end. Eight octets behind that are written too.
   */
  pack(slots: Slots, batch: FlowBatch, modesAt: number, at: number): number {
    const table = this.#tableOf(slots, batch)
    if (table !== this.#current) {
      this.#current = table
      this.#table.set(table)
    }
    const modes = this.#targetAt + modesAt
    const to = this.#targetAt + at
    const count = table.length / entryWords
    return this.#kernels.pack(this.#tableAt, count, batch.length, modes, to) - this.#targetAt
  }

  /** As {@link extentOf}. */
  extentOf(batch: FlowBatch, nowUs: number): Extent {
    const { flowStartMicroseconds: starts, flowEndMicroseconds: ends } = batch.columns
    const [from, to, rows] = [starts.byteOffset, ends.byteOffset, batch.length]
    const latest = nowUs + aheadUs
    this.#kernels.extent(from, to, rows, oldestUs, latest, maxSliceUs, this.#extentAt)
    const [fromUs = Infinity, toUs = -Infinity] = this.#extent
    return extentWithin(rows, fromUs, toUs, nowUs)
  }

  /** Columns that are known to be zero need no look. */
  #tableOf(slots: Slots, { written }: FlowBatch): Int32Array {
    const tables = this.#tables.get(slots) ?? new WeakMap<object, Int32Array>()
    this.#tables.set(slots, tables)
    const known = tables.get(written ?? slots)
    if (known !== undefined) return known
    const entries = slots.flatMap((slot, index) => {
      if (slot === undefined || written?.has(slot.column) === false) return []
      const { column, rowBytes, kind } = slot
      const twin = slots[slot.twin]
      const twinWords = [
        twin?.column.byteOffset ?? 0,
        twin === undefined ? 0 : twinMode + slot.twin,
      ]
      return [column.byteOffset, rowBytes, kinds[kind] ?? 0, ...twinWords, index]
    })
    const made = Int32Array.from(entries)
    tables.set(written ?? slots, made)
    return made
  }
}
