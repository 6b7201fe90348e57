import { statSync } from 'node:fs'
import { join } from 'node:path'
import { FlowledgerError } from '../model/errors.ts'
import { listSegments, segmentName } from './spool-segments.ts'
import type { SpoolPosition } from './spool-position.ts'

/** How long segments are missing before that is said (ms): their first one may be about to come. */
const missingMs = 3000

/**
 * Sees that a spool still has what the ledger's cursor stands in. Where its segments were removed
 * and its identity kept, it numbers anew, and what it takes stands before the cursor: who reads
 * would wait there for ever, and the flows with him.
 */
export class OwnSegments {
  readonly #directory: string
  #missingSinceMs: number | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws FlowledgerError `spool-corrupt` once they have been missing for a while */
  require({ segment, offset }: SpoolPosition): void {
    const last = listSegments(this.#directory).at(-1) ?? 0
    if (last > segment || (last === segment && this.#octetsOf(last, offset) >= offset)) {
      this.#missingSinceMs = undefined
      return
    }
    this.#missingSinceMs ??= performance.now()
    if (performance.now() - this.#missingSinceMs < missingMs) return
    const what = `Segments of ${this.#directory} that the ledger has read were removed`
    throw new FlowledgerError('spool-corrupt', `${what}, and it numbers anew.`, {
      fix: 'Stop flowledger, put them back or move identity.json away too, and start it again.',
    })
  }

  #octetsOf(segment: number, offset: number): number {
    if (offset === 0) return 0
    const path = join(this.#directory, segmentName(segment))
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }
}
