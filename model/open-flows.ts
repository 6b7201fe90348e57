import type { Progress } from './coverage.ts'
import type { Slice, SliceQuery } from './slice.ts'

/** The open flows of one source that meet a query, as of `watermarkUs`. */
export interface OpenFlowsAnswer extends Progress {
  readonly source: string
  readonly flows: readonly Slice[]
  /** True where the query's limit cut the list. */
  readonly cut: boolean
}

/**
 * The collector, as look-ups see it. An answer is given only after every event up to the call was
 * read and every flow that has ended by then is committed to the ledger: who reads the ledger
 * **after** the answer misses nothing.
 */
export interface OpenFlows {
  /** @throws FlowledgerError `not-running` where no collector can be reached */
  query(query: SliceQuery): Promise<readonly OpenFlowsAnswer[]>
  /** As `query`, for many queries at a time: one answer for each, in their order. */
  queryAll?(queries: readonly SliceQuery[]): Promise<readonly (readonly OpenFlowsAnswer[])[]>
}
