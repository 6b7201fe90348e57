import type { Worker } from 'node:worker_threads'
import type { ExporterSetup, FromExporter, TargetStatus, ToExporter } from './messages.ts'
import { startThread } from '../start-thread.ts'
import type { Log } from '../../model/log.ts'

/** Feeds that cannot finish are left after so long: their targets go on from there next time. */
const stopMs = 10_000

/** The main thread's hold on the thread that exports. */
export class ExporterThread {
  private readonly worker: Worker
  private readonly ended: Promise<void>
  private readonly waiting = new Map<number, (targets: readonly TargetStatus[]) => void>()
  private nextId = 1
  private gone = false
  private stopping = false

  constructor(setup: ExporterSetup, log: Log) {
    this.worker = startThread(new URL('./worker.ts', import.meta.url), setup)
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', () => {
        this.gone = true
        if (!this.stopping) log.error('Nothing is exported any more: the exporter has ended.')
        for (const answer of this.waiting.values()) answer([])
        this.waiting.clear()
        resolve()
      })
    })
    this.worker.on('error', (error: unknown) => {
      log.error(`The exporter failed: ${error instanceof Error ? error.message : String(error)}`)
    })
    this.worker.on('message', (message: FromExporter) => {
      if (message.type === 'log') log[message.level](message.text)
      if (message.type !== 'status') return
      this.waiting.get(message.id)?.(message.targets)
      this.waiting.delete(message.id)
    })
  }

  /** What each target was told so far; nothing once the thread is over. */
  status(): Promise<readonly TargetStatus[]> {
    if (this.gone) return Promise.resolve([])
    const id = this.nextId++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.post({ type: 'status', id })
    })
  }

  /** Ends after what stands in the spools was told, where targets take it. */
  async stop(): Promise<void> {
    this.stopping = true
    this.post({ type: 'stop' })
    const late = setTimeout(() => void this.worker.terminate(), stopMs)
    await this.ended
    clearTimeout(late)
  }

  private post(message: ToExporter): void {
    this.worker.postMessage(message)
  }
}
