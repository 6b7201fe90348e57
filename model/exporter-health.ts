import type { NatEventDialect } from './netflow-settings.ts'

/** How an exporter and its observation domain are doing: what people look at when answers doubt. */
export interface ExporterHealth {
  /** Its name as a source of the ledger. */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly domain: number
  /** 5, 9, or 10 for IPFIX. */
  readonly version: number
  readonly firstHeardUs: number
  readonly lastHeardUs: number
  /** Time of its last message by its own clock, corrected as configured. */
  readonly lastExportUs: number
  readonly watermarkUs: number
  readonly delayUs: number
  /** Distance of its clock from ours: least and most that was seen. */
  readonly clockOffsetUs: readonly [least: number, most: number]
  readonly messages: number
  /** Datagrams that the network delivered once more, which were left out. */
  readonly repeatedMessages: number
  readonly records: number
  readonly optionRecords: number
  readonly templates: number
  readonly templateChanges: number
  /** True where templates of one number change their meaning again and again. */
  readonly isFlapping: boolean
  readonly lostUnits: number
  readonly lateMessages: number
  readonly duplicateMessages: number
  readonly restarts: number
  readonly pendingSets: number
  readonly missingSets: number
  readonly implausibleTimes: number
  /** Messages that were not sent when they say: how far it has come does not go by them. */
  readonly wrongClocks: number
  /** Data sets with a flow that lasted longer than is waited for. */
  readonly overlongFlows: number
  readonly portChanges: number
  readonly samplingInterval: number
  readonly samplingOrigin: string | undefined
  readonly dialect: NatEventDialect | undefined
  readonly malformed: Readonly<Record<string, number>>
  readonly badDatagrams: number
}

/** A template as an exporter told it. */
export interface TemplateDetail {
  readonly id: number
  readonly isOptions: boolean
  readonly sentMs: number
  readonly usedMs: number
  readonly changes: number
  readonly fields: readonly {
    readonly name: string
    readonly pen: number
    readonly id: number
    readonly length: number
  }[]
}

/** All that is known of one exporter. */
export interface ExporterDetail extends ExporterHealth {
  readonly templateList: readonly TemplateDetail[]
  readonly interfaces: readonly (readonly [index: number, name: string])[]
  readonly vrfs: readonly (readonly [id: number, name: string])[]
  readonly samplers: readonly (readonly [id: number, interval: number])[]
  readonly interfaceSampling: readonly (readonly [index: number, interval: number])[]
  /** The last datagrams that could not be read whole, as a capture (pcap). */
  readonly badCapture: Uint8Array
}

/** Whoever collects NetFlow, and can say how its exporters are doing. */
export interface Exporters {
  exporters(): Promise<readonly ExporterHealth[]>
  /** Undefined where there is none of that name. */
  exporter(name: string): Promise<ExporterDetail | undefined>
}
