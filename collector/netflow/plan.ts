import { bytesOfKind } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { extraFields, fields } from '../../model/fields.ts'
import type { ExtraName, FieldKind, FieldName } from '../../model/fields.ts'
import { batchRows } from '../../model/limits.ts'
import { columnOfElement } from './columns.ts'
import type { FieldForm, RankedSource, ScratchName, TargetName } from './columns.ts'
import { factsOf } from './facts.ts'
import type { Facts } from './facts.ts'
import * as kernels from './kernels.ts'
import { toV4, toV6 } from './kernels.ts'
import type { Kernel } from './kernels.ts'
import type { QuickPlan } from './kernel-memory.ts'
import { variableLength } from './layout.ts'
import type { Layout } from './layout.ts'
import { isList } from './lists.ts'

/** Numbers that are worked on before they become columns, for as many rows as a batch has. */
export type Scratch = Readonly<Record<ScratchName, Float64Array | Uint32Array>>

/** Arrays for {@link ScratchName}s. */
export function makeScratch(rows = batchRows): Scratch {
  return {
    eventTime: new Float64Array(rows),
    duration: new Float64Array(rows),
    initTime: new Float64Array(rows),
    samplerId: new Uint32Array(rows),
    portRangeNumPorts: new Uint32Array(rows),
    natPoolId: new Uint32Array(rows),
  }
}

/** One step of a plan: a field, and how it gets into its column. */
export interface Op {
  /** Number of the field in its template. */
  readonly field: number
  /** Where it begins in a record; of a template with variable lengths each record tells. */
  readonly offset: number
  readonly length: number
  readonly to: TargetName
  readonly form: FieldForm
  /** Undefined for texts, which no kernel reads, and for what has a variable length. */
  readonly run: Kernel<never> | undefined
  readonly column: never
}

export type Clearable = { fill(value: number, from: number, to: number): unknown }

/** How the records of a layout become rows. */
export interface Plan {
  readonly layout: Layout
  readonly ops: readonly Op[]
  /** Columns that ops fill only in part, and so are cleared first. */
  readonly clears: readonly { readonly column: Clearable; readonly stride: number }[]
  /** Fields that hold lists (RFC 6313). */
  readonly lists: readonly number[]
  /** What the records say something of. */
  readonly has: ReadonlySet<TargetName>
  readonly facts: Facts
  /** The same for the compiled kernels, where they can do it. */
  quick?: QuickPlan | undefined
}

const kindOf = new Map<string, FieldKind>(
  [...fields, ...extraFields].map(({ name, kind }) => [name, kind])
)

/**
 * Works out how a layout's records become rows of a batch. Fields that the ledger has no column for
 * are passed over; where several fill one column, the best comes last and so stays.
 */
export function makePlan(layout: Layout, batch: FlowBatch, scratch: Scratch): Plan {
  const ops: (Op & { rank: number })[] = []
  const lists: number[] = []
  let offset = 0
  for (const [field, id] of layout.ids.entries()) {
    const pen = layout.pens[field] ?? 0
    const length = layout.lengths[field] ?? 0
    if (isList(pen, id)) lists.push(field)
    const source = columnOfElement(pen, id)
    if (source !== undefined && length > 0) {
      const op = makeOp(field, offset, length, source, batch, scratch)
      if (op !== undefined) ops.push({ ...op, rank: source.rank })
    }
    offset += length === variableLength ? 0 : length
  }
  const ordered = orderOps(ops)
  const has = new Set(ops.map(({ to }) => to))
  const facts = factsOf(layout, has)
  return { layout, ops: ordered, clears: clearsOf(ordered), lists, has, facts }
}

const isPartial = ({ form }: Op): boolean =>
  form === 'address' || form === 'icmp-type' || form === 'icmp-code'

function clearsOf(ops: readonly Op[]): Plan['clears'] {
  const columns = new Map<TargetName, { column: Clearable; stride: number }>()
  for (const op of ops) {
    if (!isPartial(op) || op.run === toV4 || op.run === toV6) continue
    columns.set(op.to, { column: op.column, stride: op.form === 'address' ? 4 : 1 })
  }
  return [...columns.values()]
}

/**
 * The best of each column last. Addresses that come before another one of their column stay, since
 * the better one may be zero; of other columns only the best is read. An element that a record has
 * several times counts where it stands first.
 */
function orderOps(ops: readonly (Op & { rank: number })[]): Op[] {
  // What the start of the exporter is counts for other times of the record.
  const first = (op: Op): number => (op.to === 'initTime' ? 0 : 1)
  const sorted = ops.toSorted((a, b) => first(a) - first(b) || b.rank - a.rank || b.field - a.field)
  const kept = sorted.filter((op, index) => {
    const better = sorted.slice(index + 1).some(({ to, form }) => to === op.to && form === op.form)
    if (op.form === 'address') return true
    if (op.form === 'icmp-type' || op.form === 'icmp-code') return !better
    return !sorted.slice(index + 1).some(({ to }) => to === op.to)
  })
  return kept.map((op) => {
    const isAlone = kept.every(({ to, field }) => to !== op.to || field === op.field)
    if (op.form !== 'address' || op.run === undefined || !isAlone) return op
    return Object.assign({}, op, { run: op.length === 4 ? toV4 : toV6 })
  })
}

function makeOp(
  field: number,
  offset: number,
  length: number,
  { to, form }: RankedSource,
  batch: FlowBatch,
  scratch: Scratch
): Op | undefined {
  const column =
    batch.columns[to as FieldName] ?? batch.extras[to as ExtraName] ?? scratch[to as ScratchName]
  if (column === undefined) return undefined
  const common = { field, offset, length, to, form, column: column as never }
  if (length === variableLength || form === 'text') return { ...common, run: undefined }
  const run = kernelOf(form, length, to)
  return run === undefined ? undefined : { ...common, run }
}

/** The kernel for a form and a length; undefined where the length is not one of the form. */
export function kernelOf(
  form: FieldForm,
  length: number,
  to: TargetName
): Kernel<never> | undefined {
  if (form === 'address') {
    return length === 4 || length === 16 ? kernels.toAddressIfAny(length) : undefined
  }
  if (form === 'application') {
    return length > 1 && length <= 13 ? kernels.toApplication(length) : undefined
  }
  if (form === 'realm') return length > 0 && length <= 255 ? kernels.toRealm(length) : undefined
  if (length < 1 || length > 8) return undefined
  if (form === 'counter') return counterKernel(length)
  if (form === 'uptime' || form === 'delta') {
    if (length !== 4) return undefined
    return form === 'uptime' ? kernels.uptimeToUs : kernels.deltaUs
  }
  if (form === 'icmp-type') return kernels.icmpType(length)
  if (form === 'icmp-code') return kernels.icmpCode(length)
  if (form === 'ntp') return length === 8 ? kernels.ntpToUs : undefined
  if (form === 'seconds') return kernels.sinceEpoch(length, 1e6)
  if (form === 'milliseconds') return kernels.sinceEpoch(length, 1e3)
  return numberKernel(length, to)
}

function counterKernel(length: number): Kernel<Uint32Array> {
  if (length === 4) return kernels.fourToU64
  return length === 8 ? kernels.eightToU64 : kernels.toU64(length)
}

function numberKernel(length: number, to: TargetName): Kernel<never> {
  if (to === 'duration') return kernels.sinceEpoch(length, 1)
  const kind = kindOf.get(to) ?? 'u32'
  if (kind === 'u8' && length === 1) return kernels.octetToU8
  if (kind === 'u16' && length === 1) return kernels.octetToU16
  if (kind === 'u16' && length === 2) return kernels.twoToU16
  if (kind === 'u32' && length === 2) return kernels.twoToU32
  if (kind === 'u32' && length === 4) return kernels.fourToU32
  return kernels.toNumber(length, 256 ** bytesOfKind[kind] - 1)
}
