import type { ThreadFailure } from '../thread-failure.ts'
import type { MessagePort } from 'node:worker_threads'
import type { CaptureConfig } from '../../model/capture-settings.ts'
import type {
  LivePage,
  LiveQuery,
  RuleChanges,
  RulesAct,
  SeenHost,
} from '../../model/live-flows.ts'
import type { Log } from '../../model/log.ts'
import type { PolicyConfig } from '../../model/policy-settings.ts'
import type { PolicyStatus } from '../policy/acting.ts'
import type { UnknownClusters } from '../../model/unknown-cluster.ts'
import type { UnknownPacketCounts } from './unknown-packets.ts'
import type { NamingConfig } from './naming.ts'

/** What the thread that classifies is started with. */
export interface CaptureSetup {
  readonly capture: CaptureConfig
  readonly naming: NamingConfig
  /** Left out: nothing is done with connections. */
  readonly policy?: PolicyConfig | undefined
  /** Leads to the thread that follows conntrack; left out: verdicts stay here. */
  readonly follower?: MessagePort | undefined
}

/** What the thread did so far. */
export interface CaptureStatus {
  readonly packets: number
  /** Packets that the kernel numbered, and that did not arrive. */
  readonly lost: number
  readonly overruns: number
  readonly truncated: number
  readonly malformed: number
  /** Packets that several interfaces showed. */
  readonly repeated: number
  /** Connections that were decided early, since too many others were undecided. */
  readonly hurried: number
  /** Connections that are followed now. */
  readonly openFlows: number
  /** Connections that were classified, by protocol: as many names as the program knows. */
  readonly flows: Readonly<Record<string, number>>
  /** Verdicts that were sent to the follower of conntrack. */
  readonly verdicts: number
  readonly policy?: PolicyStatus | undefined
  readonly unknownPackets?: UnknownPacketCounts | undefined
  readonly readers: number
  readonly readersDropped: number
}

export type ToCapture =
  | { readonly type: 'status'; readonly id: number }
  | {
      readonly type: 'reload'
      readonly id: number
      readonly naming: NamingConfig
      readonly policy?: PolicyConfig | undefined
    }
  | { readonly type: 'live'; readonly id: number; readonly query: LiveQuery }
  | { readonly type: 'hosts'; readonly id: number }
  | { readonly type: 'unknown'; readonly id: number; readonly limit: number }
  | { readonly type: 'rules'; readonly id: number; readonly act: RulesAct }
  | { readonly type: 'explain'; readonly id: number; readonly flow: string }
  | { readonly type: 'stop' }

export type FromCapture =
  | { readonly type: 'ready'; readonly id: 0; readonly lines: readonly string[] }
  /** `id` is what could not be done; 0 is the start. */
  | ({ readonly type: 'failed'; readonly id: number } & ThreadFailure)
  | { readonly type: 'reloaded'; readonly id: number }
  | { readonly type: 'status'; readonly id: number; readonly status: CaptureStatus }
  | { readonly type: 'live'; readonly id: number; readonly page: LivePage }
  | { readonly type: 'hosts'; readonly id: number; readonly hosts: readonly SeenHost[] }
  | { readonly type: 'unknown'; readonly id: number; readonly unknown: UnknownClusters }
  | { readonly type: 'rules'; readonly id: number; readonly changes: RuleChanges | undefined }
  | { readonly type: 'explained'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'log'; readonly level: keyof Log; readonly text: string }
