import type { RetentionRule } from '../../model/retention.ts'
import { retentionFields } from '../../model/retention-kinds.ts'
import type { RetentionField } from '../../model/retention-kinds.ts'
import type { Database } from '../database.ts'
import type { PastSource } from './edges.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import type { PastField } from './purge-fields.ts'

/** One purge that is due: what it would do, and how to do it. */
export interface DuePurge {
  readonly kind: string
  readonly subject: string
  readonly field?: string | undefined
  readonly act: string
  readonly rules: readonly string[]
  /** How many rows it is about, those of holds among them. */
  readonly rows: number
  run(context: PurgeContext): Promise<PurgeFacts | undefined>
}

/** What retention goes by. */
export interface RetentionBasis {
  readonly database: Database
  readonly rules: readonly RetentionRule[]
  readonly nowUs: number
  /** The directory of the archive; left out: its files are let be. */
  readonly archive?: string
}

export const rulesOf = (past: readonly { readonly rule: RetentionRule }[]): readonly string[] => [
  ...new Set(past.map(({ rule }) => rule.text)),
]

/** Fields that are past, by what they leave. */
export const pastFields = (
  pastOf: (field: RetentionField) => readonly PastSource[]
): readonly PastField[] =>
  retentionFields.flatMap((field) => {
    const all = pastOf(field)
    return (['nothing', 'hash'] as const)
      .map((leave) => ({ field, leave, past: all.filter(({ rule }) => rule.leave === leave) }))
      .filter(({ past }) => past.length > 0)
  })
