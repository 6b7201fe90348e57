import { FlowledgerError } from '../model/errors.ts'
import type { OpenFlows, OpenFlowsAnswer } from '../model/open-flows.ts'
import type { SliceQuery } from '../model/slice.ts'
import { answerLine, encodeQueries, maxWireQueries } from './open-flows-wire.ts'
import { exchange, otherForm, parseJson } from './socket-exchange.ts'

type Answers = readonly (readonly OpenFlowsAnswer[])[]

async function askOnce(path: string, queries: readonly SliceQuery[]): Promise<Answers> {
  const parsed = answerLine.safeParse(parseJson(await exchange(path, encodeQueries(queries))))
  if (
    !parsed.success ||
    ('answers' in parsed.data && parsed.data.answers.length < queries.length)
  ) {
    throw otherForm(parsed.error)
  }
  if ('error' in parsed.data) {
    const message = `The collector cannot answer: ${parsed.data.error}`
    throw new FlowledgerError('not-running', message)
  }
  return parsed.data.answers
}

/** Asks the collector that owns the socket at `path`. */
export function openFlowsAt(path: string): OpenFlows {
  const queryAll = async (queries: readonly SliceQuery[]): Promise<Answers> => {
    const answers: (readonly OpenFlowsAnswer[])[] = []
    for (let from = 0; from < queries.length; from += maxWireQueries) {
      answers.push(...(await askOnce(path, queries.slice(from, from + maxWireQueries))))
    }
    return answers
  }
  return { queryAll, query: async (query) => (await queryAll([query]))[0] ?? [] }
}
