import { compileCriteria } from '../../criteria/compile.ts'
import type { Predicate } from '../../criteria/criteria.ts'
import type { CriteriaNames } from '../../criteria/names.ts'
import type { LivePage, LiveQuery } from '../../model/live-flows.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'

/** Flows that are remembered for who looks on; older ones are forgotten. */
const remembered = 2000
/** Expressions that are kept compiled. */
const maxFilters = 32

/**
 * The last flows that were classified, for people who watch. Whoever watches asks for what is new,
 * so one who is slow misses flows, and holds up nobody.
 */
export class LiveWindow<T> {
  /** Flows that were seen in all; the number of the last one. */
  last = 0
  readonly #ring: T[] = []
  readonly #filters = new Map<string, Predicate>()
  #names: CriteriaNames | undefined
  readonly #viewOf: (seen: T) => StreamedFlow

  /** @param viewOf makes what is shown of a flow, once somebody looks */
  constructor(viewOf: (seen: T) => StreamedFlow) {
    this.#viewOf = viewOf
  }

  /** Those that are remembered, in no order. */
  get remembered(): readonly T[] {
    return this.#ring
  }

  add(flow: T): void {
    this.#ring[this.last % remembered] = flow
    this.last++
  }

  /**
   * What is new since a number.
   *
   * @param names what the filter's names mean, by the rules in force
   * @throws CriteriaError where the filter cannot be read
   */
  since({ after, limit, filter }: LiveQuery, names: CriteriaNames): LivePage {
    const matches = filter === undefined ? undefined : this.#filterOf(filter, names)
    const oldest = Math.max(0, this.last - remembered)
    const from = Math.min(Math.max(after, oldest), this.last)
    const flows: StreamedFlow[] = []
    for (let n = from; n < this.last; n++) {
      const seen = this.#ring[n % remembered]
      if (seen === undefined) continue
      const flow = this.#viewOf(seen)
      if (matches?.(flow) ?? true) flows.push(flow)
    }
    const missed = after === 0 ? 0 : Math.max(0, oldest - after)
    const kept = flows.slice(-limit)
    return { flows: kept, last: this.last, missed: missed + flows.length - kept.length }
  }

  #filterOf(text: string, names: CriteriaNames): Predicate {
    if (this.#names !== names) this.#filters.clear()
    this.#names = names
    const known = this.#filters.get(text)
    if (known !== undefined) return known
    const { matches } = compileCriteria(text, { names })
    if (this.#filters.size >= maxFilters) this.#filters.clear()
    this.#filters.set(text, matches)
    return matches
  }
}
