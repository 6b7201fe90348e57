import { FlowledgerError } from '../model/errors.ts'
import type { OpenFlows, OpenFlowsAnswer } from '../model/open-flows.ts'
import type { SliceQuery } from '../model/slice.ts'

type Answers = readonly (readonly OpenFlowsAnswer[])[]

async function askAll(one: OpenFlows, queries: readonly SliceQuery[]): Promise<Answers> {
  return await (one.queryAll?.(queries) ??
    Promise.all(queries.map(async (query) => await one.query(query))))
}

const isNotRunning = (error: unknown): boolean =>
  error instanceof FlowledgerError && error.code === 'not-running'

/**
 * Several collectors asked as one: gateways one behind the other, or side by side. One that cannot
 * be reached is left out of the answer, so that its source vouches for no more than the ledger
 * has. Where none can be reached it fails as one alone does.
 */
export function openFlowsOfAll(collectors: readonly OpenFlows[]): OpenFlows {
  const queryAll = async (queries: readonly SliceQuery[]): Promise<Answers> => {
    const asked = await Promise.allSettled(collectors.map((one) => askAll(one, queries)))
    const failures = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const fault = failures.find((reason) => !isNotRunning(reason))
    if (fault !== undefined || failures.length === collectors.length) throw fault ?? failures[0]
    const answers = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    return queries.map((_, i) => answers.flatMap((answer) => answer[i] ?? []))
  }
  return { queryAll, query: async (query) => (await queryAll([query]))[0] ?? [] }
}
