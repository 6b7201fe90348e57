import type { ThreadFailure } from '../thread-failure.ts'
import type { MessagePort } from 'node:worker_threads'
import type { UnjoinedReason } from '../../collector/conntrack/verdict-join.ts'
import type { Progress } from '../../model/coverage.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

/** What the follower's thread is started with. */
export interface FollowerSetup {
  readonly source: string
  readonly spoolDir: string
  readonly spoolMaxBytes: number
  /** Octets of the disk that are left to others. */
  readonly spoolKeepFreeBytes?: number
  readonly syncBytes: number
  readonly syncIntervalMs: number
  readonly activeTimeoutUs: number
  readonly receiveBuffer: number
  readonly networks: Networks
}

/** What the follower did so far: plain numbers, copied when somebody looks. */
export interface FollowerStatus extends Progress {
  readonly newEvents: number
  readonly destroyEvents: number
  readonly openFlows: number
  readonly overruns: number
  readonly orphans: number
  readonly duplicates: number
  readonly inferredEnds: number
  readonly lostRows: number
  readonly thinnedRows: number
  readonly failedSyncs: number
  readonly malformed: Readonly<Record<string, number>>
  readonly receiveBuffer: number
  readonly settled: boolean
  readonly refusal: string | undefined
  /** Verdicts that found their connection, and those that did not, by reason. */
  readonly joined: number
  readonly unjoined: Readonly<Record<UnjoinedReason, number>>
  readonly namesLeftOut: number
}

export type ToFollower =
  | { readonly type: 'query'; readonly id: number; readonly queries: readonly SliceQuery[] }
  | { readonly type: 'status'; readonly id: number }
  | {
      readonly type: 'reload'
      readonly networks: Networks
      readonly activeTimeoutUs: number
    }
  /** Where verdicts come from, and where the entries go that they were joined to. */
  | { readonly type: 'verdicts'; readonly port: MessagePort }
  | { readonly type: 'stop' }

export type FromFollower =
  | { readonly type: 'ready' }
  | ({ readonly type: 'failed' } & ThreadFailure)
  | ({
      readonly type: 'answer'
      readonly id: number
      /** One for each query, in their order. */
      readonly found: readonly { readonly flows: readonly Slice[]; readonly cut: boolean }[]
      /** Up to here the spool must be in the ledger before the ledger is read. */
      readonly position: SpoolPosition
    } & Progress)
  | { readonly type: 'status'; readonly id: number; readonly status: FollowerStatus }
