import type { AddressWords } from '../../model/address.ts'
import { formatWords } from '../../model/address.ts'
import type { NatEventDialect } from '../../model/netflow-settings.ts'
import { skewOf } from '../clock-skew.ts'
import type { LearntElements } from './elements.ts'
import type { Layout } from './layout.ts'
import type { Plan } from './plan.ts'
import { RecentMessages } from './recent-messages.ts'
import { SequenceTracker } from './sequence.ts'
import type { ExporterSettings } from './settings.ts'

/** A template that an exporter has told. */
export interface TemplateEntry {
  layout: Layout
  plan: Plan | undefined
  /** When it was last sent, and last used (ms since 1970). */
  sentMs: number
  usedMs: number
  /** How often its meaning changed. */
  changes: number
}

/** A data set that waits for its template. */
export interface PendingSet {
  /** Tells it from every other set, of other runs of the program too. */
  readonly id: string
  readonly templateId: number
  readonly bytes: Buffer
  readonly version: 9 | 10
  readonly exportUs: number
  readonly sysUptimeMs: number
  readonly arrivalMs: number
}

/** A datagram that could not be read, or not whole. */
export interface BadDatagram {
  readonly atUs: number
  readonly reason: string
  readonly port: number
  readonly bytes: Buffer
}

/** What one exporter and domain did, for its page and for metrics. */
export interface ExporterCounters {
  messages: number
  /** Datagrams that the network delivered once more, which were left out. */
  repeated: number
  records: number
  optionRecords: number
  templates: number
  templateChanges: number
  withdrawals: number
  withdrawalsIgnored: number
  /** Sets whose template was missing when they came, and those of them that never got it. */
  pendingSets: number
  missingSets: number
  /** Sequence units that are lost. */
  lost: number
  /** Records whose times made no sense, or that were no translation. */
  implausibleTimes: number
  /** Messages that were not sent when they say. */
  wrongClocks: number
  /** Data sets with a flow that lasted longer than is waited for. */
  overlongFlows: number
  notTranslated: number
  malformed: Record<string, number>
}

/** Names that an exporter gave to its numbers, by options. */
export interface ExporterNames {
  readonly interfaces: Map<number, string>
  readonly vrfs: Map<number, string>
  readonly applications: Map<number, string>
  readonly pools: Map<number, string>
}

/** Where a sampling rate comes from. */
export type SamplingOrigin = 'header' | 'options' | 'record' | 'configured'

/** An exporter and one of its observation domains: a source of the ledger. */
export class Exporter {
  readonly version: number
  readonly address: AddressWords
  readonly domain: number
  /** The port that it sends from; 0 where that does not tell exporters apart. */
  readonly keyPort: number
  settings: ExporterSettings
  /** Number of the source in the spool; 0: none yet. */
  sourceIndex = 0
  readonly templates = new Map<number, TemplateEntry>()
  readonly learnt: LearntElements = new Map()
  readonly pending: PendingSet[] = []
  pendingBytes = 0
  readonly bad: BadDatagram[] = []
  badBytes = 0
  readonly sequence = new SequenceTracker()
  readonly recent = new RecentMessages()
  readonly names: ExporterNames = {
    interfaces: new Map(),
    vrfs: new Map(),
    applications: new Map(),
    pools: new Map(),
  }
  dialect: NatEventDialect | undefined
  /** The address that it says it has (elements 130, 131). */
  statedAddress: AddressWords | undefined
  readonly samplers = new Map<number, number>()
  /** By the number of the interface whose packets are counted so. */
  readonly interfaceSampling = new Map<number, number>()
  samplingInterval = 0
  /** What a sampler or an interface of a record gave last; 0: none gave any. */
  recordSampling = 0
  samplingOrigin: SamplingOrigin | undefined
  /** When it started (us), of who says so by an option. */
  startedUs = 0
  lastPort = 0
  portChanges = 0
  /** True from when a connection of it began until its first message. */
  reconnected = false
  /** True from a message of a clock that is wrong until one of a clock that is right. */
  hadWrongClock = false
  /** How far ours was from it then (us). */
  wrongOffsetUs = 0
  lastArrivalMs = 0
  firstArrivalUs = 0
  lastExportUs = 0
  lastUptimeMs = -1
  /** The longest flow that it told of (us). */
  longestUs = 0
  /** True once it told of a finished flow; of events alone is told at once. */
  tellsFlows = false
  tellsEvents = false
  /** Least and greatest distance of our clock from its own (us). */
  leastOffsetUs = Infinity
  mostOffsetUs = -Infinity
  readonly counters: ExporterCounters = {
    messages: 0,
    repeated: 0,
    records: 0,
    optionRecords: 0,
    templates: 0,
    templateChanges: 0,
    withdrawals: 0,
    withdrawalsIgnored: 0,
    pendingSets: 0,
    missingSets: 0,
    lost: 0,
    implausibleTimes: 0,
    wrongClocks: 0,
    overlongFlows: 0,
    notTranslated: 0,
    malformed: {},
  }

  constructor(
    address: AddressWords,
    keyPort: number,
    domain: number,
    version: number,
    settings: ExporterSettings
  ) {
    this.address = address
    this.keyPort = keyPort
    this.domain = domain
    this.version = version
    this.settings = settings
    this.dialect = settings.dialect
  }

  /** Its name as a source: as configured or its address, with port and domain where they count. */
  get sourceName(): string {
    const { settings, statedAddress, keyPort, domain } = this
    const address =
      settings.trustExporterAddress && statedAddress !== undefined ? statedAddress : this.address
    const base = settings.name ?? formatWords(address)
    const port = keyPort === 0 ? '' : ` port ${keyPort}`
    return `${base}${port}${domain === 0 ? '' : ` domain ${domain}`}`
  }

  /** How far its clock may be from ours (us); `clock_offset` can put one right that is wrong. */
  get skewUs(): number {
    return skewOf(this.leastOffsetUs)
  }

  /** Compares the clocks anew. */
  forgetOffsets(): void {
    this.leastOffsetUs = Infinity
    this.mostOffsetUs = -Infinity
  }

  /**
   * Up to when it has told all that it will tell (us). What its numbers show to be missing may
   * still come, or be lost: nothing from there on is watched over yet.
   */
  get watermarkUs(): number {
    return Math.min(this.lastExportUs, this.sequence.missingAfterUs) - this.delayUs
  }

  /** How long after it happened a thing can be told of (us). */
  get delayUs(): number {
    const { settings, tellsFlows, longestUs } = this
    if (settings.activeTimeoutUs !== undefined) return settings.activeTimeoutUs
    if (!tellsFlows) return eventDelayUs
    // What lasted longest was cut by the active timeout, or ended before it: it is at least that.
    return Math.min(maxDelayUs, Math.max(defaultTimeoutUs, 1.1 * longestUs))
  }
}

/** What most exporters wait at the longest before they tell of a flow that goes on (us). */
const defaultTimeoutUs = 1800e6
/**
 * What is waited for at the longest (us): a record can claim any length, and nothing would be
 * proven for as long. Who cuts its flows more seldom, or never, is told by `active_timeout`.
 */
export const maxDelayUs = 86_400e6
/** What tells of events does so at once; datagrams are gathered for some seconds (us). */
const eventDelayUs = 10e6
