import type { OptionKind, RecordSettings } from '../model/export-targets.ts'
import { extraFields, fields } from '../model/fields.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { Applications } from './applications.ts'
import type { Template } from './layouts.ts'
import type { PreparedSet } from './message.ts'
import { optionRecordSets, optionTemplateSets, templateSets } from './option-sets.ts'
import type { OptionTable } from './option-sets.ts'
import {
  applicationTables,
  interfaceTable,
  samplingTable,
  statisticsTable,
  typeTable,
} from './options.ts'
import type { ExporterStatistics, InterfaceName } from './options.ts'
import type { Protocol } from './protocol.ts'

/** What options tell, as of when they are told. */
export interface AnnounceFacts {
  /** exportingProcessId (144). */
  readonly process: number
  readonly interfaces: readonly InterfaceName[]
  readonly statistics: ExporterStatistics
}

/** Templates and records of options that wait to be sent, in the order in which they must go. */
export class Announcer {
  readonly applications = new Applications()
  private readonly protocol: Protocol
  private readonly settings: RecordSettings
  /** Octets of the longest set that a message takes. */
  private readonly most: number
  private readonly templates: Template[] = []
  private readonly waiting: PreparedSet[] = []
  private announced = false

  constructor(protocol: Protocol, settings: RecordSettings, room: number) {
    this.protocol = protocol
    this.settings = settings
    this.most = room + protocol.setHeaderBytes
  }

  /** The set that goes next. */
  get next(): PreparedSet | undefined {
    return this.waiting[0]
  }

  /** Says that {@link next} is in a message. */
  taken(): void {
    this.waiting.shift()
  }

  /** A template that records are about to use. */
  addTemplate(template: Template): void {
    this.templates.push(template)
    this.waiting.push(...templateSets(this.protocol, [template], this.most))
  }

  /** Names of applications that a batch is the first to need. */
  takeApplications(batch: FlowBatch): void {
    if (!this.has('applications')) return
    const fresh = this.applications.collect(batch)
    if (fresh.length === 0 || !this.announced) return
    this.queueRecords(applicationTables(this.settings.protocol, fresh))
  }

  /** Queues every template, and the options with their records: at the begin of a session. */
  announce(facts: AnnounceFacts): void {
    const form = this.protocol.templates
    if (form === undefined) return
    // What waited is among what is told now.
    this.waiting.length = 0
    this.announced = true
    const tables = this.tables(facts)
    this.waiting.push(
      ...templateSets(this.protocol, this.templates, this.most),
      ...optionTemplateSets(this.protocol, form, tables, this.most)
    )
    this.queueRecords(tables)
  }

  /** Queues the records of options again, where the session keeps templates (RFC 7011 §8.1). */
  announceOptions(facts: AnnounceFacts): void {
    if (this.announced) this.queueRecords(this.tables(facts))
  }

  private queueRecords(tables: readonly OptionTable[]): void {
    for (const table of tables) {
      this.waiting.push(...optionRecordSets(this.protocol, table, this.most))
    }
  }

  private has(kind: OptionKind): boolean {
    return this.protocol.templates !== undefined && this.settings.options.includes(kind)
  }

  private tables({ process, interfaces, statistics }: AnnounceFacts): OptionTable[] {
    const { protocol } = this.settings
    const names = new Set(
      this.settings.fields ?? [...fields, ...extraFields].map(({ name }) => name)
    )
    return [
      ...(this.has('applications') ? applicationTables(protocol, this.applications.all) : []),
      ...(this.has('statistics') ? [statisticsTable(protocol, process, statistics)] : []),
      ...(this.has('interfaces') ? [interfaceTable(protocol, interfaces)] : []),
      ...(this.has('sampling') ? [samplingTable(protocol)] : []),
      ...(this.has('types') && protocol === 'ipfix' ? [typeTable(names)] : []),
    ]
  }
}
