import type { Gap } from '../model/coverage.ts'
import type { Columns } from '../model/flow-batch.ts'
import { maxSliceUs } from '../model/limits.ts'

/** What claims to be further ahead than this is of no time that anybody will ask about (us). */
const believableUs = 366 * 86_400e6

/** A gap of one source. */
export interface SourceGap {
  readonly source: number
  readonly gaps: readonly Gap[]
}

/**
 * Rows that are refused since they start too far ahead. Where our clock is behind they are right,
 * and their source says that it has told them: what is missing has to be a gap.
 */
export class LostAhead {
  readonly #gaps = new Map<number, Gap>()

  clear(): void {
    this.#gaps.clear()
  }

  /** @param source its id in `ledger.source` */
  add(source: number, columns: Columns, row: number, nowUs: number): void {
    const startUs = columns.flowStartMicroseconds[row] ?? 0
    if (startUs > nowUs + believableUs) return
    const endUs = Math.max(startUs, columns.flowEndMicroseconds[row] ?? 0)
    const before = this.#gaps.get(source)
    this.#gaps.set(source, {
      fromUs: Math.min(startUs, before?.fromUs ?? Infinity),
      toUs: Math.max(Math.min(endUs, startUs + maxSliceUs), before?.toUs ?? -Infinity),
      reason: 'limit',
      lost: (before?.lost ?? 0) + 1,
    })
  }

  /** A gap for each source that lost some. */
  list(): SourceGap[] {
    return [...this.#gaps].map(([source, gap]) => ({ source, gaps: [gap] }))
  }
}
