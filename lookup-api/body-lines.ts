import { ByteLengthQueuingStrategy, TransformStream } from 'node:stream/web'
import type { ReadableStream } from 'node:stream/web'
import { maxBatchBytes, maxLineBytes } from '../model/limits.ts'
import { ProblemError } from './problem.ts'

/** A line without its end; `tooLong` where it had more characters than are taken. */
export interface BodyLine {
  readonly text: string
  readonly tooLong: boolean
}

/** Cuts chunks of text into lines; one that is too long is let go as it comes. */
class LineCutter {
  #rest = ''
  #overlong = false

  /** The lines that a chunk ends, without those that are blank. */
  push(chunk: string): BodyLine[] {
    const [first = '', ...others] = chunk.split('\n')
    this.#keep(first)
    return others.flatMap((text) => {
      const line = this.#take()
      this.#keep(text)
      return line
    })
  }

  /** What stands behind the last line feed. */
  end(): BodyLine[] {
    return this.#take()
  }

  #keep(text: string): void {
    this.#rest += text
    if (this.#rest.length <= maxLineBytes) return
    this.#overlong = true
    this.#rest = ''
  }

  #take(): BodyLine[] {
    const text = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest
    const tooLong = this.#overlong
    this.#rest = ''
    this.#overlong = false
    return tooLong || text.trim() !== '' ? [{ text, tooLong }] : []
  }
}

/** How long nothing may come while something is awaited. */
const idleMs = 30_000

/**
 * Octets that are read ahead of who takes them. A client that sends everything before it reads
 * anything gets through up to there; one that sends more has to read meanwhile.
 */
const aheadBytes = 4 << 20

/**
 * Reads ahead, and ends what has too many octets or does not go on.
 *
 * @throws ProblemError 413, 408
 */
function readAhead(signal: AbortSignal): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  return new TransformStream<Uint8Array, Uint8Array>(
    {
      start(controller) {
        timer = setInterval(() => {
          // While nobody takes what is here already, nothing is awaited.
          if ((controller.desiredSize ?? 0) <= 0) return
          clearInterval(timer)
          controller.error(new ProblemError(408, 'timeout', 'The rows did not go on.'))
        }, idleMs).unref()
        signal.addEventListener('abort', () => clearInterval(timer))
      },
      transform(chunk, controller) {
        timer?.refresh()
        bytes += chunk.length
        if (bytes <= maxBatchBytes) controller.enqueue(chunk)
        else {
          const message = `A batch has at most ${maxBatchBytes} bytes.`
          controller.error(new ProblemError(413, 'too-large', message))
        }
      },
      flush: () => clearInterval(timer),
    },
    undefined,
    new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes })
  )
}

/**
 * The lines of a body (UTF-8; a byte order mark and blank lines are passed over) as they come.
 *
 * @param signal to be aborted at the end, whatever it was
 * @throws ProblemError 413 for a body that is too long, 408 for one that stops; what the body fails
 *   with where the client went away
 */
export async function* bodyLines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal
): AsyncGenerator<BodyLine> {
  const decoder = new TextDecoder()
  const cutter = new LineCutter()
  for await (const chunk of body.pipeThrough(readAhead(signal), { signal })) {
    yield* cutter.push(decoder.decode(chunk, { stream: true }))
  }
  yield* cutter.push(decoder.decode())
  yield* cutter.end()
}
