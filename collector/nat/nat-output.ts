import { cutInterval } from '../../model/cut-interval.ts'
import { sliceFlags } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows, maxSliceUs } from '../../model/limits.ts'
import { natEvents } from '../../model/nat-events.ts'
import { noticeExtras } from './extras.ts'
import type { MappingKind } from './mapping-key.ts'
import { RowCopier, makeNatBatch, natColumns } from './nat-row.ts'

/** Where rows go: the spool, or an import's transaction. Batches are used again after the call. */
export interface NatJournal {
  /**
   * @param kind `open`: mappings that began and are held; `slices`: intervals of sessions and
   *   bindings; `nat`: intervals of blocks (natEvent 16) and addresses (14), and notices
   */
  append(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void
}

/** What one written interval says. */
export interface Interval {
  readonly fromUs: number
  readonly toUs: number
  /** Bits of sliceFlags. */
  readonly flags: number
  /** One of flowEndReasons. */
  readonly endReason: number
  readonly lastPacketUs: number
}

/** Gathers rows and hands them over a batch at a time; what is longer than a row may be is cut. */
export class NatOutput {
  readonly slices = makeNatBatch(batchRows)
  readonly others = makeNatBatch(batchRows)
  readonly notices = makeFlowBatch(batchRows, noticeExtras)
  readonly #journal: NatJournal
  readonly #scratch = makeNatBatch(1)
  readonly #scratchColumns = natColumns(this.#scratch)
  readonly #sliceColumns = natColumns(this.slices)
  readonly #otherColumns = natColumns(this.others)
  readonly #toSlices = new RowCopier(this.#scratch, this.slices)
  readonly #toOthers = new RowCopier(this.#scratch, this.others)
  readonly #noticeCopiers = new WeakMap<FlowBatch, RowCopier>()
  /** Copiers into the three batches from each batch that rows come from. */
  #copiers = new WeakMap<FlowBatch, readonly [RowCopier, RowCopier, RowCopier]>()

  constructor(journal: NatJournal) {
    this.#journal = journal
  }

  #copiersOf(from: FlowBatch): readonly [RowCopier, RowCopier, RowCopier] {
    let copiers = this.#copiers.get(from)
    if (copiers === undefined) {
      const { slices, others } = this
      copiers = [
        new RowCopier(from, slices),
        new RowCopier(from, others),
        new RowCopier(from, this.#scratch),
      ]
      this.#copiers.set(from, copiers)
    }
    return copiers
  }

  /** Writes an interval of the mapping in a row of `from`. */
  interval(from: FlowBatch, row: number, kind: MappingKind, interval: Interval): void {
    const isFlow = kind === 'session' || kind === 'bib'
    const copiers = this.#copiersOf(from)
    const natEvent = isFlow
      ? natEvents.none
      : kind === 'block'
        ? natEvents.portBlockAllocation
        : natEvents.addressBindingCreate
    if (interval.toUs - interval.fromUs > maxSliceUs) {
      copiers[2].copy(row, 0)
      fill(this.#scratchColumns, 0, interval, natEvent)
      cutInterval(this.#scratch, maxSliceUs, () =>
        this.#keep(isFlow, isFlow ? this.#toSlices : this.#toOthers, 0)
      )
      return
    }
    const target = this.#keep(isFlow, isFlow ? copiers[0] : copiers[1], row)
    fill(isFlow ? this.#sliceColumns : this.#otherColumns, target, interval, natEvent)
  }

  /** Keeps an event as it is, for reports. */
  notice(from: FlowBatch, row: number): void {
    const { notices } = this
    if (notices.length === notices.capacity) this.#hand('nat', notices)
    let copier = this.#noticeCopiers.get(from)
    if (copier === undefined) {
      copier = new RowCopier(from, notices)
      this.#noticeCopiers.set(from, copier)
    }
    copier.copy(row, notices.length++)
  }

  #keep(isFlow: boolean, copier: RowCopier, row: number): number {
    const batch = isFlow ? this.slices : this.others
    if (batch.length === batch.capacity) this.#hand(isFlow ? 'slices' : 'nat', batch)
    const target = batch.length++
    copier.copy(row, target)
    return target
  }

  #hand(kind: 'slices' | 'nat', batch: FlowBatch): void {
    if (batch.length === 0) return
    this.#journal.append(kind, batch)
    batch.length = 0
    batch.texts.clear()
  }

  /** Hands over what was gathered. */
  flush(): void {
    this.#hand('slices', this.slices)
    this.#hand('nat', this.others)
    this.#hand('nat', this.notices)
  }
}

function fill(
  columns: ReturnType<typeof natColumns>,
  row: number,
  { fromUs, toUs, flags, endReason, lastPacketUs }: Interval,
  natEvent: number
): void {
  columns.natEvent[row] = natEvent
  columns.flowStartMicroseconds[row] = fromUs
  columns.flowEndMicroseconds[row] = toUs
  columns.lastPacket[row] = lastPacketUs
  columns.flowEndReason[row] = endReason
  const { startUnknown, observedTimes, inferred } = sliceFlags
  const kept = (columns.sliceFlags[row] ?? 0) & (startUnknown | observedTimes | inferred)
  columns.sliceFlags[row] = kept | flags
}
