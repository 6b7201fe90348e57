import { MessageChannel } from 'node:worker_threads'
import type { MessagePort, Worker } from 'node:worker_threads'
import type { FollowerSetup, FollowerStatus, FromFollower, ToFollower } from './messages.ts'
import { startThread } from '../start-thread.ts'
import type { Progress } from '../../model/coverage.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { errorOf } from '../thread-failure.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

/** What the follower says to one query. */
export interface OpenAnswer extends Progress {
  readonly flows: readonly Slice[]
  readonly cut: boolean
  /** Up to here the spool must be in the ledger before the ledger is read. */
  readonly position: SpoolPosition
}

interface Gathered {
  readonly query: SliceQuery
  readonly resolve: (answer: OpenAnswer) => void
  readonly reject: (error: FlowledgerError) => void
}

/** The main thread's hold on the thread that follows conntrack. */
export class FollowerThread {
  /** Why the thread has ended though nobody stopped it. */
  failure: FlowledgerError | undefined
  private readonly worker: Worker
  /** Resolves when the thread is over, stopped or failed. */
  readonly ended: Promise<void>
  private readonly waiting = new Map<number, (message: FromFollower | undefined) => void>()
  private nextId = 1
  /** Queries of this moment, which are about to be asked. */
  private gathered: Gathered[] = []
  private stopped = false

  private constructor(worker: Worker) {
    this.worker = worker
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.stopped)
          this.failure ??= new FlowledgerError('not-running', 'The follower ended.')
        for (const resolveOne of this.waiting.values()) resolveOne(undefined)
        this.waiting.clear()
        resolve()
      })
    })
    worker.on('error', (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.failure = new FlowledgerError('not-running', `The follower failed: ${message}`)
    })
    worker.on('message', (message: FromFollower) => this.take(message))
  }

  /**
   * Starts following; resolves once events gather.
   *
   * @throws FlowledgerError `permission-missing`, `conntrack-missing` where this host does not
   *   allow it
   */
  static async start(setup: FollowerSetup): Promise<FollowerThread> {
    const thread = new FollowerThread(startThread(new URL('./worker.ts', import.meta.url), setup))
    await new Promise<void>((resolve) => {
      thread.waiting.set(0, () => resolve())
    })
    if (thread.failure !== undefined) throw thread.failure
    return thread
  }

  /**
   * Open flows as of now; see OpenFlows for what else must be waited for. The follower reads
   * through its table for each message, so queries of the same moment go together.
   */
  query(query: SliceQuery): Promise<OpenAnswer> {
    if (this.gathered.length === 0) setImmediate(() => void this.askGathered())
    return new Promise((resolve, reject) => this.gathered.push({ query, resolve, reject }))
  }

  private async askGathered(): Promise<void> {
    const group = this.gathered
    this.gathered = []
    const queries = group.map(({ query }) => query)
    const message = await this.ask((id) => ({ type: 'query', id, queries }))
    if (message?.type !== 'answer') {
      for (const { reject } of group) reject(this.gone())
      return
    }
    const { found, watermarkUs, closedThroughUs, position } = message
    for (const [index, { resolve }] of group.entries()) {
      const { flows, cut } = found[index] ?? { flows: [], cut: true }
      resolve({ flows, cut, watermarkUs, closedThroughUs, position })
    }
  }

  async status(): Promise<FollowerStatus> {
    const message = await this.ask((id) => ({ type: 'status', id }))
    if (message?.type !== 'status') throw this.gone()
    return message.status
  }

  /** What may change while it runs. */
  reload(settings: Pick<FollowerSetup, 'networks' | 'activeTimeoutUs'>): void {
    const { networks, activeTimeoutUs } = settings
    const message: ToFollower = { type: 'reload', networks, activeTimeoutUs }
    this.worker.postMessage(message)
  }

  /** Opens a way for verdicts; whoever classifies gets this end of it. */
  openVerdicts(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const message: ToFollower = { type: 'verdicts', port: port2 }
    this.worker.postMessage(message, [port2])
    return port1
  }

  /** Ends after everything that has happened so far is in the spool. */
  async stop(): Promise<void> {
    this.stopped = true
    const stop: ToFollower = { type: 'stop' }
    this.worker.postMessage(stop)
    await this.ended
  }

  private gone(): FlowledgerError {
    return this.failure ?? new FlowledgerError('not-running', 'The follower has stopped.')
  }

  private ask(build: (id: number) => ToFollower): Promise<FromFollower | undefined> {
    if (this.stopped || this.failure !== undefined) return Promise.resolve(undefined)
    const id = this.nextId++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.worker.postMessage(build(id))
    })
  }

  private take(message: FromFollower): void {
    if (message.type === 'failed') this.failure = errorOf(message)
    const id = message.type === 'ready' || message.type === 'failed' ? 0 : message.id
    this.waiting.get(id)?.(message)
    this.waiting.delete(id)
  }
}
