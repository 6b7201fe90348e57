import type { Registry } from 'prom-client'
import type { AnswerDependencies, TokenStore } from './dependencies.ts'
import type { ApiMetrics } from './metrics.ts'

/** Something that has to hold before the API can answer. */
export interface Readiness {
  readonly name: string
  /** Undefined where it holds, else the reason as a sentence that may be shown to anybody. */
  check(): Promise<string | undefined>
}

/** What {@link makeApp} needs. */
export interface ApiDependencies extends AnswerDependencies {
  readonly tokens: TokenStore
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
}
