/** What several parts of the collector hold open, as one. */
import type { OpenFlows } from '../../model/open-flows.ts'

/**
 * One answer of all: what one of them cannot tell, nobody vouches for, and its error is the
 * answer's.
 */
export function joinOpenFlows(parts: readonly OpenFlows[]): OpenFlows {
  const queryAll: Required<OpenFlows>['queryAll'] = async (queries) => {
    const answers = await Promise.all(
      parts.map(
        (part) => part.queryAll?.(queries) ?? Promise.all(queries.map((q) => part.query(q)))
      )
    )
    return queries.map((_, index) => answers.flatMap((answer) => answer[index] ?? []))
  }
  return { queryAll, query: async (query) => (await queryAll([query]))[0] ?? [] }
}
