import type { ThreadFailure } from '../thread-failure.ts'
import type { NatCounters } from '../../collector/nat/nat-counters.ts'
import type { LineCounters } from '../../collector/syslog/line-source.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { OpenFlowsAnswer } from '../../model/open-flows.ts'
import type { SliceQuery } from '../../model/slice.ts'
import type { SyslogConfig } from '../../model/syslog-sources.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

/** What the thread that receives syslog is started with. */
export interface SyslogSetup {
  readonly config: SyslogConfig
  readonly source: string
  readonly spoolDir: string
  readonly spoolMaxBytes: number
  /** Octets of the disk that are left to others. */
  readonly spoolKeepFreeBytes?: number
  readonly syncBytes: number
  readonly syncIntervalMs: number
  readonly networks: Networks
}

/** What one sender told so far. */
export interface SenderStatus extends LineCounters {
  readonly name: string
  /** When it was last heard (us since 1970). */
  readonly heardUs: number
  /** The longest that its lines were under way lately (us). */
  readonly delayUs: number
  /** The latest lines that were not understood. */
  readonly unknownLines: readonly string[]
  readonly malformedLines: readonly string[]
}

/** What the thread did so far. */
export interface SyslogStatus {
  readonly addresses: readonly string[]
  readonly receiveBuffer: number
  readonly senders: readonly SenderStatus[]
  readonly mappings: NatCounters
  readonly open: number
  /** Messages that were not taken, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Frames that the spool did not take. */
  readonly refusedFrames: number
}

export type ToSyslog =
  | { readonly type: 'query'; readonly id: number; readonly queries: readonly SliceQuery[] }
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'networks'; readonly networks: Networks }
  | { readonly type: 'stop' }

export type FromSyslog =
  | { readonly type: 'ready'; readonly addresses: readonly string[] }
  | ({ readonly type: 'failed' } & ThreadFailure)
  | {
      readonly type: 'answer'
      readonly id: number
      readonly answers: readonly (readonly OpenFlowsAnswer[])[]
      /** Up to here the spool must be in the ledger before the ledger is read. */
      readonly position: SpoolPosition
    }
  | { readonly type: 'status'; readonly id: number; readonly status: SyslogStatus }
