import type { Columns, FlowBatch } from '../../model/flow-batch.ts'
import { sliceFlags } from '../../model/fields.ts'
import { natEvents } from '../../model/nat-events.ts'
import { addressColumn, natKinds, natViews } from '../../model/nat-view.ts'
import type { Networks } from '../../model/nat-view.ts'
import { refusalOf } from '../refusals.ts'
import { EventSums } from './event-sums.ts'
import { HostSums } from './host-sums.ts'
import { isLongRest } from './long-rest.ts'
import { Pieces } from './pieces.ts'
import { PoolSums } from './pool-sums.ts'
import { hashAddress } from './sketch.ts'
import { TrafficSums } from './traffic-sums.ts'

/** What rows are taken by: as for the COPY of the same batch, so that the same rows are. */
export interface RowContext {
  /** Id of the source of rows that do not name their own. */
  readonly source: number
  readonly sourceIds: ReadonlyMap<number, number>
  readonly networks: Networks
  readonly nowUs: number
}

/**
 * More than this in one slice, which is of an hour at most, is no traffic but a broken counter: it
 * is cut here (not in the ledger), so that sums stay exact.
 */
const maxCounter = 2 ** 47

/** Blocks past which sums are written before their time: some 40 MB. */
const maxBlocks = 12_000
const maxHostHours = 1 << 18

/** Sums of rows in memory, until they are written. */
export class RollupAggregate {
  readonly traffic = new TrafficSums()
  readonly hosts = new HostSums()
  readonly pool = new PoolSums()
  readonly events = new EventSums()
  /** Counters that were cut: see {@link maxCounter}. */
  cutCounters = 0
  /** Hours of what was told to last over a month that are in no sum: see {@link isLongRest}. */
  longRests = 0
  readonly #pieces = new Pieces()

  get isEmpty(): boolean {
    const { traffic, pool, events } = this
    return traffic.blocks + pool.blocks.count + events.blocks.count === 0
  }

  /** True where it holds so much that it is to be written. */
  get isFull(): boolean {
    const { traffic, pool, hosts } = this
    return traffic.blocks + pool.blocks.count > maxBlocks || hosts.count > maxHostHours
  }

  /** Adds slices. */
  addSlices(batch: FlowBatch, context: RowContext): void {
    const { columns, extras } = batch
    const { sourceIndex } = extras
    this.traffic.beginBatch(batch)
    for (let row = 0; row < batch.length; row++) {
      const index = sourceIndex?.[row] ?? 0
      const source = index === 0 ? context.source : context.sourceIds.get(index)
      if (source === undefined || refusalOf(columns, row, context.nowUs) !== undefined) continue
      if (isLongRest(batch, row)) this.longRests++
      else this.#addSlice(batch, row, source, context.networks)
    }
    this.hosts.settle()
  }

  /** Adds blocks of ports and notices. */
  addNat({ columns, extras, length }: FlowBatch, context: RowContext): void {
    for (let row = 0; row < length; row++) {
      const source = context.sourceIds.get(extras.sourceIndex?.[row] ?? 0)
      if (source === undefined || refusalOf(columns, row, context.nowUs) !== undefined) continue
      const startUs = columns.flowStartMicroseconds[row] ?? 0
      const event = extras.natEvent?.[row] ?? 0
      const isAddress = event === natEvents.addressBindingCreate
      if (!isAddress && event !== natEvents.portBlockAllocation) {
        this.events.add(source, event, startUs)
        continue
      }
      const first = extras.portRangeStart?.[row] ?? 0
      const last = Math.max(first, extras.portRangeEnd?.[row] ?? 0)
      const step = Math.max(1, extras.portRangeStepSize?.[row] ?? 1)
      const ports = isAddress ? 65_536 : Math.floor((last - first) / step) + 1
      const endUs = columns.flowEndMicroseconds[row] ?? 0
      const words = columns.postNatSourceAddress
      this.pool.addBlock(words, 4 * row, source, ports, Math.floor(startUs), Math.floor(endUs))
    }
  }

  clear(): void {
    for (const part of [this.traffic, this.hosts, this.pool, this.events]) part.clear()
  }

  #addSlice(batch: FlowBatch, row: number, source: number, networks: Networks): void {
    const { columns } = batch
    const startUs = Math.floor(columns.flowStartMicroseconds[row] ?? 0)
    const endUs = Math.floor(columns.flowEndMicroseconds[row] ?? 0)
    const lastUs = Math.floor(columns.lastPacket[row] ?? 0)
    const pieces = this.#pieces
    pieces.begin(startUs, lastUs > startUs && lastUs < endUs ? lastUs : endUs)
    pieces.spread(0, this.#counter(columns.octetDeltaCount, row))
    pieces.spread(1, this.#counter(columns.reverseOctetDeltaCount, row))
    pieces.spread(2, this.#counter(columns.packetDeltaCount, row))
    pieces.spread(3, this.#counter(columns.reversePacketDeltaCount, row))
    const begun = beginsHere(columns, row, startUs)
    this.traffic.add(batch, row, source, pieces, begun)
    const views = natViews(columns, row, networks)
    for (const view of views) {
      const inside = addressColumn(columns, view.inside)
      const at = 4 * row
      const hash = hashAddress(
        inside[at] ?? 0,
        inside[at + 1] ?? 0,
        inside[at + 2] ?? 0,
        inside[at + 3] ?? 0
      )
      if (view.ordinal === 0) this.hosts.add(inside, at, source, hash, pieces, begun)
      if (view.kind === natKinds.none) continue
      const outside = addressColumn(columns, view.public)
      this.pool.addMapping(outside, at, source, hash, startUs, endUs, begun)
    }
  }

  #counter(words: Uint32Array, row: number): number {
    const value = (words[2 * row + 1] ?? 0) * 0x100000000 + (words[2 * row] ?? 0)
    if (value <= maxCounter) return value
    this.cutCounters++
    return maxCounter
  }
}

/** 1 where the connection began with this slice and somebody saw it. */
function beginsHere(columns: Columns, row: number, startUs: number): number {
  if (((columns.sliceFlags[row] ?? 0) & sliceFlags.startUnknown) !== 0) return 0
  const connection = columns.connectionStart[row] ?? 0
  return connection > 0 && Math.floor(connection) < startUs ? 0 : 1
}
