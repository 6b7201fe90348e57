/** Looks how full the spools are, and says early that one will be. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Registry } from 'prom-client'
import { addRead } from './read-metric.ts'
import type { Value } from './read-metric.ts'
import type { Readiness } from '../lookup-api/api-dependencies.ts'
import type { Config } from '../model/config.ts'
import type { Log } from '../model/log.ts'
import { formatSize } from '../model/quantity.ts'
import { hoursLeft } from '../store/spool-growth.ts'
import type { FillSample } from '../store/spool-growth.ts'
import { spoolFill, spoolState } from '../store/spool-room.ts'
import type { SpoolFill, SpoolState } from '../store/spool-room.ts'

const lookMs = 10_000
/** Samples that growth is told from: a day of them. */
const maxSamples = 86_400_000 / lookMs

/** A spool as it was seen last. */
export interface WatchedSpool extends SpoolFill {
  readonly name: string
  readonly state: SpoolState
  /** Hours until it takes nothing, as fast as it grew today; undefined where it does not grow. */
  readonly hoursLeft: number | undefined
}

const consequences: Readonly<Record<SpoolState, string>> = {
  ok: 'all is taken again',
  filling: 'all is taken still',
  'without-names': 'names of hosts and applications are left out',
  'nat-only': 'flows that were not translated are left out',
  full: 'nothing is taken',
}

/** One sentence on a spool, for people. */
export function sentenceOf({ name, state, usedBytes, usableBytes, hoursLeft: left }: WatchedSpool) {
  const share = usableBytes === 0 ? 100 : Math.floor((100 * usedBytes) / usableBytes)
  const when =
    left === undefined
      ? ''
      : `, full in ${left < 1 ? 'less than an hour' : `${Math.floor(left)} h`}`
  const size = `${formatSize(usedBytes)} of ${formatSize(usableBytes)} (${share} %)`
  return `The spool ${name} holds ${size}${when}: ${consequences[state]}.`
}

/** The spools below a data directory; one that goes away meanwhile is none. */
export class SpoolWatch {
  readonly #config: Config
  readonly #log: Log
  readonly #samples = new Map<string, FillSample[]>()
  readonly #timer: NodeJS.Timeout
  #spools: readonly WatchedSpool[] = []

  constructor(config: Config, log: Log) {
    this.#config = config
    this.#log = log
    this.#timer = setInterval(() => this.look(), lookMs).unref()
    this.look()
  }

  /** As they were seen last. */
  get spools(): readonly WatchedSpool[] {
    return this.#spools
  }

  /** What people should know of them now; undefined where all is well. */
  get warning(): string | undefined {
    const bad = this.#spools.filter(({ state }) => state !== 'ok')
    return bad.length === 0 ? undefined : bad.map(sentenceOf).join(' ')
  }

  /** Not ready where one takes nothing; what is told before is a warning. */
  get readiness(): Readiness {
    const isFull = (): boolean => this.#spools.some(({ state }) => state === 'full')
    return {
      name: 'spool',
      check: async () => (isFull() ? this.warning : undefined),
      warning: () => this.warning,
    }
  }

  look(): void {
    const before = new Map(this.#spools.map(({ name, state }) => [name, state]))
    this.#spools = this.#folders().flatMap((name) => this.#see(name) ?? [])
    for (const spool of this.#spools) {
      const was = before.get(spool.name) ?? 'ok'
      if (spool.state === was) continue
      if (spool.state === 'ok') this.#log.info(sentenceOf(spool))
      else if (spool.state === 'full') this.#log.error(sentenceOf(spool))
      else this.#log.warn(sentenceOf(spool))
    }
  }

  /** Shows them to Prometheus. */
  count(registry: Registry): void {
    this.#gauge(registry, 'bytes', 'Octets of a spool.', (one) => one.usedBytes)
    this.#gauge(registry, 'limit_bytes', 'Octets it may grow to.', (one) => one.usableBytes)
    this.#gauge(
      registry,
      'hours_left',
      'Hours until a spool is full, as fast as it grew today; absent where it does not grow.',
      (one) => one.hoursLeft
    )
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #folders(): readonly string[] {
    try {
      return readdirSync(join(this.#config.dataDir, 'spool'))
    } catch {
      return []
    }
  }

  #see(name: string): WatchedSpool | undefined {
    const directory = join(this.#config.dataDir, 'spool', name)
    try {
      if (!statSync(directory).isDirectory()) return undefined
      const fill = spoolFill({ directory, ...this.#config.spool })
      const samples = this.#samples.get(name) ?? []
      samples.push({ atMs: Date.now(), usedBytes: fill.usedBytes })
      if (samples.length > maxSamples) samples.shift()
      this.#samples.set(name, samples)
      return { name, ...fill, state: spoolState(fill), hoursLeft: hoursLeft(fill, samples) }
    } catch {
      return undefined
    }
  }

  #gauge(
    registry: Registry,
    name: string,
    help: string,
    value: (spool: WatchedSpool) => number | undefined
  ): void {
    const read = (): Value[] =>
      this.#spools.flatMap((spool) => {
        const shown = value(spool)
        return shown === undefined ? [] : [[{ spool: spool.name }, shown]]
      })
    addRead(registry, { name: `spool_${name}`, help, labels: ['spool'], read })
  }
}
