import type { Worker } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import type {
  LivePage,
  LiveQuery,
  RuleChanges,
  RulesAct,
  SeenHost,
} from '../../model/live-flows.ts'
import type { Log } from '../../model/log.ts'
import type { PolicyConfig } from '../../model/policy-settings.ts'
import type { CaptureSetup, CaptureStatus, FromCapture, ToCapture } from './messages.ts'
import type { UnknownClusters } from '../../model/unknown-cluster.ts'
import type { NamingConfig } from './naming.ts'
import { startThread } from '../start-thread.ts'
import { errorOf } from '../thread-failure.ts'

/** The main thread's hold on the thread that classifies. */
export class CaptureThread {
  /** What it opened, in plain sentences. */
  lines: readonly string[] = []
  /** Why the thread has ended though nobody stopped it. */
  failure: FlowledgerError | undefined
  /** Resolves when the thread is over, stopped or failed. */
  readonly ended: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, (message: FromCapture | undefined) => void>()
  #nextId = 1
  #isOver = false

  private constructor(worker: Worker, log: Log) {
    this.#worker = worker
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.#isOver) this.failure ??= new FlowledgerError('not-running', 'It has ended.')
        this.#isOver = true
        for (const answer of this.#waiting.values()) answer(undefined)
        this.#waiting.clear()
        resolve()
      })
    })
    worker.on('error', (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.failure = new FlowledgerError('not-running', message)
    })
    worker.on('message', (message: FromCapture) => {
      if (message.type === 'log') log[message.level](message.text)
      else this.#take(message)
    })
  }

  /**
   * Starts to classify; resolves once the group is bound and the stream is open.
   *
   * @throws FlowledgerError `permission-missing`, `port-in-use`, `rules-invalid`, `stream-unusable`
   */
  static async start(setup: CaptureSetup, log: Log): Promise<CaptureThread> {
    const thread = new CaptureThread(
      startThread(
        new URL('./worker.ts', import.meta.url),
        setup,
        setup.follower === undefined ? {} : { transferList: [setup.follower] }
      ),
      log
    )
    await new Promise<unknown>((resolve) => thread.#waiting.set(0, resolve))
    if (thread.failure !== undefined) {
      await thread.ended
      throw thread.failure
    }
    return thread
  }

  /** Undefined once the thread is over. */
  async status(): Promise<CaptureStatus | undefined> {
    const message = await this.#ask((id) => ({ type: 'status', id }))
    return message?.type === 'status' ? message.status : undefined
  }

  /** @throws FlowledgerError where rules cannot be used; those in force stay */
  async reload(naming: NamingConfig, policy?: PolicyConfig): Promise<void> {
    const message = await this.#ask((id) => ({ type: 'reload', id, naming, policy }))
    if (message?.type === 'failed') throw errorOf(message)
  }

  /** @throws FlowledgerError `rules-invalid` for a filter that cannot be read */
  async live(query: LiveQuery): Promise<LivePage | undefined> {
    const message = await this.#ask((id) => ({ type: 'live', id, query }))
    if (message?.type === 'failed') throw errorOf(message)
    return message?.type === 'live' ? message.page : undefined
  }

  async hosts(): Promise<readonly SeenHost[] | undefined> {
    const message = await this.#ask((id) => ({ type: 'hosts', id }))
    return message?.type === 'hosts' ? message.hosts : undefined
  }

  async unknown(limit: number): Promise<UnknownClusters | undefined> {
    const message = await this.#ask((id) => ({ type: 'unknown', id, limit }))
    return message?.type === 'unknown' ? message.unknown : undefined
  }

  /** @throws FlowledgerError `rules-invalid` */
  async rules(act: RulesAct): Promise<RuleChanges | undefined> {
    const message = await this.#ask((id) => ({ type: 'rules', id, act }))
    if (message?.type === 'failed') throw errorOf(message)
    return message?.type === 'rules' ? message.changes : undefined
  }

  /** @throws FlowledgerError where the text names no flow */
  async explain(flow: string): Promise<readonly string[] | undefined> {
    const message = await this.#ask((id) => ({ type: 'explain', id, flow }))
    if (message?.type === 'failed') throw errorOf(message)
    return message?.type === 'explained' ? message.texts : undefined
  }

  /** Ends after every open connection was told of as over. */
  async stop(): Promise<void> {
    if (!this.#isOver) this.#worker.postMessage({ type: 'stop' } satisfies ToCapture)
    this.#isOver = true
    await this.ended
  }

  #ask(message: (id: number) => ToCapture): Promise<FromCapture | undefined> {
    if (this.#isOver) return Promise.resolve(undefined)
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#worker.postMessage(message(id))
    })
  }

  #take(message: Exclude<FromCapture, { type: 'log' }>): void {
    if (message.type === 'failed' && message.id === 0) this.failure = errorOf(message)
    if (message.type === 'ready') this.lines = message.lines
    this.#waiting.get(message.id)?.(message)
    this.#waiting.delete(message.id)
  }
}
