import type { ExportCounters } from '../../exporter/export-counters.ts'
import type { LossReason, NotSent } from '../../exporter/transport.ts'
import type { ExtraName } from '../../model/fields.ts'
import type { ExportTarget } from '../../model/export-targets.ts'

/** A spool that is exported from. */
export interface ExportSpool {
  /** Which spool it is, whatever its directory is called: a new one begins anew. */
  readonly id: string
  readonly directory: string
  /** Columns beside the usual ones that records are made of. */
  readonly extras: readonly ExtraName[]
}

/** What the exporter's thread is started with. */
export interface ExporterSetup {
  readonly spools: readonly ExportSpool[]
  readonly targets: readonly ExportTarget[]
  /** Where it remembers what each target was told. */
  readonly stateDir: string
}

/** What a target was told so far: plain numbers, copied when somebody looks. */
export interface TargetStatus {
  readonly name: string
  readonly protocol: string
  readonly transport: string
  readonly open: boolean
  /** Why it is not told anything just now. */
  readonly failure: string | undefined
  readonly counters: ExportCounters
  readonly losses: Readonly<Partial<Record<LossReason, number>>>
  readonly notSent: NotSent
  readonly sessions: number
  /** How far it is behind what is collected (s). */
  readonly behindSeconds: number
  /** Rows that it was not told since they were older than max_behind. */
  readonly tooOld: number
  /** Rows that the spool could not give back, and times that segments were gone too early. */
  readonly damagedRows: number
  readonly missedSegments: number
}

export type ToExporter =
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'stop' }

export type FromExporter =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string }
  | { readonly type: 'status'; readonly id: number; readonly targets: readonly TargetStatus[] }
