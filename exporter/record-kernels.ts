import type { ColumnMemory } from '../model/column-memory.ts'
import {
  constant32,
  constant8,
  write16,
  write32,
  write64,
  write8,
  writeMilliseconds,
  writeNtp,
  writeSpace32,
  writeUptime,
  writeV4,
  writeV6,
} from './column-writers.ts'
import type { Column, ColumnWriter, Run } from './column-writers.ts'
import { kernelModule } from './record-kernel-module.ts'

/** What the compiled kernels export; see record-kernels.wat. */
interface Kernels {
  write(step: number, last: number, at: number, end: number, base: number): number
}

/** A column of a record: how it is written, where, and of what. */
export interface RecordStep {
  readonly write: ColumnWriter
  readonly offset: number
  readonly constant: number
  readonly column: Column
}

/** Columns of records that compiled kernels write, and those that they leave to others. */
export interface QuickSteps {
  readonly words: Int32Array
  readonly rest: readonly RecordStep[]
}

/** A kernel: its number, the fields that it writes at once, and what their columns must be. */
interface Kernel {
  readonly number: number
  readonly fields: number
  /** Octets of a field, so that the next one stands behind it. */
  readonly bytes: number
  /** Octets of a row of the column, where they are not those of an element of it. */
  readonly rowBytes?: number
  /** Octets of an element of its array; left out: it has no column. */
  readonly element?: readonly number[]
}

/** The kernels of each writer, those that write most fields first. */
const kernelsOf: ReadonlyMap<ColumnWriter, readonly Kernel[]> = new Map([
  [write8, [{ number: 0, fields: 1, bytes: 1, element: [1, 2, 4] }]],
  [
    write16,
    [
      { number: 10, fields: 4, bytes: 2, element: [2] },
      { number: 1, fields: 1, bytes: 2, element: [2, 4] },
    ],
  ],
  [
    write32,
    [
      { number: 11, fields: 2, bytes: 4, element: [4] },
      { number: 2, fields: 1, bytes: 4, element: [4] },
    ],
  ],
  [
    write64,
    [
      { number: 12, fields: 2, bytes: 8, rowBytes: 8, element: [4] },
      { number: 3, fields: 1, bytes: 8, rowBytes: 8, element: [4] },
    ],
  ],
  [
    writeV4,
    [
      { number: 13, fields: 4, bytes: 4, rowBytes: 16, element: [4] },
      { number: 4, fields: 1, bytes: 4, rowBytes: 16, element: [4] },
    ],
  ],
  [writeV6, [{ number: 5, fields: 1, bytes: 16, rowBytes: 16, element: [4] }]],
  [writeSpace32, [{ number: 6, fields: 1, bytes: 4, element: [4] }]],
  [constant8, [{ number: 7, fields: 1, bytes: 1 }]],
  [constant32, [{ number: 8, fields: 1, bytes: 4 }]],
  [
    writeMilliseconds,
    [
      { number: 14, fields: 2, bytes: 8, element: [8] },
      { number: 9, fields: 1, bytes: 8, element: [8] },
    ],
  ],
  [writeNtp, [{ number: 15, fields: 2, bytes: 8, element: [8] }]],
  [writeUptime, [{ number: 16, fields: 2, bytes: 4, element: [8] }]],
])

const stepWords = 12
/** Steps of the longest table: a record has no more fields. */
const maxSteps = 96
/**
 * Records that are placed before their columns are written: those of several messages are written
 * at once, since each loop over a column costs as much to begin as a few records do; all of them
 * and their columns fit into the processor's nearest cache. record-kernels.wat has where they begin
 * so many words behind their rows.
 */
export const placedRecords = 192

/** Writes records as {@link ColumnWriter}s do, by kernels that are compiled. */
export class RecordKernels {
  readonly memory: ColumnMemory
  /** Where the records of a run begin. */
  readonly starts: Int32Array
  readonly #rows: Int32Array
  readonly #steps: Int32Array
  readonly #kernels: Kernels
  #current: Int32Array | undefined

  private constructor(memory: ColumnMemory, at: number) {
    this.memory = memory
    this.#kernels = memory.run(kernelModule) as Kernels
    this.#rows = new Int32Array(memory.buffer, at, placedRecords)
    this.starts = new Int32Array(memory.buffer, at + 4 * placedRecords, placedRecords)
    this.#steps = new Int32Array(memory.buffer, at + 8 * placedRecords, stepWords * maxSteps)
  }

  /** Octets that it takes of a memory. */
  static readonly bytes = 8 * placedRecords + 4 * stepWords * maxSteps

  /** @returns undefined where the memory has no room */
  static over(memory: ColumnMemory): RecordKernels | undefined {
    const at = memory.take(RecordKernels.bytes)
    return at < 0 ? undefined : new RecordKernels(memory, at)
  }

  /** The steps as kernels take them, several fields at once where they stand together. */
  stepsOf(steps: readonly RecordStep[]): QuickSteps {
    const tables: Int32Array[] = []
    const rest: RecordStep[] = []
    for (let index = 0; index < steps.length;) {
      const kernel = this.#kernelAt(steps, index)
      const taken = steps.slice(index, index + (kernel?.fields ?? 1))
      if (kernel === undefined || tables.length === maxSteps) rest.push(...taken)
      else tables.push(tableOf(kernel, taken))
      index += taken.length
    }
    const words = new Int32Array(stepWords * tables.length)
    for (const [index, table] of tables.entries()) words.set(table, stepWords * index)
    return { words, rest }
  }

  /**
   * Writes what {@link stepsOf} gave words for, into messages that lie in the memory; the places of
   * the run's records stand in {@link starts}.
   *
   * @returns false where that is to be done once more, by the writers themselves
   */
  write({ words }: QuickSteps, { bytes, rows, first, count }: Run): boolean {
    if (words.length === 0) return true
    if (words !== this.#current) {
      this.#current = words
      this.#steps.set(words)
    }
    this.#rows.set(rows.subarray(first, first + count))
    const from = this.#steps.byteOffset
    const at = this.#rows.byteOffset
    const last = from + 4 * words.length
    return this.#kernels.write(from, last, at, at + 4 * count, bytes.byteOffset) !== 0
  }

  #kernelAt(steps: readonly RecordStep[], index: number): Kernel | undefined {
    const { write, offset, constant } = steps[index] as RecordStep
    return kernelsOf.get(write)?.find(({ fields, bytes, element }) => {
      const taken = steps.slice(index, index + fields)
      return (
        taken.length === fields &&
        taken.every(
          (step, place) =>
            step.write === write &&
            step.constant === constant &&
            step.offset === offset + place * bytes &&
            (element === undefined || this.#reaches(step.column, element))
        ) &&
        // What times are counted from must be a time itself.
        (write !== writeUptime || (constant >= 0 && constant < 2 ** 32 * 1e6))
      )
    })
  }

  #reaches({ buffer, BYTES_PER_ELEMENT }: Column, element: readonly number[]): boolean {
    return buffer === this.memory.buffer && element.includes(BYTES_PER_ELEMENT)
  }
}

function tableOf({ number, rowBytes }: Kernel, steps: readonly RecordStep[]): Int32Array {
  const [{ offset, constant, column }] = steps as readonly [RecordStep]
  const words = new Int32Array(stepWords)
  const shift = Math.log2(rowBytes ?? column.BYTES_PER_ELEMENT)
  words.set([number, offset, shift, constant])
  new Float64Array(words.buffer, 16, 1)[0] = constant
  words.set(
    steps.map((step) => step.column.byteOffset),
    6
  )
  return words
}
