import type { ExtraName } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { Column, ColumnWriter, Run } from './column-writers.ts'
import { variableLength } from './protocol.ts'
import type { Element, Item } from './protocol.ts'
import type { QuickSteps, RecordKernels } from './record-kernels.ts'
import type { TextPool } from './text-pool.ts'
import { cutUtf8 } from './text-pool.ts'

interface Step {
  readonly write: ColumnWriter
  readonly offset: number
  readonly constant: number
  readonly name: Item['column']
  column: Column
}

interface TextStep {
  readonly name: ExtraName
  /** 0 for texts of variable length, which stand behind the fixed part. */
  readonly bytes: number
  readonly offset: number
  column: Column
}

/** Fields in the order in which they are wished. */
type Items = readonly Item[]

const noColumn = new Uint8Array(0)

/** Octets that a text of `length` octets takes (RFC 7011 §7: one or three tell its length). */
const textBytes = (length: number): number => length + (length < 255 ? 1 : 3)

/**
 * How records of one template are written: a plan of loops over columns. Texts of variable length
 * stand at the end of the record, so that all others have fixed places.
 */
export class Layout {
  readonly templateId: number
  readonly elements: readonly Element[]
  /** Octets of the fixed part: the whole record where there are no texts. */
  readonly fixedBytes: number
  /** Octets of the shortest record. */
  readonly leastBytes: number
  readonly hasTexts: boolean
  private readonly steps: readonly Step[]
  private readonly texts: readonly TextStep[]
  private readonly fixedTexts: readonly TextStep[]
  private readonly kernels: RecordKernels | undefined
  private quick: QuickSteps | undefined
  private readonly quickOf = new WeakMap<FlowBatch, QuickSteps>()

  /** @param kernels write what lies in their memory; left out: nothing does */
  constructor(templateId: number, items: Items, kernels?: RecordKernels) {
    const fixed = items.filter(({ element }) => element.bytes !== variableLength)
    const variable = items.filter(({ element }) => element.bytes === variableLength)
    this.templateId = templateId
    this.kernels = kernels
    this.elements = [...fixed, ...variable].map(({ element }) => element)
    const steps: Step[] = []
    const fixedTexts: TextStep[] = []
    let offset = 0
    for (const { element, write, column: name, constant = 0 } of fixed) {
      if (write !== 'text') steps.push({ write, offset, constant, name, column: noColumn })
      else fixedTexts.push(textStep(name, element.bytes, offset))
      offset += element.bytes
    }
    this.steps = steps
    this.fixedTexts = fixedTexts
    this.texts = variable.map(({ column }) => textStep(column, 0, 0))
    this.fixedBytes = offset
    this.leastBytes = offset + this.texts.length
    this.hasTexts = this.texts.length > 0
  }

  /** Points the plan to the columns of a batch. */
  bind(batch: FlowBatch): void {
    const { columns, extras } = batch
    const all: Partial<Record<string, Column>> = { ...columns, ...extras }
    for (const step of this.steps) step.column = all[step.name ?? ''] ?? noColumn
    for (const step of [...this.texts, ...this.fixedTexts]) step.column = all[step.name] ?? noColumn
    this.quick = this.kernels && this.quickOf.get(batch)
    if (this.kernels === undefined || this.quick !== undefined) return
    this.quick = this.kernels.stepsOf(this.steps)
    this.quickOf.set(batch, this.quick)
  }

  /** Octets of the record of a row with its texts, each cut to `limit`. */
  sizeOf(row: number, pool: TextPool, limit: number): number {
    let size = this.fixedBytes
    for (const { column } of this.texts) {
      const length = pool.lengthOf(column[row] ?? 0)
      size += textBytes(length < limit ? length : limit)
    }
    return size
  }

  /** As {@link sizeOf}, of texts as they are written: cut where a character ends. */
  sizeCut(row: number, pool: TextPool, limit: number): number {
    let size = this.fixedBytes
    for (const { column } of this.texts) {
      const number = column[row] ?? 0
      const whole = pool.lengthOf(number)
      size += textBytes(cutUtf8(pool.bytes, pool.startOf(number), whole, limit))
    }
    return size
  }

  /**
   * The longest that texts may be so that a record of the row fits into `room`: long ones give way
   * before short ones do.
   */
  limitFor(row: number, pool: TextPool, room: number): number {
    let low = 0
    let high = 65_535
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.sizeOf(row, pool, middle) <= room) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Writes the records of a run, which begin at its `starts`; texts are cut to `limit`. */
  write(run: Run, pool: TextPool, limit: number): void {
    const { quick } = this
    const isQuick = quick !== undefined && this.kernels?.write(quick, run) === true
    for (const { write, offset, column, constant } of isQuick ? quick.rest : this.steps)
      write(run, offset, column, constant)
    for (const step of this.fixedTexts) writeFixedTexts(run, step, pool)
    if (this.hasTexts) this.writeTexts(run, pool, limit)
  }

  private writeTexts(run: Run, pool: TextPool, limit: number): void {
    const { starts, rows, first, count, bytes } = run
    for (let i = 0; i < count; i++) {
      let at = (starts[i] ?? 0) + this.fixedBytes
      const row = rows[first + i] ?? 0
      for (const { column } of this.texts) at = writeText(bytes, at, pool, column[row] ?? 0, limit)
    }
  }
}

function textStep(name: Item['column'], bytes: number, offset: number): TextStep {
  return { name: name as ExtraName, bytes, offset, column: noColumn }
}

/** RFC 7011 §7: the length in one octet below 255, else 255 and the length in two. */
function writeText(out: Buffer, at: number, pool: TextPool, number: number, limit: number): number {
  const whole = pool.lengthOf(number)
  const from = pool.startOf(number)
  const length = cutUtf8(pool.bytes, from, whole, limit)
  if (length < 255) {
    out[at++] = length
  } else {
    out[at] = 255
    out[at + 1] = length >> 8
    out[at + 2] = length
    at += 3
  }
  return at + pool.bytes.copy(out, at, from, from + length)
}

function writeFixedTexts(run: Run, step: TextStep, pool: TextPool): void {
  const { starts, rows, first, count, bytes } = run
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + step.offset
    const number = step.column[rows[first + i] ?? 0] ?? 0
    const whole = pool.lengthOf(number)
    const from = pool.startOf(number)
    const length = cutUtf8(pool.bytes, from, whole, step.bytes)
    pool.bytes.copy(bytes, at, from, from + length)
    bytes.fill(0, at + length, at + step.bytes)
  }
}
