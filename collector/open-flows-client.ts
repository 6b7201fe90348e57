import { createConnection } from 'node:net'
import { FlowledgerError } from '../model/errors.ts'
import type { OpenFlows, OpenFlowsAnswer } from '../model/open-flows.ts'
import type { SliceQuery } from '../model/slice.ts'
import { answerLine, encodeQueries, maxWireBytes, maxWireQueries } from './open-flows-wire.ts'

/** How long the collector may take: it reads, writes and commits before it answers. */
const answerMs = 10_000

function exchange(path: string, query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let text = ''
    const fail = (cause: unknown): void => {
      socket.destroy()
      reject(
        new FlowledgerError('not-running', 'The collector cannot be reached.', {
          fix: 'Start it with "flowledger up" or "flowledger collect".',
          cause,
        })
      )
    }
    socket.setTimeout(answerMs, () => fail(new Error('no answer in time')))
    socket.on('error', fail)
    socket.on('connect', () => socket.write(query))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.length > maxWireBytes) fail(new Error('the answer is too long'))
    })
    socket.on('end', () => (text.endsWith('\n') ? resolve(text) : fail(new Error('cut short'))))
  })
}

/** What is no JSON is undefined, which no answer is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Answers = readonly (readonly OpenFlowsAnswer[])[]

async function askOnce(path: string, queries: readonly SliceQuery[]): Promise<Answers> {
  const parsed = answerLine.safeParse(parseJson(await exchange(path, encodeQueries(queries))))
  if (
    !parsed.success ||
    ('answers' in parsed.data && parsed.data.answers.length < queries.length)
  ) {
    throw new FlowledgerError('not-running', 'The collector answers in another form.', {
      fix: 'Restart it: it is of another version.',
      cause: parsed.error,
    })
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
