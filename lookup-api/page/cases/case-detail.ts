import type { CaseJson, DeadlineJson, EntryJson, HoldJson } from '../../cases/present.ts'

/** A case with a page of its history, as the API gives it. */
export interface CaseDetail extends CaseJson {
  readonly deadlines: readonly DeadlineJson[]
  readonly holds: readonly HoldJson[]
  readonly history: readonly EntryJson[]
  readonly next: string | null
}
