import { createConnection } from 'node:net'
import { FlowledgerError } from '../model/errors.ts'
import { maxWireBytes } from './open-flows-wire.ts'

/** How long the collector may take: it reads, writes and commits before it answers. */
const answerMs = 10_000

/**
 * Asks the collector that owns the socket at `path` one line, and gives the line that it answers.
 *
 * @throws FlowledgerError `not-running`
 */
export function exchange(path: string, query: string): Promise<string> {
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
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The error of an answer that is none of ours. */
export const otherForm = (cause: unknown): FlowledgerError =>
  new FlowledgerError('not-running', 'The collector answers in another form.', {
    fix: 'Restart it: it is of another version.',
    cause,
  })
