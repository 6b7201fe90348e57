import type { SourceCoverage } from '../model/coverage.ts'
import type { OpenFlowsAnswer } from '../model/open-flows.ts'
import type { SliceQuery } from '../model/slice.ts'
import { coalesce } from './coalesce.ts'
import type {
  AnswerDependencies,
  IdentityQueries,
  LedgerQueries,
  TimeWindow,
} from './dependencies.ts'
import { shareIdentity } from './shared-identity.ts'

/** Questions that share a round trip. */
const together = 128

/**
 * Slices that are read for a question that shares its round trip. Hardly a port meets as many; what
 * does is read by itself, and not by many at a time, so that a batch never holds much.
 */
const sharedSlices = 64

/** Questions of all batches that may hold more than that, each up to what one look-up reads. */
const largeAtOnce = 8

type FoundSlices = Awaited<ReturnType<LedgerQueries['findSlices']>>
type OpenAnswers = readonly OpenFlowsAnswer[]

/** Rooms for what is large; who finds none free waits. */
class Rooms {
  #free = largeAtOnce
  readonly #queue: (() => void)[] = []

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  leave(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

/** What one row of a batch reads through. */
export interface RowReads<Dependencies> {
  readonly deps: Dependencies
  /** To be called when the row is answered. */
  done(): void
}

const limited = (query: SliceQuery): SliceQuery => ({
  ...query,
  limit: Math.min(query.limit, sharedSlices),
})

/** The sources with those gaps alone that one window would have been given. */
function inWindow(sources: readonly SourceCoverage[], window: TimeWindow): SourceCoverage[] {
  return sources.map((source) => {
    const gaps = source.gaps.filter(
      ({ fromUs, toUs }) => fromUs <= window.toUs && toUs >= window.fromUs
    )
    return gaps.length === source.gaps.length ? source : { ...source, gaps }
  })
}

/**
 * Reads for many rows at a time. A row is answered by the same steps in the same order as a
 * question that is asked alone, and each of its steps begins after the one before has ended: only
 * that round trips of several rows are one. What makes `no-match` sound for one makes it sound for
 * the others.
 */
export class SharedReads<Dependencies extends AnswerDependencies> {
  readonly #deps: Dependencies
  readonly #rooms = new Rooms()
  readonly #findSlices: (query: SliceQuery) => Promise<FoundSlices>
  readonly #readCoverage: (window: TimeWindow) => Promise<readonly SourceCoverage[]>
  readonly #queryOpen: (query: SliceQuery) => Promise<OpenAnswers>
  readonly #identity: IdentityQueries | undefined

  /** @param deps read anew for each row, since what is configured may change */
  constructor(deps: Dependencies) {
    this.#deps = deps
    const { ledger, openFlows, identity } = deps
    this.#identity = identity && shareIdentity(identity)
    const { many } = ledger
    this.#findSlices =
      many === undefined
        ? (query) => ledger.findSlices(query)
        : coalesce((queries) => many.findSlices(queries), together)
    this.#readCoverage =
      many === undefined
        ? ({ fromUs, toUs }) => ledger.readCoverage(fromUs, toUs)
        : coalesce(async (windows) => {
            const sources = await many.readCoverage(windows)
            return windows.map((window) => inWindow(sources, window))
          }, together)
    const queryAll = openFlows.queryAll?.bind(openFlows)
    this.#queryOpen =
      queryAll === undefined ? (query) => openFlows.query(query) : coalesce(queryAll, together)
  }

  /** The dependencies of one row. */
  row(): RowReads<Dependencies> {
    const { ledger, openFlows } = this.#deps
    let isLarge = false
    const enlarge = async (): Promise<void> => {
      if (isLarge) return
      isLarge = true
      await this.#rooms.enter()
    }
    const findSlices = async (query: SliceQuery): Promise<FoundSlices> => {
      if (query.port !== undefined) {
        const found = await this.#findSlices(limited(query))
        if (!found.cut) return found
      }
      await enlarge()
      return ledger.findSlices(query)
    }
    const queryOpen = async (query: SliceQuery): Promise<OpenAnswers> => {
      if (query.port !== undefined) {
        const found = await this.#queryOpen(limited(query))
        if (!found.some((one) => one.cut)) return found
      }
      await enlarge()
      return openFlows.query(query)
    }
    const readCoverage = (fromUs: number, toUs: number): Promise<readonly SourceCoverage[]> =>
      this.#readCoverage({ fromUs, toUs })
    return {
      deps: {
        ...this.#deps,
        ledger: { ...ledger, findSlices, readCoverage },
        openFlows: { ...openFlows, query: queryOpen },
        ...(this.#identity === undefined ? {} : { identity: this.#identity }),
      },
      done: () => {
        if (isLarge) this.#rooms.leave()
      },
    }
  }
}
