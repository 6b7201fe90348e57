/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { queryText } from '../ask.ts'
import type { Query } from '../ask.ts'

interface PagerProperties {
  readonly path: string
  readonly query: Query
  /** Where the next page begins; null: this is the last. */
  readonly next: string | null
}

/** The way to the next page, where there is one; back leads the browser itself. */
export const Pager = ({ path, query, next }: PagerProperties) =>
  next === null ? null : (
    <p class="pager">
      <a rel="next" href={path + queryText({ ...query, cursor: next })}>
        Next page
      </a>
    </p>
  )
