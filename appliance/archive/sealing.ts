import type { Worker } from 'node:worker_threads'
import type { Config } from '../../model/config.ts'
import type { Log } from '../../model/log.ts'
import type { SealOptions } from '../../store/archive/seal.ts'
import { startThread } from '../start-thread.ts'
import type { SealOutcome } from './seal-thread.ts'
import { SetAside } from './set-aside.ts'

/** Time between two looks for hours to seal (ms). */
const everyMs = 300_000

/** Time before the first one (ms): what was left in the spool is written first. */
const firstMs = 20_000

/** Sealing that goes on beside the rest. */
export interface Sealing {
  /** Files that were set aside since the start. */
  readonly setAside: number
  describe(): string
  stop(): Promise<void>
}

/**
 * Seals hours once they are as old as the configuration says. A hour that cannot be sealed is said
 * and tried again; one under way when the program ends is sealed anew after its next start.
 *
 * @returns undefined where nothing is to be sealed by itself
 */
export function startSealing(config: Config, ownerUrl: string, log: Log): Sealing | undefined {
  const { directory, sealAfterUs } = config.archive
  if (sealAfterUs === undefined) return undefined
  const { dataDir } = config
  let thread: Worker | undefined
  let lastFailure = ''

  const setAside = new SetAside(log)
  const told = (outcome: SealOutcome): void => {
    if ('aside' in outcome) return setAside.add(outcome.aside)
    if ('failed' in outcome) {
      if (outcome.failed !== lastFailure) log.warn(`Sealing: ${outcome.failed}`)
      lastFailure = outcome.failed
      return
    }
    lastFailure = ''
    const { hours, rows, octets } = outcome.sealed
    if (hours > 0) log.info(`Sealed ${hours} hours: ${rows} records, ${octets} bytes.`)
  }

  const seal = (): void => {
    if (thread !== undefined) return
    const options: SealOptions = {
      ownerUrl,
      dataDir,
      directory,
      actor: 'flowledger',
      nowUs: Date.now() * 1000,
      olderThanUs: sealAfterUs,
    }
    thread = startThread(new URL('./seal-thread.ts', import.meta.url), options)
    thread.on('message', told)
    thread.on('error', (error) => told({ failed: String(error) }))
    thread.on('exit', () => {
      thread = undefined
    })
  }

  const first = setTimeout(seal, firstMs)
  const timer = setInterval(seal, everyMs)
  return {
    get setAside() {
      return setAside.count
    },
    describe: () => `Hours are sealed into ${directory} once they are old enough.`,
    async stop() {
      clearTimeout(first)
      clearInterval(timer)
      // Nothing is lost by ending it at any step: see store/archive/seal-hour.ts.
      await thread?.terminate()
    },
  }
}
