import type { GapReason, Progress } from '../../model/coverage.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'

/** Where everything goes that is collected. */
export interface CollectorJournal {
  flows(batch: FlowBatch): void
  events(batch: FlowBatch): void
  /**
   * Keeps what `write` hands over as a whole or, where the program dies, not at all. Left out of a
   * journal that nobody goes on with.
   *
   * @param ids what it is made of, which the next run is told was kept
   */
  once?(ids: readonly string[], write: () => void): void
  /** The number of a source in the spool, safe before its first row; undefined: none left. */
  sourceIndex(name: string): number | undefined
  watchedFrom(source: number, us: number): void
  /** @param source 0: of everybody who is heard */
  gap(source: number, gap: { fromUs: number; toUs: number; reason: GapReason; lost?: number }): void
  progress(of: readonly (Progress & { source: number })[]): void
  /** A gateway has started anew: what it held before has ended. */
  restarted(source: number, atUs: number): void
  /** What tells of a gateway has started anew: whether that holds what it held, nobody knows. */
  doubted(source: number): void
}
