/** Purging that goes on beside the rest, where the configuration says what is kept how long. */
import type { Worker } from 'node:worker_threads'
import type { Config } from '../../model/config.ts'
import type { Log } from '../../model/log.ts'
import { SetAside } from '../archive/set-aside.ts'
import { startThread } from '../start-thread.ts'
import type { PurgeOptions, PurgeRun } from './purge-thread.ts'

/** Time before the first run (ms): what was left in the spool is written first. */
const firstMs = 60_000

/** Purging under way. */
export interface Purging {
  /** Files of the archive that were set aside since the start. */
  readonly setAside: number
  describe(): string
  /** Ends it at any step: nothing is gone without its proof, and the next run goes on. */
  stop(): Promise<void>
}

/** @returns undefined where everything is kept */
export function startPurging(config: Config, ownerUrl: string, log: Log): Purging | undefined {
  const { retention, dataDir, archive } = config
  if (retention === undefined || retention.rules.length === 0) return undefined
  const { rules, everyMs } = retention
  const options: PurgeOptions = { ownerUrl, dataDir, rules, archive: archive.directory }
  let thread: Worker | undefined
  let lastFailures = ''

  const setAside = new SetAside(log)
  const told = ({ proofs, rows, aside, failed }: PurgeRun): void => {
    for (const path of aside) setAside.add(path)
    if (proofs > 0) log.info(`Retention: ${rows} records purged, ${proofs} proofs.`)
    const failures = failed.join(' ')
    if (failures !== '' && failures !== lastFailures) log.warn(`Retention: ${failures}`)
    lastFailures = failures
  }

  const start = (): void => {
    if (thread !== undefined) return
    thread = startThread(new URL('./purge-thread.ts', import.meta.url), options)
    thread.on('message', told)
    thread.on('error', (error) => {
      told({ proofs: 0, rows: 0, aside: [], failed: [String(error)] })
    })
    thread.on('exit', () => {
      thread = undefined
    })
  }
  const first = setTimeout(start, Math.min(firstMs, everyMs))
  const timer = setInterval(start, everyMs)
  return {
    get setAside() {
      return setAside.count
    },
    describe: () => 'What is past its time is purged, with a signed proof each time.',
    async stop() {
      clearTimeout(first)
      clearInterval(timer)
      await thread?.terminate()
    },
  }
}
