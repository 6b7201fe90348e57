import type { Arrival, Message } from './arrival.ts'
import { keepBad } from './bad-datagrams.ts'
import type { Exporter, TemplateEntry } from './exporter.ts'
import { ExporterTable } from './exporter-table.ts'
import type { ExporterTableOptions } from './exporter-table.ts'
import type { TemplateRecord } from './layout.ts'
import { maxTemplates, maxTemplatesTogether } from './limits.ts'
import { eachRecord } from './lists.ts'
import { makeHead, readHead, walkSets } from './message.ts'
import type { MessageHead } from './message.ts'
import { takeOptions } from './options.ts'
import { PendingSets } from './pending.ts'
import type { RecordTarget } from './record-target.ts'
import { v5Layout, v5MaxRecords } from './v5.ts'

export interface DecoderOptions extends ExporterTableOptions {
  readonly target: RecordTarget
  /** Called for data that was given up since its template never came. */
  readonly lost?: (exporter: Exporter, exportUs: number) => void
  /** Called for data sets whose template has come; `read` reads them. Left out: they are read. */
  readonly waited?: (ids: readonly string[], read: () => void) => void
}

/** Datagrams that no exporter answers for, by reason. */
export interface DecoderCounters {
  datagrams: number
  refusedTemplates: number
  malformed: Record<string, number>
}

/**
 * Reads NetFlow v5, v9 and IPFIX of any number of exporters: bytes in, data records and option
 * records out. What is wrong with one set costs no other; nothing here throws.
 */
export class NetflowDecoder {
  readonly table: ExporterTable
  readonly counters: DecoderCounters = {
    datagrams: 0,
    refusedTemplates: 0,
    malformed: {},
  }
  templatesTogether = 0
  readonly pending: PendingSets
  private readonly options: DecoderOptions
  private view: DataView = new DataView(new ArrayBuffer(0))
  private exporter: Exporter | undefined
  /** Both are those of the message that is read, and are written over by the next. */
  private readonly head = makeHead()
  private readonly current: { -readonly [K in keyof Message]: Message[K] } = {
    version: 9,
    exportUs: 0,
    sysUptimeMs: -1,
    arrivalUs: 0,
  }
  private arrival: Arrival | undefined
  private records = 0
  private isUncertain = false
  private problems: string[] = []

  constructor(options: DecoderOptions) {
    this.options = options
    this.table = new ExporterTable(options)
    this.pending = new PendingSets((exporter, exportUs) => options.lost?.(exporter, exportUs))
  }

  /** Everybody who is heard. */
  get exporters(): ReadonlyMap<string, Exporter> {
    return this.table.all
  }

  /** Takes the datagram (or the message of a stream) in [from, to). */
  take(view: DataView, from: number, to: number, arrival: Arrival): void {
    this.counters.datagrams++
    const { w0, w1, w2, w3, port } = arrival
    const head = readHead(view, from, to, this.head)
    if (typeof head === 'string') {
      count(this.counters.malformed, head)
      return
    }
    const exporter = this.table.exporterOf(w0, w1, w2, w3, port, head)
    if (exporter === undefined || isRepeated(view, from, to, exporter, head, arrival)) return
    this.begin(view, exporter, head, arrival)
    if (head.version === 5) this.readV5(view, head, exporter)
    else walkSets(view, head, this)
    this.end(view, from, to, exporter, head, arrival)
  }

  template({ id, layout }: TemplateRecord): void {
    const { exporter } = this
    if (exporter === undefined) return
    const nowMs = this.current.arrivalUs / 1000
    if (layout === undefined) {
      this.withdraw(exporter, id)
      return
    }
    exporter.counters.templates++
    const known = exporter.templates.get(id)
    if (known === undefined) {
      const isFull = exporter.templates.size >= maxTemplates
      if (isFull || this.templatesTogether >= maxTemplatesTogether) {
        this.counters.refusedTemplates++
        return
      }
      this.templatesTogether++
      const entry = { layout, plan: undefined, sentMs: nowMs, usedMs: nowMs, changes: 0 }
      exporter.templates.set(id, entry)
    } else {
      known.sentMs = nowMs
      if (known.layout !== layout) {
        known.layout = layout
        known.plan = undefined
        known.changes++
        exporter.counters.templateChanges++
      }
    }
    this.replay(exporter, id)
  }

  data(id: number, from: number, to: number): void {
    const { exporter } = this
    if (exporter === undefined) return
    const entry = exporter.templates.get(id)
    if (entry === undefined) {
      this.isUncertain = true
      exporter.counters.pendingSets++
      this.pending.add(exporter, id, this.view, from, to, this.current)
      return
    }
    this.records += this.set(exporter, entry, this.current, this.view, from, to)
  }

  problem(reason: string): void {
    this.problems.push(reason)
    this.isUncertain = true
    if (this.exporter !== undefined) count(this.exporter.counters.malformed, reason)
  }

  /** Forgets an exporter's templates, as when it has started anew. */
  forgetTemplates(exporter: Exporter): void {
    this.templatesTogether -= exporter.templates.size
    exporter.templates.clear()
  }

  /** Adds an exporter that an earlier run of the program knew. */
  restore(exporter: Exporter): void {
    this.table.restore(exporter)
    this.templatesTogether += exporter.templates.size
  }

  private begin(view: DataView, exporter: Exporter, head: MessageHead, arrival: Arrival): void {
    const { current } = this
    this.view = view
    this.exporter = exporter
    this.arrival = arrival
    current.version = head.version
    current.exportUs = head.exportUs
    current.sysUptimeMs = head.sysUptimeMs ?? -1
    current.arrivalUs = arrival.atUs
    this.records = 0
    this.isUncertain = false
    if (this.problems.length > 0) this.problems = []
    exporter.counters.messages++
    if (exporter.lastPort !== arrival.port) {
      if (exporter.lastPort !== 0) exporter.portChanges++
      exporter.lastPort = arrival.port
    }
    this.options.target.begin?.(exporter, head, arrival)
  }

  private end(
    view: DataView,
    from: number,
    to: number,
    exporter: Exporter,
    head: MessageHead,
    arrival: Arrival
  ): void {
    const [reason] = this.problems
    if (reason !== undefined) keepBad(exporter, view, from, to, reason, arrival)
    this.options.target.message?.(
      exporter,
      head,
      arrival,
      head.version === 9 ? 1 : this.isUncertain ? undefined : this.records
    )
    this.exporter = undefined
  }

  private readV5(view: DataView, head: MessageHead, exporter: Exporter): void {
    const room = Math.floor((head.end - head.bodyAt) / v5Layout.minLength)
    if (head.count === 0 || head.count > v5MaxRecords || head.count > room) {
      this.problem('v5-count')
      return
    }
    if (exporter.settings.samplingInterval === undefined && head.samplingInterval > 1) {
      exporter.samplingInterval = head.samplingInterval
      exporter.samplingOrigin = 'header'
    }
    const entry = this.v5EntryOf(exporter)
    const end = head.bodyAt + head.count * v5Layout.minLength
    this.records += this.set(exporter, entry, this.current, view, head.bodyAt, end)
  }

  private v5EntryOf(exporter: Exporter): TemplateEntry {
    const known = exporter.templates.get(0)
    if (known !== undefined) return known
    const nowMs = this.current.arrivalUs / 1000
    const made = { layout: v5Layout, plan: undefined, sentMs: nowMs, usedMs: nowMs, changes: 0 }
    exporter.templates.set(0, made)
    this.templatesTogether++
    return made
  }

  private withdraw(exporter: Exporter, id: number): void {
    if (this.arrival?.transport !== 'stream') {
      exporter.counters.withdrawalsIgnored++
      return
    }
    exporter.counters.withdrawals++
    if (exporter.templates.delete(id)) this.templatesTogether--
  }

  /** Data that waited for this template. */
  private replay(exporter: Exporter, id: number): void {
    const entry = exporter.templates.get(id)
    if (entry === undefined || exporter.pending.length === 0) return
    const taken = this.pending.takeOf(exporter, id)
    if (taken.length === 0) return
    const read = (): void => {
      for (const { bytes, version, exportUs, sysUptimeMs, arrivalMs } of taken) {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
        const message = { version, exportUs, sysUptimeMs, arrivalUs: arrivalMs * 1000 }
        this.set(exporter, entry, message, view, 0, bytes.length)
      }
    }
    const { waited } = this.options
    if (waited === undefined) read()
    else
      waited(
        taken.map((set) => set.id),
        read
      )
  }

  private set(
    exporter: Exporter,
    entry: TemplateEntry,
    message: Message,
    view: DataView,
    from: number,
    to: number
  ): number {
    entry.usedMs = message.arrivalUs / 1000
    const { layout } = entry
    if (layout.scopes < 0) {
      const records = this.options.target.records(exporter, entry, message, view, from, to)
      exporter.counters.records += records
      return records
    }
    let records = 0
    eachRecord(view, from, to, layout, (bounds) => {
      records++
      takeOptions(exporter, view, bounds, layout)
      this.options.target.option?.(exporter, layout, message, view, bounds)
    })
    exporter.counters.optionRecords += records
    return records
  }
}

/** True for a datagram that came before, octet for octet as far as is looked; it is counted. */
function isRepeated(
  view: DataView,
  from: number,
  to: number,
  { sequence, recent, counters }: Exporter,
  head: MessageHead,
  { transport }: Arrival
): boolean {
  if (transport === 'stream') return false
  const number = head.sequence
  if (number === sequence.next || !sequence.isCounting || !recent.has(number, view, from, to)) {
    recent.add(number, view, from, to)
    return false
  }
  counters.repeated++
  return true
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1
}
