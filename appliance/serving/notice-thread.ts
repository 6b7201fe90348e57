import type { Worker } from 'node:worker_threads'
import type { NoticeSettings } from '../../lookup-api/notices/context.ts'
import type { MessageReading } from '../../lookup-api/notices/read.ts'
import { unreadable } from '../../lookup-api/notices/read.ts'
import { ProblemError } from '../../lookup-api/problem.ts'
import { startThread } from '../start-thread.ts'

export interface NoticeQuestion {
  readonly bytes: Uint8Array
  readonly settings: NoticeSettings
  readonly type: string
}

export type NoticeReply = { readonly reading: MessageReading } | { readonly failed: string }

/** How long one notice may be read, and what of memory it may take; none of ours comes near. */
export interface NoticeBounds {
  readonly mostMs: number
  readonly mostMegabytes: number
  /** Notices that wait for the one that is being read. */
  readonly mostWaiting: number
}

const usual: NoticeBounds = { mostMs: 20_000, mostMegabytes: 512, mostWaiting: 8 }

/** A thread that nobody needed for so long is ended, for its memory. */
const idleMs = 60_000

/**
 * Reads notices in a thread of its own, one after the other: a mail of many megabytes delays
 * no other answer. One that takes too long or too much is given up with its thread.
 */
export class NoticeThread {
  readonly #bounds: NoticeBounds
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(bounds: Partial<NoticeBounds> = {}) {
    this.#bounds = { ...usual, ...bounds }
  }

  /**
   * As `readMessage`; one that was given up is a reading that says so.
   *
   * @throws ProblemError 429 where too many wait
   */
  async read(bytes: Uint8Array, settings: NoticeSettings, type = ''): Promise<MessageReading> {
    if (this.#waiting > this.#bounds.mostWaiting) {
      const message = 'Too many notices are being read. Send it again in a while.'
      const headers = { 'Retry-After': '10' }
      throw new ProblemError(429, 'too-many-requests', message, { headers })
    }
    this.#waiting++
    const turn = this.#last
      .then(() => this.#ask({ bytes, settings, type }))
      .finally(() => this.#waiting--)
    this.#last = turn.catch(() => {})
    return await turn
  }

  /** Ends the thread; what is being read is given up. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const limits = { maxOldGenerationSizeMb: this.#bounds.mostMegabytes }
    const worker = startThread(new URL('./notice-worker.ts', import.meta.url), undefined, {
      resourceLimits: limits,
    })
    worker.unref()
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }

  async #ask(question: NoticeQuestion): Promise<MessageReading> {
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    const { mostMs } = this.#bounds
    try {
      return await replyOf(worker, question, mostMs)
    } catch (error) {
      if (this.#worker === worker) this.#worker = undefined
      await worker.terminate()
      if (!(error instanceof GivenUp)) throw error
      return unreadable(error.message)
    } finally {
      this.#idle = setTimeout(() => void this.#worker?.terminate(), idleMs).unref()
    }
  }
}

class GivenUp extends Error {}

function replyOf(worker: Worker, question: NoticeQuestion, ms: number): Promise<MessageReading> {
  return new Promise((resolve, reject) => {
    const late = `Reading it took more than ${ms / 1000} s.`
    const timer = setTimeout(() => end(() => reject(new GivenUp(late))), ms)
    const end = (how: () => void): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      // It reports again while it is being ended.
      worker.on('error', () => {})
      how()
    }
    const onMessage = (reply: NoticeReply): void =>
      end(() => ('reading' in reply ? resolve(reply.reading) : reject(new Error(reply.failed))))
    const onError = (error: NodeJS.ErrnoException): void => {
      const large = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      const what = 'Reading it took more memory than it may.'
      end(() => reject(large ? new GivenUp(what) : error))
    }
    const onExit = (): void => end(() => reject(new GivenUp('Reading it was ended.')))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(question)
  })
}
