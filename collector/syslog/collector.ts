import type { Progress } from '../../model/coverage.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { OpenFlowsAnswer } from '../../model/open-flows.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import { maxSliceUs } from '../../model/limits.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { skewOf } from '../clock-skew.ts'
import { OurClock } from '../our-clock.ts'
import { queryMappings } from '../nat/query.ts'
import { NatTracker } from '../nat/tracker.ts'
import { EventWriter } from './event-writer.ts'
import type { Senders, Sender } from './senders.ts'

/** Rows of events that are gathered, and how many a line may add. */
const eventRows = 2048
const maxEventsOfLine = 256

/** A mapping is written at least so often, and all are looked at within so long. */
const sliceUs = maxSliceUs / 2
const roundUs = 120e6
/** So long a sender is listened to before its clock is held to be behind (us). */
const settleUs = 60e6

/** What the journal takes beside rows. */
export type SyslogNote =
  | { readonly type: 'watched-from'; readonly us: number; readonly source: number }
  | {
      readonly type: 'gap'
      readonly fromUs: number
      readonly toUs: number
      readonly reason: 'down' | 'kernel-drop' | 'exporter-silent' | 'clock-step'
      readonly lost?: number
      readonly source?: number
    }
  | {
      readonly type: 'progress'
      readonly of: (Progress & { readonly source: number })[]
    }

/** Where rows and notes go: the spool, handed in by who wires the program. */
export interface SyslogJournal {
  append(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void
  note(note: SyslogNote): void
}

export interface SyslogCollectorOptions {
  readonly journal: SyslogJournal
  readonly senders: Senders
  readonly maxOpen: number
  readonly silenceUs: number
  readonly forgetUs: number
  readonly networks: Networks
  readonly nowUs: () => number
}

/**
 * Messages of gateways in, intervals out. It has no sockets and no clock of its own: who wires it
 * hands in what arrives, and calls {@link tick} once a second.
 *
 * A sender that is silent for longer than `silence` may have died, or its lines may have been lost:
 * coverage ends where it was last heard, and the time until it is heard again is a gap.
 */
export class SyslogCollector {
  readonly tracker: NatTracker
  readonly ourClock = new OurClock()
  networks: Networks
  readonly #options: SyslogCollectorOptions
  readonly #events = new EventWriter(eventRows)
  /** Up to where each sender was complete when an earlier run ended, by its number. */
  readonly #before = new Map<number, number>()

  constructor(options: SyslogCollectorOptions) {
    const { journal, maxOpen, forgetUs } = options
    this.#options = options
    this.networks = options.networks
    this.tracker = new NatTracker({ journal, maxOpen, forgetUs, sliceUs, keepsFlows: true })
  }

  /** A frame of rows of an earlier run's journal, in order. */
  recover(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void {
    this.tracker.recover(kind, batch)
  }

  /** How far an earlier run had come with a source. */
  recoverProgress(source: number, watermarkUs: number): void {
    this.#before.set(source, Math.max(watermarkUs, this.#before.get(source) ?? 0))
  }

  /** A message of a sender, one octet a character. */
  take(message: string, sender: Sender): void {
    const nowUs = this.#options.nowUs()
    if (!sender.isHeard) this.#hearFirst(sender, nowUs)
    else if (nowUs - sender.heardUs > this.#options.silenceUs) this.#endSilence(sender, nowUs)
    sender.heardUs = nowUs
    if (this.#events.room < maxEventsOfLine) this.drain()
    this.#events.sourceIndex = sender.index
    sender.source.read(message, this.#events)
    if (sender.source.delayUs > sender.delayUs) sender.delayUs = sender.source.delayUs
  }

  #hearFirst(sender: Sender, nowUs: number): void {
    const { journal } = this.#options
    sender.isHeard = true
    sender.firstUs = nowUs
    const before = this.#before.get(sender.index)
    if (before === undefined) {
      journal.note({ type: 'watched-from', us: nowUs, source: sender.index })
    } else if (before < nowUs) {
      journal.note({
        type: 'gap',
        fromUs: before,
        toUs: nowUs,
        reason: 'down',
        source: sender.index,
      })
    }
  }

  #endSilence({ heardUs: fromUs, index: source }: Sender, toUs: number): void {
    this.#options.journal.note({ type: 'gap', fromUs, toUs, reason: 'exporter-silent', source })
  }

  /** Datagrams were lost on their way through the kernel. */
  lost(datagrams: number, fromUs: number): void {
    const toUs = this.#options.nowUs()
    const gap = { type: 'gap', fromUs, toUs, reason: 'kernel-drop', lost: datagrams } as const
    this.#options.journal.note(gap)
  }

  /**
   * Our clock was set: between where it was and where it is, what was told by it is ambiguous, also
   * that everything was told; what it showed tells nothing of others' clocks.
   */
  clockSet({ fromUs, toUs }: { fromUs: number; toUs: number }): void {
    this.#options.journal.note({ type: 'gap', fromUs, toUs, reason: 'clock-step' })
    this.ourClock.set()
    for (const { source } of this.#options.senders.all()) source.leastOffsetUs = Infinity
  }

  /** Takes the events that were gathered into the table of open mappings. */
  drain(): void {
    const { batch } = this.#events
    if (batch.length === 0) return
    this.tracker.take(batch)
    batch.length = 0
    batch.texts.clear()
  }

  /** Hands everything to the journal. */
  flush(): void {
    this.drain()
    this.tracker.flush()
  }

  /** Cuts what has been open long, and tells how far each source is complete. */
  tick(): void {
    this.drain()
    const nowUs = this.#options.nowUs()
    this.tracker.tick(nowUs)
    this.tracker.flush()
    const of: (Progress & { source: number })[] = []
    for (const sender of this.#options.senders.all()) {
      if (!sender.isHeard) continue
      of.push({ source: sender.index, ...this.#progressOf(sender, nowUs) })
      // A delay is believed for a while, and less and less.
      sender.delayUs *= 0.95
    }
    if (of.length > 0) this.#options.journal.note({ type: 'progress', of })
  }

  #progressOf({ heardUs, firstUs, delayUs, source }: Sender, nowUs: number): Progress {
    const isSilent = nowUs - heardUs > this.#options.silenceUs
    const watermarkUs = (isSilent ? heardUs : nowUs) - Math.min(delayUs, maxSliceUs)
    const progress = { watermarkUs, closedThroughUs: watermarkUs - sliceUs - roundUs }
    // Lines that come late are no clock that is behind, unless all do for a while.
    const offsetUs = nowUs - firstUs < settleUs ? Math.min(0, source.leastOffsetUs) : undefined
    const skewUs = skewOf(offsetUs ?? source.leastOffsetUs)
    return this.ourClock.isSteady && skewUs > 0 ? { ...progress, skewUs } : progress
  }

  /** What is open of each source, for each query; everything that was taken counts. */
  query(queries: readonly SliceQuery[]): OpenFlowsAnswer[][] {
    this.flush()
    const nowUs = this.#options.nowUs()
    const names = new Map<number, string>()
    const senders = [...this.#options.senders.all()].filter(({ isHeard }) => isHeard)
    for (const { index, name } of senders) names.set(index, name)
    const nameOf = (index: number): string => names.get(index) ?? `syslog source ${index}`
    const found = queryMappings(this.tracker, nameOf, this.networks, queries, nowUs)
    return found.map(({ flows, cut }) => {
      const byName = new Map<string, Slice[]>()
      for (const { slice } of flows) {
        byName.set(slice.source, [...(byName.get(slice.source) ?? []), slice])
      }
      return senders.map((sender) => {
        const mine = { source: sender.name, flows: byName.get(sender.name) ?? [], cut }
        return Object.assign(mine, this.#progressOf(sender, nowUs))
      })
    })
  }
}
