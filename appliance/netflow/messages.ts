import type { ThreadFailure } from '../thread-failure.ts'
import type { NetflowConfig } from '../../model/netflow-settings.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import type { ExporterDetail, ExporterHealth } from '../../model/exporter-health.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

/** What the thread that collects NetFlow is started with. */
export interface NetflowSetup {
  readonly source: string
  readonly spoolDir: string
  readonly spoolMaxBytes: number
  /** Octets of the disk that are left to others. */
  readonly spoolKeepFreeBytes?: number
  readonly syncBytes: number
  readonly syncIntervalMs: number
  readonly netflow: NetflowConfig
  readonly networks: Networks
}

/** What was collected so far: plain numbers, copied when somebody looks. */
export interface NetflowStatus {
  readonly datagrams: number
  readonly octets: number
  readonly records: number
  readonly optionRecords: number
  readonly exporters: number
  readonly templates: number
  readonly pendingBytes: number
  readonly lostPending: number
  readonly lostSequence: number
  readonly kernelDrops: number
  readonly refusedAddress: number
  readonly refusedExporters: number
  /** Who is not on the list, and how many datagrams came of each. */
  readonly refusedBy: readonly (readonly [address: string, datagrams: number])[]
  readonly refusedTemplates: number
  readonly refusedRows: number
  readonly clampedValues: number
  readonly openMappings: number
  readonly orphanEnds: number
  readonly receiveBuffer: number
  readonly connections: number
  readonly malformed: Readonly<Record<string, number>>
  readonly addresses: readonly string[]
  readonly refusal: string | undefined
}

/** What is open at one source. */
export interface SourceAnswer {
  readonly source: string
  readonly flows: readonly Slice[]
  readonly cut: boolean
  readonly watermarkUs: number
  readonly closedThroughUs: number
}

export type ToNetflow =
  | { readonly type: 'query'; readonly id: number; readonly queries: readonly SliceQuery[] }
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'exporters'; readonly id: number }
  | { readonly type: 'exporter'; readonly id: number; readonly name: string }
  | { readonly type: 'reload'; readonly netflow: NetflowConfig; readonly networks: Networks }
  | { readonly type: 'stop' }

export type FromNetflow =
  | { readonly type: 'ready' }
  | ({ readonly type: 'failed' } & ThreadFailure)
  | {
      readonly type: 'answer'
      readonly id: number
      readonly found: readonly (readonly SourceAnswer[])[]
      readonly position: SpoolPosition
    }
  | { readonly type: 'status'; readonly id: number; readonly status: NetflowStatus }
  | {
      readonly type: 'exporters'
      readonly id: number
      readonly exporters: readonly ExporterHealth[]
    }
  | {
      readonly type: 'exporter'
      readonly id: number
      readonly exporter: ExporterDetail | undefined
    }
