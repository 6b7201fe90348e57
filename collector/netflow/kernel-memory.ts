import { ColumnMemory } from '../../model/column-memory.ts'
import type { FieldKind, FieldName } from '../../model/fields.ts'
import { bytesOfKind, columnOver } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { receiveBytes } from '../../netlink/udp-socket.ts'
import type { KernelContext } from './kernels.ts'
import { kernelModule } from './kernel-module.ts'

/** What the compiled kernels export; see kernels.wat. */
interface Kernels {
  readonly run: (
    steps: number,
    count: number,
    data: number,
    stride: number,
    rows: number,
    row: number
  ) => number
}

/** Octets of one step; its parts are kernels.wat's. */
export const stepWords = 8
/** Steps of the longest plan. */
export const maxSteps = 96
const stepsAt = 64
const dataAt = stepsAt + 4 * stepWords * maxSteps
/** Octets of records that one call takes: no datagram has more. */
export const maxDataBytes = 65_536
const columnsAt = dataAt + maxDataBytes
export type Column = FlowBatch['columns'][FieldName]

/** A plan whose records become whole rows in one call of the compiled kernels. */
export interface QuickPlan {
  readonly steps: Int32Array
  /** Rows that one call can make. */
  readonly mostRows: number
  /** Its times count from when the exporter started, which its messages must tell. */
  readonly needsUptime: boolean
  /** All addresses are IPv4. */
  readonly isV4: boolean
  /** Columns that every row of it fills. */
  readonly filled: readonly Column[]
  /** Columns that only some of its rows fill. */
  readonly touched: readonly Column[]
  /** Both together: all others stay zero. */
  readonly written: ReadonlySet<Column>
}

/** What a call is told of its rows beside their octets, and what it tells of them. */
export interface Call {
  source: number
  /** Times before and after these make no sense. */
  earliestUs: number
  latestUs: number
  /** High word of the serial numbers. */
  run: number
  /** The serial number that the last row got. */
  serial: number
  /** False where some row's times make no sense. */
  isSound: boolean
  /** The longest flow, where they all do (us). */
  longest: number
}

/**
 * Columns that the compiled kernels reach, and those kernels. The memory never grows, so that
 * arrays over it stay what they are.
 */
export class KernelMemory {
  readonly call: Call = {
    source: 0,
    earliestUs: 0,
    latestUs: 0,
    run: 0,
    serial: 0,
    isSound: true,
    longest: 0,
  }
  /** What columns and receive buffers are made of. */
  readonly columns: ColumnMemory
  private readonly buffer: ArrayBuffer
  private readonly kernels: Kernels['run']
  private readonly bytes: Uint8Array
  private readonly words: Int32Array
  private readonly numbers: Float64Array
  private view: DataView | undefined
  private octets: Uint8Array = new Uint8Array(0)
  /** Where {@link view} begins in this memory; -1: it lies elsewhere. */
  private viewAt = -1
  private receiveAt = -1
  private steps: Int32Array | undefined

  /** @param columnBytes octets of all columns that are made, each rounded up to 16 */
  constructor(columnBytes: number) {
    this.columns = new ColumnMemory(columnsAt + receiveBytes + columnBytes)
    this.columns.take(columnsAt)
    this.buffer = this.columns.buffer
    this.kernels = (this.columns.run(kernelModule) as Kernels).run
    this.bytes = new Uint8Array(this.buffer)
    this.words = new Int32Array(this.buffer)
    this.numbers = new Float64Array(this.buffer)
  }

  /** Makes a column in this memory, as {@link makeColumn} does elsewhere. */
  makeColumn(kind: FieldKind, rows: number): ReturnType<typeof columnOver> {
    return columnOver(kind, this.buffer, this.columns.take(bytesOfKind[kind] * rows), rows)
  }

  /** Memory for a socket to receive into, so that nothing is copied; undefined: it is taken. */
  takeReceiveBuffer(): Buffer | undefined {
    if (this.receiveAt >= 0) return undefined
    this.receiveAt = this.columns.take(receiveBytes)
    return Buffer.from(this.buffer, this.receiveAt, receiveBytes)
  }

  /** True where a column lies in this memory. */
  has(column: { readonly buffer: ArrayBufferLike }): boolean {
    return column.buffer === this.buffer
  }

  /**
   * Runs steps over the records of `stride` octets from `at` on, into the rows from `row` on. They
   * are no more than {@link maxDataBytes}, and the columns have room for them.
   */
  run(
    steps: Int32Array,
    view: DataView,
    at: number,
    stride: number,
    rows: number,
    row: number,
    context: KernelContext
  ): void {
    const data = this.place(view, at, rows * stride)
    if (steps !== this.steps) {
      this.steps = steps
      this.words.set(steps, stepsAt >> 2)
    }
    const { words, numbers, call } = this
    numbers[0] = context.exportUs
    words[2] = context.sysUptimeMs | 0
    words[3] = call.run | 0
    numbers[2] = context.clockOffsetUs
    words[6] = call.serial | 0
    words[7] = call.source
    numbers[4] = 0
    numbers[5] = call.earliestUs
    numbers[6] = call.latestUs
    const count = (steps.length / stepWords) | 0
    call.isSound = this.kernels(stepsAt, count, data, stride, rows, row) === 1
    call.serial = (words[6] ?? 0) >>> 0
    call.longest = numbers[4] ?? 0
  }

  /** Where these octets stand in this memory, to which they are copied where they must be. */
  private place(view: DataView, at: number, length: number): number {
    if (view !== this.view) {
      this.view = view
      this.octets = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
      this.viewAt = view.buffer === this.buffer ? view.byteOffset : -1
    }
    if (this.viewAt >= 0) return this.viewAt + at
    this.bytes.set(this.octets.subarray(at, at + length), dataAt)
    return dataAt
  }
}
