import type { Registry } from 'prom-client'
import type { Exporters } from '../model/exporter-health.ts'
import type { LiveFlows } from '../model/live-flows.ts'
import type { StreamNames } from '../model/streamed-flow.ts'
import type { NoticeRules } from '../model/notices-settings.ts'
import type { AnswerDependencies, TokenStore } from './dependencies.ts'
import type { ApprovalStore } from '../store/approvals.ts'
import type { Database } from '../store/database.ts'
import type { PeopleStore } from '../store/people.ts'
import type { TokenSessions } from '../store/token-sessions.ts'
import type { Desk } from './cases/desk.ts'
import type { FailureBrake } from './failure-brake.ts'
import type { readMessage } from './notices/read.ts'
import type { ApiMetrics } from './metrics.ts'
import type { LogIn } from './oidc/log-in.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { ReportContext } from './reports/context.ts'

/** Something that has to hold before the API can answer. */
export interface Readiness {
  readonly name: string
  /** Undefined where it holds, else the reason as a sentence that may be shown to anybody. */
  check(): Promise<string | undefined>
  /** What is well still and will not be for long. */
  warning?(): string | undefined
}

/** Who may ask, and who approves: the stores that the routes about it change. */
export interface Accounts {
  /** A pool of the log-in `audit`, which keeps the tokens. */
  readonly database: Database
  readonly approvals: ApprovalStore
  readonly people: PeopleStore
  readonly tokenSessions: TokenSessions
  /** Left out: people do not log in, there are tokens alone. */
  readonly logIn?: LogIn
}

/** What {@link makeApp} needs. */
export interface ApiDependencies extends AnswerDependencies {
  readonly tokens: TokenStore
  /** Left out: tokens, people and approvals have no routes. */
  readonly accounts?: Accounts
  /** Left out: evidence, cases and holds have no routes. */
  readonly desk?: Desk
  /** Left out: protocols and applications have no routes. */
  readonly names?: () => StreamNames
  /** Left out: reports have no routes. */
  readonly reports?: Omit<ReportContext, 'nowUs'>
  /** What helps to read notices. */
  readonly notices?: NoticeRules
  /** Reads a notice without keeping other requests waiting. Left out: at once. */
  readonly readNotice?: typeof readMessage
  /** Left out: NetFlow is not collected. */
  readonly exporters?: Exporters
  /** Left out: connections are classified elsewhere, or not at all. */
  readonly liveFlows?: LiveFlows
  /** Aborted when the server stops: streams that would not end by themselves end then. */
  readonly stopping?: AbortSignal
  readonly registry: Registry
  readonly readiness: readonly Readiness[]
  /** Takes the cause of every answer with a status of 500 or above. */
  readonly onError?: (error: unknown) => void
  /** Look-ups at one time; the next is told to wait. Left out: 64. */
  readonly maxInFlight?: number
  /** How long a request may take, in milliseconds. Left out: 30 s. */
  readonly timeoutMs?: number
}

/** What each file of routes is given. */
export interface RouteContext {
  readonly deps: ApiDependencies
  readonly metrics: ApiMetrics
  readonly limiter: RateLimiter
  readonly brake: FailureBrake
}
