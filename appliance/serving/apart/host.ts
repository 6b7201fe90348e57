/**
 * Keeps the process of the API running, and answers what it asks. Collecting never waits for it:
 * one that takes no answers is ended, one that ends is started again.
 */
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { serialize } from 'node:v8'
import type { Config } from '../../../model/config.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import type { Log } from '../../../model/log.ts'
import type { DatabaseUrls } from '../../../store/database-url.ts'
import type { Answering } from '../api.ts'
import type { Surroundings } from '../surroundings.ts'
import { startChild } from './child.ts'
import type { Apart } from './child.ts'
import { isQuestion, questions } from './questions.ts'
import { errorOf, tellError } from './remote.ts'
import { answerUrls, settingsOf } from './settings.ts'
import { readFromApi } from './from-api.ts'
import { framed, FrameReader, maxFromApi } from './wire.ts'
import type { FromApi, ToApi } from './wire.ts'

export type { Apart } from './child.ts'

/** Octets of answers that may wait for the API; more, and it is ended. */
const maxWaitingBytes = 128 << 20
/** Questions that may be open at one time; the next is refused. */
const maxOpen = 512
/** Until it is started again, after the first end and at most (ms). */
const firstPauseMs = 500
const longestPauseMs = 30_000
/** One that ran for so long begins with the first pause again (ms). */
const steadyMs = 60_000
/** How long it may take to end when it is told to (ms). */
const endMs = 15_000

const endedAtStart = (why: string): FlowledgerError =>
  new FlowledgerError('not-running', `The process of the API ended as it started (${why}).`, {
    fix: 'What it said about it is above.',
  })

/** One run of the process. */
class ApiRun {
  readonly child: ChildProcess
  /** Resolves with the address, or rejects with why it could not start. */
  readonly ready: Promise<string>
  readonly ended: Promise<string>
  readonly #socket: Socket
  readonly #around: Surroundings
  readonly #log: Log
  #open = 0
  #settle: { resolve(address: string): void; reject(error: Error): void } | undefined

  constructor(apart: Apart, around: Surroundings, log: Log) {
    this.#around = around
    this.#log = log
    this.child = startChild(apart)
    this.#socket = this.child.stdio[3] as Socket
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.ready.catch(() => {})
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message))
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    void this.ended.then((why) => this.#settle?.reject(endedAtStart(why)))
    this.#listen()
  }

  tell(message: ToApi): void {
    if (!this.#socket.writable) return
    if (this.#socket.writableLength > maxWaitingBytes) {
      this.#end('takes no answers')
      return
    }
    this.#socket.write(framed(serialize(message)))
  }

  #end(why: string): void {
    this.#log.error(`The API ${why}: it is ended.`)
    this.child.kill('SIGKILL')
    this.#socket.destroy()
  }

  #listen(): void {
    const reader = new FrameReader(maxFromApi)
    this.#socket.on('error', () => this.#socket.destroy())
    this.#socket.on('data', (chunk) => {
      try {
        for (const payload of reader.push(chunk)) this.#take(readFromApi(payload))
      } catch {
        this.#end('says what cannot be read')
      }
    })
  }

  #take(message: FromApi): void {
    if (message.kind === 'ready') this.#settle?.resolve(message.address)
    else if (message.kind === 'failed') this.#settle?.reject(errorOf(message.error))
    else if (message.kind === 'log') this.#log[message.level](message.text)
    else void this.#answer(message)
  }

  async #answer({ id, what, with: given }: Extract<FromApi, { kind: 'ask' }>): Promise<void> {
    if (this.#open >= maxOpen || !isQuestion(what)) {
      this.tell({ kind: 'refused', id, error: { message: `"${what}" is not answered now.` } })
      return
    }
    this.#open++
    try {
      const value = await questions[what].ask(this.#around, given)
      this.tell({ kind: 'answer', id, value })
    } catch (error) {
      this.tell({ kind: 'refused', id, error: tellError(error) })
    } finally {
      this.#open--
    }
  }

  async stop(): Promise<void> {
    this.tell({ kind: 'stop' })
    const timer = setTimeout(() => this.child.kill('SIGKILL'), endMs)
    await this.ended
    clearTimeout(timer)
    this.#socket.destroy()
  }
}

/** The API, over however many runs of its process. */
class ApiHost {
  address = ''
  readonly #start: () => ApiRun
  readonly #log: Log
  #run: ApiRun
  #isStopping = false
  #pauseMs = firstPauseMs
  #timer: NodeJS.Timeout | undefined

  constructor(start: () => ApiRun, log: Log) {
    this.#start = start
    this.#log = log
    this.#run = start()
  }

  /** @throws what kept it from starting */
  async started(): Promise<void> {
    try {
      this.address = await this.#run.ready
    } catch (error) {
      this.#run.child.kill('SIGKILL')
      throw error
    }
    this.#watch(this.#run)
  }

  tell(message: ToApi): void {
    this.#run.tell(message)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    await this.#run.stop()
  }

  #watch(run: ApiRun): void {
    const sinceMs = performance.now()
    void run.ended.then((why) => {
      if (this.#isStopping) return
      if (performance.now() - sinceMs > steadyMs) this.#pauseMs = firstPauseMs
      const seconds = this.#pauseMs / 1000
      this.#log.error(`The API ended (${why}); it is started again in ${seconds} s.`)
      this.#timer = setTimeout(() => this.#again(), this.#pauseMs)
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    })
  }

  #again(): void {
    const run = this.#start()
    this.#run = run
    run.ready.then(
      (address) => this.#log.info(`The API answers again on http://${address}.`),
      (error: unknown) => {
        this.#log.error(`The API cannot start: ${tellError(error).message}`)
        run.child.kill('SIGKILL')
      }
    )
    this.#watch(run)
  }
}

/**
 * Starts the API in a process of its own.
 *
 * @throws FlowledgerError what kept it from starting, such as `port-in-use`
 */
export async function startApart(
  config: Config,
  urls: DatabaseUrls,
  around: Surroundings,
  log: Log,
  apart: Apart
): Promise<Answering> {
  let inForce = config
  let { listen } = config.api
  const start = (): ApiRun => {
    const run = new ApiRun(apart, around, log)
    const has = {
      exporters: around.exporters !== undefined,
      liveFlows: around.liveFlows !== undefined,
    }
    const settings = settingsOf(inForce, listen)
    const readiness = around.readiness.map(({ name }) => name)
    run.tell({ kind: 'setup', urls: answerUrls(urls), has, readiness, ...settings })
    return run
  }
  const host = new ApiHost(start, log)
  await host.started()
  // A port that it chose itself is the one that it is found at after a new start.
  listen = host.address
  return {
    address: host.address,
    reload(next) {
      inForce = next
      host.tell({ kind: 'reload', ...settingsOf(next, listen) })
    },
    stop: () => host.stop(),
  }
}
