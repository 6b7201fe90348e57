import type { Worker } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import { errorOf } from '../thread-failure.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { SliceQuery } from '../../model/slice.ts'
import type { FromSyslog, SyslogSetup, SyslogStatus, ToSyslog } from './messages.ts'
import { startThread } from '../start-thread.ts'

type Answer = Extract<FromSyslog, { type: 'answer' }>

/** The main thread's hold on the thread that receives syslog. */
export class SyslogThread {
  /** Why the thread has ended though nobody stopped it. */
  failure: FlowledgerError | undefined
  addresses: readonly string[] = []
  /** Resolves when the thread is over, stopped or failed. */
  readonly ended: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, (message: FromSyslog | undefined) => void>()
  #nextId = 1
  #isStopped = false

  private constructor(worker: Worker) {
    this.#worker = worker
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.#isStopped) {
          this.failure ??= new FlowledgerError('not-running', 'The syslog receiver ended.')
        }
        for (const resolveOne of this.#waiting.values()) resolveOne(undefined)
        this.#waiting.clear()
        resolve()
      })
    })
    worker.on('error', (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.failure = new FlowledgerError('not-running', `The syslog receiver failed: ${message}`)
    })
    worker.on('message', (message: FromSyslog) => this.#take(message))
  }

  /**
   * Starts to receive; resolves once the sockets are open.
   *
   * @throws FlowledgerError `port-in-use`, `usage`, `config-invalid`
   */
  static async start(setup: SyslogSetup): Promise<SyslogThread> {
    const thread = new SyslogThread(startThread(new URL('./worker.ts', import.meta.url), setup))
    await new Promise<void>((resolve) => {
      thread.#waiting.set(0, () => resolve())
    })
    if (thread.failure !== undefined) throw thread.failure
    return thread
  }

  /** @throws FlowledgerError `not-running` */
  async query(queries: readonly SliceQuery[]): Promise<Answer> {
    const message = await this.#ask((id) => ({ type: 'query', id, queries }))
    if (message?.type === 'answer') return message
    throw this.failure ?? new FlowledgerError('not-running', 'The syslog receiver has ended.')
  }

  async status(): Promise<SyslogStatus | undefined> {
    const message = await this.#ask((id) => ({ type: 'status', id }))
    return message?.type === 'status' ? message.status : undefined
  }

  useNetworks(networks: Networks): void {
    this.#post({ type: 'networks', networks })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#post({ type: 'stop' })
    await this.ended
  }

  #post(message: ToSyslog): void {
    this.#worker.postMessage(message)
  }

  #ask(message: (id: number) => ToSyslog): Promise<FromSyslog | undefined> {
    if (this.failure !== undefined || this.#isStopped) return Promise.resolve(undefined)
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#post(message(id))
    })
  }

  #take(message: FromSyslog): void {
    if (message.type === 'failed') this.failure = errorOf(message)
    if (message.type === 'ready') this.addresses = message.addresses
    const id = 'id' in message ? message.id : 0
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(message)
  }
}
