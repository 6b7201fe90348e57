import { bytesOfKind, copyRow, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { extraFields, fields } from '../../model/fields.ts'
import { batchRows, maxSliceUs } from '../../model/limits.ts'
import { cutLong } from './cut-long.ts'
import { isEventShape, shapeOf } from './dialects.ts'
import type { Exporter, TemplateEntry } from './exporter.ts'
import { flowExtras } from './extras.ts'
import { factsOf } from './facts.ts'
import { Finisher } from './finish.ts'
import { KernelMemory } from './kernel-memory.ts'
import type { QuickPlan } from './kernel-memory.ts'
import type { KernelContext } from './kernels.ts'
import { fieldBounds, variableLength } from './layout.ts'
import type { Layout } from './layout.ts'
import { maxFields, maxTextBytes } from './limits.ts'
import { eachRecord, walkList } from './lists.ts'
import { kernelOf, makePlan, makeScratch } from './plan.ts'
import type { Op, Plan } from './plan.ts'
import { quickPlanOf } from './quick-plan.ts'
import { UsedColumns } from './used-columns.ts'
import { textOf } from './values.ts'

const columnBytes = [...fields, ...extraFields].reduce(
  (sum, { kind }) => sum + bytesOfKind[kind] * batchRows + 16,
  0
)

/** Memory for whoever writes the columns away (octets). */
const spareBytes = 512 << 10

/** Where rows go. */
export interface RowSink {
  /** Finished flows, which need nothing more. The batch is used again after the call. */
  flows(batch: FlowBatch): void
  /** Events, which are paired into intervals. The batch is used again after the call. */
  events(batch: FlowBatch): void
}

/** Makes rows of data records, by the plans of their templates. */
export class RowWriter {
  readonly context: KernelContext = {
    exportUs: 0,
    sysUptimeMs: -1,
    startedUs: 0,
    clockOffsetUs: 0,
    clamped: 0,
  }
  readonly finisher: Finisher
  private readonly sink: RowSink
  readonly memory = new KernelMemory(columnBytes + spareBytes)
  private readonly flows: FlowBatch = {
    ...makeFlowBatch(batchRows, flowExtras, (kind, rows) => this.memory.makeColumn(kind, rows)),
    memory: this.memory.columns,
  }
  private readonly events = makeFlowBatch(batchRows, flowExtras)
  private readonly usedFlows = new UsedColumns(this.flows)
  private readonly usedEvents = new UsedColumns(this.events)
  private readonly scratch = makeScratch()
  private readonly bounds = new Uint32Array(2 * maxFields)
  private readonly subPlans = new Map<Layout, Plan>()
  private readonly kernels = new Map<string, ReturnType<typeof kernelOf>>()
  private readonly isQuick: boolean

  /**
   * @param run tells the rows of this run of the program from those of others
   * @param isQuick false: compiled kernels are not used, which changes no row
   */
  constructor(sink: RowSink, run?: number, isQuick = true) {
    this.sink = sink
    this.finisher = new Finisher(this.scratch, run)
    this.isQuick = isQuick
  }

  /**
   * Makes rows of the data records in [from, to).
   *
   * @returns how many records there were
   */
  write(
    exporter: Exporter,
    entry: TemplateEntry,
    view: DataView,
    from: number,
    to: number
  ): number {
    const plan = (entry.plan ??= this.planOf(entry.layout))
    const batch = plan.facts.isEvent ? this.events : this.flows
    if (plan.facts.isEvent) exporter.tellsEvents = true
    else exporter.tellsFlows = true
    if (plan.layout.isVariable || plan.lists.length > 0) {
      return this.writeEach(exporter, plan, batch, view, from, to)
    }
    const stride = plan.layout.minLength
    const records = ((to - from) / stride) | 0
    const { quick } = plan
    const isQuick = quick !== undefined && !(quick.needsUptime && this.context.sysUptimeMs < 0)
    this.used(batch).begin(isQuick ? quick : undefined)
    let at = from
    for (let left = records; left > 0;) {
      let rows = Math.min(left, batch.capacity - batch.length)
      if (isQuick) {
        rows = Math.min(rows, quick.mostRows)
        this.writeQuick(exporter, plan, quick, view, at, rows)
      } else {
        this.copy(plan, batch, view, at, stride, rows)
        this.finish(exporter, plan, batch, rows)
      }
      at += rows * stride
      left -= rows
    }
    return records
  }

  /** The whole of {@link copy} and {@link finish}, by the compiled kernels. */
  private writeQuick(
    exporter: Exporter,
    plan: Plan,
    quick: QuickPlan,
    view: DataView,
    at: number,
    rows: number
  ): void {
    const { flows, memory, finisher, context } = this
    finisher.prepare(exporter, context, memory.call)
    memory.run(quick.steps, view, at, plan.layout.minLength, rows, flows.length, context)
    finisher.finishQuick(exporter, plan, flows, rows, context, memory.call)
    this.added(flows, rows)
  }

  private used(batch: FlowBatch): UsedColumns {
    return batch === this.events ? this.usedEvents : this.usedFlows
  }

  /** Hands over all there is. */
  flush(): void {
    // Events first: those that tell of none become flows, and none of these may stay behind.
    if (this.events.length > 0) this.hand(this.events)
    if (this.flows.length > 0) this.hand(this.flows)
  }

  private planOf(layout: Layout): Plan {
    const isEvent = isEventShape(shapeOf(layout))
    const batch = isEvent ? this.events : this.flows
    const plan = makePlan(layout, batch, this.scratch)
    if (this.isQuick && !isEvent) plan.quick = quickPlanOf(plan, batch, this.memory)
    return plan
  }

  private copy(
    plan: Plan,
    batch: FlowBatch,
    view: DataView,
    at: number,
    stride: number,
    rows: number
  ): void {
    const row = batch.length
    clear(plan, row, rows)
    for (const op of plan.ops) {
      if (op.run !== undefined) {
        op.run(view, at + op.offset, stride, rows, op.column, row, this.context)
        if (op.to === 'initTime') this.takeInitTime(row)
      } else {
        for (let i = 0; i < rows; i++) {
          const from = at + i * stride + op.offset
          this.text(op, batch, row + i, view, from, from + op.length)
        }
      }
    }
  }

  private writeEach(
    exporter: Exporter,
    plan: Plan,
    batch: FlowBatch,
    view: DataView,
    from: number,
    to: number
  ): number {
    this.used(batch).begin(undefined)
    let records = 0
    let at = from
    while (at + plan.layout.minLength <= to) {
      const end = fieldBounds(view, at, to, plan.layout, this.bounds)
      // What is left is padding, or a record that is cut off.
      if (end < 0) break
      clear(plan, batch.length, 1)
      this.copyRecord(plan, batch, view, this.bounds)
      const has = this.copyLists(exporter, plan, batch, view)
      this.finish(exporter, has, batch, 1)
      records++
      at = end
    }
    return records
  }

  private copyRecord(plan: Plan, batch: FlowBatch, view: DataView, bounds: Uint32Array): void {
    for (const op of plan.ops) {
      const from = bounds[2 * op.field] ?? 0
      const to = bounds[2 * op.field + 1] ?? 0
      if (op.form === 'text') this.text(op, batch, batch.length, view, from, to)
      else {
        const run = op.length === variableLength ? this.kernel(op, to - from) : op.run
        run?.(view, from, 0, 1, op.column, batch.length, this.context)
        if (op.to === 'initTime') this.takeInitTime(batch.length)
      }
    }
  }

  /** RFC 6313: what a record does not say itself, the first record of a list in it may. */
  private copyLists(exporter: Exporter, plan: Plan, batch: FlowBatch, view: DataView): Plan {
    let found = plan
    for (const field of plan.lists) {
      const [from = 0, to = 0] = this.bounds.subarray(2 * field, 2 * field + 2)
      walkList(view, plan.layout.ids[field] ?? 0, from, to, {
        value() {},
        records: (templateId, at, end) => {
          const layout = exporter.templates.get(templateId)?.layout
          if (layout === undefined) return
          const sub = this.subPlan(layout, batch)
          let isFirst = true
          eachRecord(view, at, end, layout, (bounds) => {
            if (!isFirst) return
            isFirst = false
            const ops = sub.ops.filter(({ to: name }) => !found.has.has(name))
            this.copyRecord({ ...sub, ops }, batch, view, bounds)
            const has = new Set([...found.has, ...sub.has])
            found = Object.assign({}, found, { has, facts: factsOf(plan.layout, has) })
          })
        },
      })
    }
    return found
  }

  private subPlan(layout: Layout, batch: FlowBatch): Plan {
    const known = this.subPlans.get(layout)
    if (known !== undefined) return known
    const made = makePlan(layout, batch, this.scratch)
    if (this.subPlans.size > 1000) this.subPlans.clear()
    this.subPlans.set(layout, made)
    return made
  }

  private kernel(op: Op, length: number): ReturnType<typeof kernelOf> {
    const key = `${op.form} ${length} ${op.to}`
    if (!this.kernels.has(key)) this.kernels.set(key, kernelOf(op.form, length, op.to))
    return this.kernels.get(key)
  }

  private text(op: Op, batch: FlowBatch, row: number, view: DataView, from: number, to: number) {
    const text = textOf(view, from, Math.min(to, from + maxTextBytes))
    const column: Uint32Array = op.column
    column[row] = batch.texts.numberOf(text)
  }

  private takeInitTime(row: number): void {
    const initUs = this.scratch.initTime[row] ?? 0
    if (initUs > 0) this.context.startedUs = initUs - this.context.clockOffsetUs
  }

  private finish(exporter: Exporter, plan: Plan, batch: FlowBatch, rows: number): void {
    this.added(batch, this.finisher.finish(exporter, plan, batch, rows, this.context))
  }

  private added(batch: FlowBatch, rows: number): void {
    const from = batch.length
    batch.length = from + rows
    if (this.finisher.longest > maxSliceUs) {
      this.used(batch).begin(undefined)
      cutLong(batch, from, () => this.hand(batch))
    }
    if (batch.length === batch.capacity) this.hand(batch)
  }

  private hand(batch: FlowBatch): void {
    if (batch === this.events) this.handEvents()
    else this.sink.flows(batch)
    this.used(batch).end()
  }

  /** A record that could tell of an event and tells of none is a flow. */
  private handEvents(): void {
    const { events, flows } = this
    this.sink.events(events)
    this.usedFlows.begin(undefined)
    for (let row = 0; row < events.length; row++) {
      if (events.extras.natEvent?.[row] !== 0) continue
      copyRow(events, row, flows, flows.length)
      flows.length++
      // None stays full: whoever writes next has room for a row.
      if (flows.length === flows.capacity) this.hand(flows)
    }
  }
}

function clear(plan: Plan, row: number, rows: number): void {
  for (const { column, stride } of plan.clears) column.fill(0, stride * row, stride * (row + rows))
}
