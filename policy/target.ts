import type { z } from 'zod'
import type { NetfilterRequests } from '../netlink/netfilter-requests.ts'
import type { ConnectionLabels } from './connection-labels.ts'
import type { KernelNeed } from './kernel/needs.ts'
import type { Outcome, Verdict } from './outcome.ts'
import type { ReportedAction } from './report.ts'

/** Takes what became of a verdict, and what is to be said of it beside. */
export type Report = (verdict: Verdict, outcome: Outcome, detail?: string) => void

/** Does one thing to connections. What is asked of it is done at the next flush. */
export interface Target {
  add(verdict: Verdict): void
  /** Undoes it, as far as it can be: the rules changed. */
  retract?(verdict: Verdict): void
  flush(nowUs: number, report: Report): void
  /** True where it waits for its turn. */
  readonly isWaiting?: boolean
  close?(): Promise<void> | void
}

/** What targets may use. */
export interface TargetKit {
  /** @throws FlowledgerError where there is no netlink */
  readonly requests: () => NetfilterRequests
  readonly labels: ConnectionLabels
  readonly wans: Wans | undefined
  /** Connections that began before it are left alone where they would be moved (us since 1970). */
  readonly sinceUs: number
  /** Says something to the operator; the same is said once only. */
  warn(text: string): void
  /** Tells whoever reads the stream of flows. */
  stream(report: ReportedAction): void
}

/** Which bits of the mark say by which interface a connection leaves. */
export interface Wans {
  readonly mask: number
  readonly marks: ReadonlyMap<string, number>
}

/** A kind of target: how it is configured, what it needs of the kernel, and how it is made. */
export interface TargetKind<S> {
  readonly text: string
  readonly schema: z.ZodType<S>
  /**
   * What must stand in the kernel for it.
   *
   * @throws FlowledgerError `rules-invalid` where the settings do not go together
   */
  needs(name: string, settings: S, kit: Pick<TargetKit, 'labels' | 'wans'>): readonly KernelNeed[]
  open(name: string, settings: S, kit: TargetKit): Target
}
