import type { AddressWords } from '../../model/address.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { EndpointIndex } from './endpoint-index.ts'
import { mappingKindOf, insideHash, publicHash, sameInside, samePublic } from './mapping-key.ts'
import type { MappingKind } from './mapping-key.ts'
import { RowCopier, makeNatBatch, natColumns } from './nat-row.ts'
import type { NatColumns } from './nat-row.ts'
import { RowIndex } from './row-index.ts'

const firstCapacity = 1024

/**
 * The mappings that are held now: some 240 octets each, in the columns of one batch that grows.
 * Rows that are free have natEvent 0.
 *
 * | column | holds |
 * |---|---|
 * | natEvent | what began it |
 * | connectionStart | when |
 * | flowStartMicroseconds | from when on nothing was written yet |
 * | flowEndMicroseconds | when it was last known to be held |
 * | sliceFlags | startUnknown, observedTimes; inferred: whether it is held is not known |
 */
export class OpenMappings {
  batch: FlowBatch = makeNatBatch(firstCapacity)
  columns: NatColumns = natColumns(this.batch)
  /** Mappings that are held. */
  size = 0
  /** Rows below this may be held. */
  rowsUsed = 0
  readonly #inside = new RowIndex()
  readonly #public = new RowIndex()
  readonly #endpoints = new EndpointIndex()
  #free: number[] = []
  /** Copiers from the batches that events come in; there are few. */
  #intake = new WeakMap<FlowBatch, RowCopier>()

  constructor() {
    this.#inside.grow(firstCapacity)
    this.#public.grow(firstCapacity)
    this.#endpoints.grow(firstCapacity)
  }

  kindAt(row: number): MappingKind | undefined {
    return mappingKindOf(this.columns.natEvent[row] ?? 0)
  }

  flowId(row: number): number {
    const { flowId } = this.columns
    return (flowId[2 * row] ?? 0) + (flowId[2 * row + 1] ?? 0) * 4294967296
  }

  /** True where it is only assumed that the mapping is held still. */
  isDoubted(row: number): boolean {
    return ((this.columns.sliceFlags[row] ?? 0) & sliceFlags.inferred) !== 0
  }

  setDoubted(row: number, isDoubted: boolean): void {
    const { sliceFlags: flags } = this.columns
    const others = (flags[row] ?? 0) & ~sliceFlags.inferred
    flags[row] = isDoubted ? others | sliceFlags.inferred : others
  }

  /** The mapping with the inside ends of an event, or -1. */
  findInside(events: NatColumns, event: number, kind: MappingKind): number {
    const { columns } = this
    let row = this.#inside.first(insideHash(events, event, kind))
    while (row >= 0 && !sameInside(columns, row, events, event, kind)) row = this.#inside.after(row)
    return row
  }

  /** The mapping with the public ends of an event, or -1. */
  findPublic(events: NatColumns, event: number, kind: MappingKind): number {
    const { columns } = this
    let row = this.#public.first(publicHash(events, event, kind))
    while (row >= 0 && !samePublic(columns, row, events, event, kind)) row = this.#public.after(row)
    return row
  }

  /** Mappings that may have been seen as this port of the address; the caller compares. */
  holding(address: AddressWords, port: number): Iterable<number> {
    return this.#endpoints.holding(address, port)
  }

  /** Takes a row of a batch in as a mapping. */
  insert(batch: FlowBatch, event: number, kind: MappingKind): number {
    const row = this.#free.pop() ?? this.rowsUsed++
    if (row >= this.batch.capacity) this.#grow()
    let copier = this.#intake.get(batch)
    if (copier === undefined) this.#intake.set(batch, (copier = new RowCopier(batch, this.batch)))
    copier.copy(event, row)
    this.#inside.add(row, insideHash(this.columns, row, kind))
    this.#public.add(row, publicHash(this.columns, row, kind))
    this.#endpoints.add(row, this.columns, kind)
    this.size++
    this.#boundTexts()
    return row
  }

  remove(row: number): void {
    this.#inside.remove(row)
    this.#public.remove(row)
    this.#endpoints.remove(row)
    this.columns.natEvent[row] = 0
    this.#free.push(row)
    this.size--
  }

  /** Of the next `count` mappings after a row the one that began first; -1 where there is none. */
  oldestAfter(row: number, count: number): number {
    const { natEvent, connectionStart } = this.columns
    let oldest = -1
    for (let tried = 1, seen = 0; seen < count && tried <= this.rowsUsed; tried++) {
      const at = (row + tried) % this.rowsUsed
      if (natEvent[at] === 0) continue
      seen++
      if (oldest < 0 || (connectionStart[at] ?? 0) < (connectionStart[oldest] ?? 0)) oldest = at
    }
    return oldest
  }

  #grow(): void {
    const { batch } = this
    const larger = makeNatBatch(2 * batch.capacity)
    const copier = new RowCopier(batch, larger)
    for (let row = 0; row < batch.capacity; row++) copier.copy(row, row)
    this.#inside.grow(larger.capacity)
    this.#public.grow(larger.capacity)
    this.#endpoints.grow(larger.capacity)
    this.#replace(larger)
  }

  #replace(batch: FlowBatch): void {
    this.batch = batch
    this.columns = natColumns(batch)
    this.#intake = new WeakMap()
  }

  /** Names of mappings that ended stay in the table of texts: now and then it is made anew. */
  #boundTexts(): void {
    if (this.batch.texts.size < 4 * this.batch.capacity) return
    const copy = makeNatBatch(this.batch.capacity)
    const copier = new RowCopier(this.batch, copy)
    for (let row = 0; row < this.rowsUsed; row++) {
      if (this.columns.natEvent[row] !== 0) copier.copy(row, row)
    }
    this.#replace(copy)
  }
}
