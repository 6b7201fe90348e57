import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../../model/log.ts'

/** What can be written to a file and read back. */
export interface Kept {
  save(path: string, nowUs: number): Promise<void>
  /** Returns how many lines were passed over as damaged. */
  load(path: string, nowUs: number): number
}

export interface KeptFile {
  readonly what: Kept
  readonly path: string
}

/** Least time between two rounds of writing, ms. */
const leastPauseMs = 2000
/** A round is followed by a pause of so many times as long: writing takes a thousandth at most. */
const pausesPerRound = 1000
const mostPauseMs = 600_000

const nowUs = (): number => Date.now() * 1000

/**
 * Keeps what was learned over a restart: read at the start, written now and then, so that a process
 * that is killed loses little, and whole at the end. A full disk keeps nobody from learning.
 */
export class KeptFiles {
  private readonly files: readonly KeptFile[]
  private readonly log: Log
  private timer: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()
  private isStopped = false
  private hasFailed = false

  /** Reads what was kept. */
  constructor(files: KeptFiles['files'], log: Log) {
    this.files = files
    this.log = log
    for (const { what, path } of files) {
      mkdirSync(dirname(path), { recursive: true })
      const damaged = what.load(path, nowUs())
      if (damaged > 0) log.warn(`${damaged} lines of ${path} are damaged, and were passed over.`)
    }
    this.writeLater(leastPauseMs)
  }

  /** Writes everything for the last time. */
  async stop(): Promise<void> {
    this.isStopped = true
    clearTimeout(this.timer)
    await this.writing
    for (const { what, path } of this.files) {
      try {
        await what.save(path, nowUs())
      } catch (error) {
        this.failed(path, error)
      }
    }
  }

  private writeLater(pauseMs: number): void {
    this.timer = setTimeout(() => {
      this.writing = this.write()
    }, pauseMs)
    // Whoever fails to start is not kept up by it.
    this.timer.unref()
  }

  private async write(): Promise<void> {
    const beganMs = performance.now()
    for (const { what, path } of this.files) {
      if (this.isStopped) return
      try {
        await what.save(path, nowUs())
        this.hasFailed = false
      } catch (error) {
        this.failed(path, error)
      }
    }
    const pauseMs = (performance.now() - beganMs) * pausesPerRound
    if (!this.isStopped) this.writeLater(Math.min(mostPauseMs, Math.max(leastPauseMs, pauseMs)))
  }

  /** Said once, not each round. */
  private failed(path: string, error: unknown): void {
    if (!this.hasFailed)
      this.log.warn(`What was learned cannot be kept in ${path}: ${String(error)}`)
    this.hasFailed = true
  }
}
