import { flowEndReasons, sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows, maxConnectionUs, maxSliceUs } from '../../model/limits.ts'
import { natEventMeanings } from '../../model/nat-events.ts'
import type { MappingKind } from './mapping-key.ts'
import { isUnknown } from './mapping-key.ts'
import { NatOutput } from './nat-output.ts'
import type { NatJournal } from './nat-output.ts'
import { RowCopier, makeNatBatch, natColumns } from './nat-row.ts'
import type { NatColumns } from './nat-row.ts'
import { OpenMappings } from './open-mappings.ts'
import { takeOpen } from './recover.ts'

/** What became of the events; every one of these is a thing that an auditor may ask about. */
export interface NatCounters {
  begun: number
  /** Begin paired with its end. */
  closed: number
  /** An end of something whose beginning was not seen. */
  orphans: number
  /** The same beginning once more: interim logs, repeated lines. */
  confirmed: number
  /** Ends that were missed: somebody else has the mapping, or the host has another. */
  inferredEnds: number
  /** Let go because too many were open. */
  evicted: number
  /** Let go because nothing was heard of them for too long. */
  forgotten: number
  /** Ends older than the beginning: the clock was set, or the order. */
  outOfOrder: number
  /** Events that begin and end nothing: kept for reports. */
  notices: number
}

export interface NatTrackerOptions {
  readonly journal: NatJournal
  /** Mappings that may be open at a time. */
  readonly maxOpen: number
  /** A mapping that lasts longer is written in slices this long (us). */
  readonly sliceUs?: number
  /** A mapping that was not confirmed for as long is let go: its end was missed (us). */
  readonly forgetUs?: number
}

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
 * | begin, and then the same host or the same public port with something else | [begin, last known], and up to the other event `inferred` |
 * | held longer than a slice | slices with `continues`; the rest is open |
 *
 * Times of events may be uncertain: from the earliest the beginning can have been to the latest
 * that the end can have been the mapping is held.
 */
export class NatTracker {
  readonly counters: NatCounters = {
    begun: 0,
    closed: 0,
    orphans: 0,
    confirmed: 0,
    inferredEnds: 0,
    evicted: 0,
    forgotten: 0,
    outOfOrder: 0,
    notices: 0,
  }
  readonly open = new OpenMappings()
  lastFlowId = 0
  readonly #output: NatOutput
  readonly #journal: NatJournal
  readonly #maxOpen: number
  readonly #sliceUs: number
  readonly #forgetUs: number
  /** Rows that began, or were cut, since the last flush: their flow ids tell whether they still are. */
  #fresh: { row: number; flowId: number }[] = []
  readonly #freshBatch = makeNatBatch(batchRows)
  #hand = 0

  constructor({
    journal,
    maxOpen,
    sliceUs = maxSliceUs / 2,
    forgetUs = maxConnectionUs,
  }: NatTrackerOptions) {
    this.#journal = journal
    this.#output = new NatOutput(journal)
    this.#maxOpen = maxOpen
    this.#sliceUs = sliceUs
    this.#forgetUs = forgetUs
  }

  /** Takes the events of a batch in their order; rows with natEvent 0 are not its business. */
  take(batch: FlowBatch): void {
    const events = natColumns(batch)
    for (let row = 0; row < batch.length; row++) {
      const meaning = natEventMeanings[events.natEvent[row] ?? 0]
      if (meaning?.of === 'flow') continue
      if (meaning === undefined || meaning.of === 'notice') {
        this.counters.notices++
        this.#output.notice(batch, row)
      } else if (meaning.step === 'begin') this.#begin(batch, events, row, meaning.of)
      else this.#end(batch, events, row, meaning.of)
    }
  }

  #begin(batch: FlowBatch, events: NatColumns, event: number, kind: MappingKind): void {
    const { open } = this
    const atUs = events.flowStartMicroseconds[event] ?? 0
    const latestUs = events.flowEndMicroseconds[event] ?? 0
    const known = open.findInside(events, event, kind)
    const holder = open.findPublic(events, event, kind)
    if (known >= 0 && known === holder) {
      this.counters.confirmed++
      const { flowEndMicroseconds } = open.columns
      flowEndMicroseconds[known] = Math.max(flowEndMicroseconds[known] ?? 0, atUs)
      return
    }
    if (known >= 0) this.#endUnseen(known, kind, latestUs)
    // Without a public side (nobody told it) there is nothing that only one can have.
    if (holder >= 0 && !isUnknown(events.postNatSourceAddress, event) && kind !== 'address') {
      this.#endUnseen(holder, kind, latestUs)
    }
    if (open.size >= this.#maxOpen) this.#evict()
    const row = open.insert(batch, event, kind)
    const { columns } = open
    const flowId = ++this.lastFlowId
    columns.flowId[2 * row] = flowId >>> 0
    columns.flowId[2 * row + 1] = Math.floor(flowId / 4294967296)
    columns.connectionStart[row] = atUs
    columns.flowStartMicroseconds[row] = atUs
    columns.flowEndMicroseconds[row] = atUs
    this.#fresh.push({ row, flowId })
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
    const flowId = ++this.lastFlowId
    events.flowId[2 * event] = flowId >>> 0
    events.flowId[2 * event + 1] = Math.floor(flowId / 4294967296)
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
    let oldest = -1
    for (let tried = 0, seen = 0; seen < evictionSample && tried < open.rowsUsed; tried++) {
      this.#hand = (this.#hand + 1) % open.rowsUsed
      if (open.columns.natEvent[this.#hand] === 0) continue
      seen++
      const isOlder = (row: number): number => open.columns.connectionStart[row] ?? Infinity
      if (oldest < 0 || isOlder(this.#hand) < isOlder(oldest)) oldest = this.#hand
    }
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
    this.#fresh.push({ row, flowId: open.flowId(row) })
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

  /** The text has ended: what is open was held up to `atUs` at least, or to when it was last seen. */
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
    const { open } = this
    this.#output.flush()
    const fresh = this.#fresh
    this.#fresh = []
    const batch = this.#freshBatch
    const copier = new RowCopier(open.batch, batch)
    for (const { row, flowId } of fresh) {
      if (open.columns.natEvent[row] === 0 || open.flowId(row) !== flowId) continue
      copier.copy(row, batch.length++)
      if (batch.length === batch.capacity) this.#handOpen()
    }
    this.#handOpen()
  }

  #handOpen(): void {
    const batch = this.#freshBatch
    if (batch.length > 0) this.#journal.append('open', batch)
    batch.length = 0
    batch.texts.clear()
  }

  /** A frame of the journal of an earlier run, in order; `slices` and `nat` frames end mappings. */
  recover(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void {
    this.lastFlowId = Math.max(this.lastFlowId, takeOpen(this.open, kind, batch))
  }
}

/** An end may tell what went through; a begin never does. */
function copyCounters(from: NatColumns, event: number, to: NatColumns, row: number): void {
  for (const name of [
    'octetDeltaCount',
    'packetDeltaCount',
    'reverseOctetDeltaCount',
    'reversePacketDeltaCount',
  ] as const) {
    to[name][2 * row] = from[name][2 * event] ?? 0
    to[name][2 * row + 1] = from[name][2 * event + 1] ?? 0
  }
}
