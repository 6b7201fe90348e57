import { flowEndReasons, sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxConnectionUs, maxSliceUs } from '../../model/limits.ts'
import { natEventMeanings } from '../../model/nat-events.ts'
import type { MappingKind } from './mapping-key.ts'
import { isUnknown } from './mapping-key.ts'
import { NatOutput } from './nat-output.ts'
import { doubtMappings } from './doubt.ts'
import type { NatTrackerOptions } from './tracker-options.ts'
import { noNatCounters } from './nat-counters.ts'
import { FreshMappings } from './fresh-mappings.ts'
import { copyCounters, natColumns } from './nat-row.ts'
import type { NatColumns } from './nat-row.ts'
import { OpenMappings } from './open-mappings.ts'
import { takeOpen } from './recover.ts'

/** Rows among which the one to let go is chosen. */
const evictionSample = 64
/** A round through all open mappings takes this many ticks. */
const ticksARound = 60

/**
 * Makes intervals of NAT events. Sessions, bindings, blocks of ports and address bindings are held
 * from their beginning to their end, whatever the gateway and its dialect.
 *
 * | seen | written |
 * |---|---|
 * | begin .. end | [begin, end] |
 * | end alone | [end, end] with `startUnknown`, or from the start that it tells |
 * | begin, then another has the public side | [begin, last known], then `inferred` up to that |
 * | held longer than a slice | slices with `continues`; the rest is open |
 *
 * Times of events may be uncertain: from the earliest the beginning can have been to the latest
 * that the end can have been the mapping is held.
 */
export class NatTracker {
  readonly counters = noNatCounters()
  readonly open = new OpenMappings()
  lastFlowId = 0
  readonly #output: NatOutput
  readonly #maxOpen: number
  readonly #keepsFlows: boolean
  readonly #sliceUs: number
  readonly #forgetUs: number
  readonly #fresh: FreshMappings
  #hand = 0

  constructor({
    journal,
    maxOpen,
    keepsFlows = false,
    sliceUs = maxSliceUs / 2,
    forgetUs = maxConnectionUs,
  }: NatTrackerOptions) {
    this.#fresh = new FreshMappings(journal)
    this.#output = new NatOutput(journal)
    this.#maxOpen = maxOpen
    this.#keepsFlows = keepsFlows
    this.#sliceUs = sliceUs
    this.#forgetUs = forgetUs
  }

  /** Takes the events of a batch in their order. */
  take(batch: FlowBatch): void {
    const events = natColumns(batch)
    for (let row = 0; row < batch.length; row++) {
      const meaning = natEventMeanings[events.natEvent[row] ?? 0]
      if (meaning?.of === 'flow') {
        if (this.#keepsFlows) this.#finished(batch, events, row)
      } else if (meaning === undefined || meaning.of === 'notice') {
        this.counters.notices++
        this.#output.notice(batch, row)
      } else if (meaning.step === 'begin') this.#begin(batch, events, row, meaning.of)
      else this.#end(batch, events, row, meaning.of)
    }
  }

  /** An interval that its gateway tells as a whole, or a sighting, whose ends are one instant. */
  #finished(batch: FlowBatch, events: NatColumns, row: number): void {
    this.#number(events, row)
    const fromUs = events.flowStartMicroseconds[row] ?? 0
    const toUs = events.flowEndMicroseconds[row] ?? 0
    events.connectionStart[row] ||= fromUs
    const flags = (events.sliceFlags[row] ?? 0) & sliceFlags.continues
    const endReason = flags === 0 ? flowEndReasons.endOfFlow : flowEndReasons.activeTimeout
    this.#output.interval(batch, row, 'session', {
      fromUs,
      toUs,
      flags,
      endReason,
      lastPacketUs: toUs,
    })
  }

  #number({ flowId }: NatColumns, row: number): number {
    const id = ++this.lastFlowId
    flowId[2 * row] = id >>> 0
    flowId[2 * row + 1] = Math.floor(id / 4294967296)
    return id
  }

  #begin(batch: FlowBatch, events: NatColumns, event: number, kind: MappingKind): void {
    const { open } = this
    const atUs = events.flowStartMicroseconds[event] ?? 0
    const latestUs = events.flowEndMicroseconds[event] ?? 0
    const known = open.findInside(events, event, kind)
    const isDoubted = known >= 0 && open.isDoubted(known)
    const holder = open.findPublic(events, event, kind)
    if (known >= 0 && known === holder && !isDoubted) {
      this.counters.confirmed++
      const { flowEndMicroseconds } = open.columns
      flowEndMicroseconds[known] = Math.max(flowEndMicroseconds[known] ?? 0, atUs)
      return
    }
    if (known >= 0) this.#endUnseen(known, kind, latestUs)
    // Without a public side (nobody told it) there is nothing that only one can have.
    const isOther = holder >= 0 && holder !== known
    if (isOther && !isUnknown(events.postNatSourceAddress, event) && kind !== 'address') {
      this.#endUnseen(holder, kind, latestUs)
    }
    if (open.size >= this.#maxOpen) this.#evict()
    const row = open.insert(batch, event, kind)
    const { columns } = open
    const flowId = this.#number(columns, row)
    const toldUs = columns.connectionStart[row] ?? 0
    const isTold = toldUs > 0 && toldUs <= atUs && atUs - toldUs <= maxConnectionUs
    columns.connectionStart[row] = isTold ? toldUs : atUs
    columns.flowStartMicroseconds[row] = columns.connectionStart[row] ?? atUs
    columns.flowEndMicroseconds[row] = atUs
    if (isTold) columns.sliceFlags[row] = (columns.sliceFlags[row] ?? 0) & ~sliceFlags.startUnknown
    this.#fresh.add(row, flowId)
    this.counters.begun++
  }

  #end(batch: FlowBatch, events: NatColumns, event: number, kind: MappingKind): void {
    const { open } = this
    const firstUs = events.flowStartMicroseconds[event] ?? 0
    const atUs = events.flowEndMicroseconds[event] ?? 0
    const known = open.findInside(events, event, kind)
    if (known < 0) return this.#orphan(batch, events, event, kind)
    if (atUs < (open.columns.connectionStart[known] ?? 0)) {
      this.counters.outOfOrder++
      return this.#orphan(batch, events, event, kind)
    }
    const told = !isUnknown(events.postNatSourceAddress, event)
    if (told && open.findPublic(events, event, kind) !== known) {
      this.#endUnseen(known, kind, firstUs)
      return this.#orphan(batch, events, event, kind)
    }
    copyCounters(events, event, open.columns, known)
    open.setDoubted(known, false)
    const fromUs = open.columns.flowStartMicroseconds[known] ?? 0
    const endReason = events.flowEndReason[event] || flowEndReasons.endOfFlow
    const toUs = Math.max(fromUs, atUs)
    this.#output.interval(open.batch, known, kind, {
      fromUs,
      toUs,
      flags: 0,
      endReason,
      lastPacketUs: toUs,
    })
    open.remove(known)
    this.counters.closed++
  }

  #orphan(batch: FlowBatch, events: NatColumns, event: number, kind: MappingKind): void {
    this.counters.orphans++
    this.#number(events, event)
    const toUs = events.flowEndMicroseconds[event] ?? 0
    const toldUs = events.connectionStart[event] ?? 0
    const isTold = toldUs > 0 && toldUs <= toUs && toUs - toldUs <= maxConnectionUs
    const fromUs = isTold ? toldUs : (events.flowStartMicroseconds[event] ?? 0)
    events.connectionStart[event] = fromUs
    this.#output.interval(batch, event, kind, {
      fromUs,
      toUs,
      flags: isTold ? 0 : sliceFlags.startUnknown,
      endReason: events.flowEndReason[event] || flowEndReasons.endOfFlow,
      lastPacketUs: toUs,
    })
  }

  /** The end was missed: it lies between when the mapping was last known and `atUs`. */
  #endUnseen(row: number, kind: MappingKind, atUs: number): void {
    const { open } = this
    this.counters.inferredEnds++
    const fromUs = open.columns.flowStartMicroseconds[row] ?? 0
    const alive = Math.max(fromUs, open.columns.flowEndMicroseconds[row] ?? 0)
    this.#writeKnown(row, kind, fromUs, alive, flowEndReasons.activeTimeout)
    if (atUs > alive) {
      this.#output.interval(open.batch, row, kind, {
        fromUs: alive,
        toUs: Math.min(atUs, alive + maxConnectionUs),
        flags: sliceFlags.inferred,
        endReason: flowEndReasons.forcedEnd,
        lastPacketUs: alive,
      })
    }
    open.remove(row)
  }

  #writeKnown(
    row: number,
    kind: MappingKind,
    fromUs: number,
    toUs: number,
    endReason: number
  ): void {
    const { continues } = sliceFlags
    const interval = { fromUs, toUs, flags: continues, endReason, lastPacketUs: toUs }
    this.#output.interval(this.open.batch, row, kind, interval)
  }

  /** Lets the oldest of some mappings go; its end will find nothing and stand alone. */
  #evict(): void {
    const { open } = this
    const oldest = open.oldestAfter(this.#hand, evictionSample)
    if (oldest >= 0) this.#hand = oldest
    const kind = oldest < 0 ? undefined : open.kindAt(oldest)
    if (kind === undefined) return
    this.counters.evicted++
    const fromUs = open.columns.flowStartMicroseconds[oldest] ?? 0
    const alive = Math.max(fromUs, open.columns.flowEndMicroseconds[oldest] ?? 0)
    this.#writeKnown(oldest, kind, fromUs, alive, flowEndReasons.forcedEnd)
    open.remove(oldest)
  }

  /**
   * Cuts what has been open too long, a part of the table at each call: once a second is meant.
   *
   * @param nowUs up to when every event was taken
   */
  tick(nowUs: number): void {
    const { open } = this
    const rows = Math.ceil(open.rowsUsed / ticksARound)
    for (let count = 0; count < rows; count++) {
      this.#hand = (this.#hand + 1) % Math.max(1, open.rowsUsed)
      this.#cutWhereDue(this.#hand, nowUs)
    }
  }

  #cutWhereDue(row: number, nowUs: number): void {
    const { open } = this
    const kind = open.kindAt(row)
    if (kind === undefined) return
    const fromUs = open.columns.flowStartMicroseconds[row] ?? 0
    if (nowUs - fromUs < this.#sliceUs) return
    if (nowUs - (open.columns.connectionStart[row] ?? 0) > this.#forgetUs) {
      this.counters.forgotten++
      return this.#endUnseen(row, kind, nowUs)
    }
    this.#writeKnown(row, kind, fromUs, nowUs, flowEndReasons.activeTimeout)
    open.columns.flowStartMicroseconds[row] = nowUs
    open.columns.flowEndMicroseconds[row] = nowUs
    this.#fresh.add(row, open.flowId(row))
  }

  /** A gateway began anew: what it held before has ended, nobody saw when. */
  restarted(sourceIndex: number, atUs: number): void {
    const { open } = this
    for (let row = 0; row < open.rowsUsed; row++) {
      const kind = open.kindAt(row)
      if (kind !== undefined && open.columns.sourceIndex[row] === sourceIndex) {
        this.#endUnseen(row, kind, atUs)
      }
    }
  }

  /** See {@link doubtMappings}. */
  doubt(sourceIndex: number): void {
    doubtMappings(this.open, sourceIndex, (row, kind, fromUs, toUs) => {
      this.#writeKnown(row, kind, fromUs, toUs, flowEndReasons.activeTimeout)
      this.#fresh.add(row, this.open.flowId(row))
    })
  }

  /** The text has ended: what is open was held up to `atUs` at least. */
  cutAll(atUs: number): void {
    const { open } = this
    for (let row = 0; row < open.rowsUsed; row++) {
      const kind = open.kindAt(row)
      if (kind === undefined) continue
      const fromUs = open.columns.flowStartMicroseconds[row] ?? 0
      this.#writeKnown(row, kind, fromUs, Math.max(fromUs, atUs), flowEndReasons.activeTimeout)
      open.columns.flowStartMicroseconds[row] = Math.max(fromUs, atUs)
    }
  }

  /** Hands everything over; what began and has ended since the last time is no open mapping. */
  flush(): void {
    this.#output.flush()
    this.#fresh.flush(this.open)
  }

  /** A frame of the journal of an earlier run, in order; `slices` and `nat` frames end mappings. */
  recover(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void {
    this.lastFlowId = Math.max(this.lastFlowId, takeOpen(this.open, kind, batch))
  }
}
