import type { Predicate } from '../criteria/criteria.ts'
import type { CriteriaNames } from '../criteria/names.ts'
import type { ConnectionLabels } from './connection-labels.ts'
import type { KernelNeed } from './kernel/needs.ts'
import type { PolicyProblem } from './problem.ts'
import type { Wans } from './target.ts'
import type { AnyTargetKind } from './targets.ts'

/** An action, compiled. */
export interface PolicyAction {
  readonly name: string
  /** `FILE:LINE`. */
  readonly place: string
  /** True of connections that it is for: its criteria, its time and its exemptions. */
  readonly matches: Predicate
  readonly halts: boolean
  /** Names of the targets that are enabled. */
  readonly targets: readonly string[]
  /** Fields that its expressions ask for. */
  readonly fields: ReadonlySet<string>
}

/** A target, its settings checked. */
export interface PolicyTarget {
  readonly name: string
  readonly type: string
  readonly kind: AnyTargetKind
  readonly settings: unknown
  readonly needs: readonly KernelNeed[]
}

/** A policy in force: compiled once, never changed; a reload makes a new one. */
export interface Policy {
  readonly file: string
  readonly format: 'flowledger' | 'netify'
  readonly reevaluates: boolean
  readonly hasBaseline: boolean
  readonly actions: readonly PolicyAction[]
  readonly targets: readonly PolicyTarget[]
  readonly labels: ConnectionLabels
  readonly wans: Wans | undefined
  readonly isExempt: Predicate
  readonly warnings: readonly PolicyProblem[]
}

/** What reading a policy needs beside its file. */
export interface PolicyContext {
  readonly names: CriteriaNames
  /** Zone of times of day where the file names none; left out: that of the system. */
  readonly timeZone?: string | undefined
}
