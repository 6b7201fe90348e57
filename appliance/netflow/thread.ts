import type { Worker } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import { errorOf } from '../thread-failure.ts'
import type { ExporterDetail, ExporterHealth } from '../../model/exporter-health.ts'
import type { SliceQuery } from '../../model/slice.ts'
import type {
  FromNetflow,
  NetflowSetup,
  NetflowStatus,
  SourceAnswer,
  ToNetflow,
} from './messages.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'
import { startThread } from '../start-thread.ts'

/** The main thread's hold on the thread that collects NetFlow. */
export class NetflowThread {
  /** Why the thread has ended though nobody stopped it. */
  failure: FlowledgerError | undefined
  /** Resolves when the thread is over, stopped or failed. */
  readonly ended: Promise<void>
  private readonly worker: Worker
  private readonly waiting = new Map<number, (message: FromNetflow | undefined) => void>()
  private nextId = 1
  private stopped = false

  private constructor(worker: Worker) {
    this.worker = worker
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.stopped) {
          this.failure ??= new FlowledgerError('not-running', 'The NetFlow collector ended.')
        }
        for (const resolveOne of this.waiting.values()) resolveOne(undefined)
        this.waiting.clear()
        resolve()
      })
    })
    worker.on('error', (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.failure = new FlowledgerError('not-running', `The NetFlow collector failed: ${message}`)
    })
    worker.on('message', (message: FromNetflow) => this.take(message))
  }

  /**
   * Starts collecting; resolves once every socket is open.
   *
   * @throws FlowledgerError `port-in-use`, `permission-missing`, `config-invalid`
   */
  static async start(setup: NetflowSetup): Promise<NetflowThread> {
    const thread = new NetflowThread(startThread(new URL('./worker.ts', import.meta.url), setup))
    await new Promise<void>((resolve) => {
      thread.waiting.set(0, () => resolve())
    })
    if (thread.failure !== undefined) throw thread.failure
    return thread
  }

  /** What is open, and up to where the spool must be in the ledger before the ledger is read. */
  async query(
    queries: readonly SliceQuery[]
  ): Promise<{ found: readonly (readonly SourceAnswer[])[]; position: SpoolPosition }> {
    const message = await this.ask((id) => ({ type: 'query', id, queries }))
    if (message?.type !== 'answer') throw this.gone()
    return message
  }

  async status(): Promise<NetflowStatus> {
    const message = await this.ask((id) => ({ type: 'status', id }))
    if (message?.type !== 'status') throw this.gone()
    return message.status
  }

  async exporters(): Promise<readonly ExporterHealth[]> {
    const message = await this.ask((id) => ({ type: 'exporters', id }))
    if (message?.type !== 'exporters') throw this.gone()
    return message.exporters
  }

  /** All that is known of one exporter; undefined where there is none of that name. */
  async exporter(name: string): Promise<ExporterDetail | undefined> {
    const message = await this.ask((id) => ({ type: 'exporter', id, name }))
    if (message?.type !== 'exporter') throw this.gone()
    return message.exporter
  }

  /** What may change while it runs. */
  reload(settings: Pick<NetflowSetup, 'networks' | 'netflow'>): void {
    const { networks, netflow } = settings
    const message: ToNetflow = { type: 'reload', networks, netflow }
    this.worker.postMessage(message)
  }

  /** Ends after everything that has come so far is in the spool. */
  async stop(): Promise<void> {
    this.stopped = true
    const stop: ToNetflow = { type: 'stop' }
    this.worker.postMessage(stop)
    await this.ended
  }

  private gone(): FlowledgerError {
    return this.failure ?? new FlowledgerError('not-running', 'The NetFlow collector has stopped.')
  }

  private ask(build: (id: number) => ToNetflow): Promise<FromNetflow | undefined> {
    if (this.stopped || this.failure !== undefined) return Promise.resolve(undefined)
    const id = this.nextId++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.worker.postMessage(build(id))
    })
  }

  private take(message: FromNetflow): void {
    if (message.type === 'failed') this.failure = errorOf(message)
    const id = message.type === 'ready' || message.type === 'failed' ? 0 : message.id
    this.waiting.get(id)?.(message)
    this.waiting.delete(id)
  }
}
