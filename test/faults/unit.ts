import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startFlowledger } from '../cli/run-flowledger.ts'
import { until } from '../until.ts'

/** How a process of the program is started. */
export interface UnitOptions {
  readonly argv: readonly string[]
  /** What it says once it is ready. */
  readonly ready: string
  readonly environment: Readonly<Record<string, string>>
  /** The network that it is in; left out: this process's. */
  readonly namespace?: string | undefined
}

/** A process of the program, as a unit of systemd starts it, and starts it again. */
export class Unit {
  child: ChildProcess | undefined
  /** What it said since its last start. */
  log = ''
  readonly #options: UnitOptions

  constructor(options: UnitOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && !this.child.signalCode
  }

  /** Whether it runs, and what it said last. */
  get state(): string {
    const { exitCode, signalCode } = this.child ?? {}
    const end = signalCode ?? exitCode
    const what = this.isRunning ? 'runs' : `ended (${end ?? 'never begun'})`
    return `${this.#options.argv[0]} ${what}:\n${this.log.slice(-2000)}`
  }

  /** Starts it where it does not run, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.isRunning) return
    const { argv, ready, environment, namespace } = this.#options
    this.log = ''
    const child = startFlowledger(argv, environment, namespace)
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    }
    await until(() => {
      if (!this.isRunning) throw new Error(`${argv[0]} ended:\n${this.log}`)
      return this.log.includes(ready)
    })
  }

  /** Ends it by a signal, and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning || this.child === undefined) return
    const gone = once(this.child, 'close')
    this.child.kill(signal)
    await gone
  }
}
