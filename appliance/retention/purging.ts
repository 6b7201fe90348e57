/** Purging that goes on beside the rest, where the configuration says what is kept how long. */
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'
import { openDatabase } from '../../store/database.ts'
import { duePurges } from '../../store/retention/run.ts'
import { makePurgeContext } from './context.ts'

/** Time before the first run (ms): what was left in the spool is written first. */
const firstMs = 60_000

/** Purging under way. */
export interface Purging {
  describe(): string
  /** Ends after the purge under way, which is one transaction. */
  stop(): Promise<void>
}

/** @returns undefined where everything is kept */
export function startPurging(config: Config, ownerUrl: string, log: Log): Purging | undefined {
  const { retention, dataDir } = config
  if (retention === undefined || retention.rules.length === 0) return undefined
  const { rules, everyMs } = retention
  const database = openDatabase(ownerUrl, 2)
  let stopped = false
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    const context = await makePurgeContext(dataDir, database, 'flowledger')
    let [proofs, rows] = [0, 0]
    for await (const due of duePurges({ database, rules, nowUs: context.nowUs })) {
      if (stopped) break
      const done = await due.run(context)
      if (done === undefined) continue
      proofs += 1
      rows += done.rows
    }
    if (proofs > 0) log.info(`Retention: ${rows} records purged, ${proofs} proofs.`)
  }

  const start = (): void => {
    running ??= run()
      .catch((error: unknown) => {
        const why = error instanceof FlowledgerError ? error.sentence : String(error)
        log.warn(`Retention: ${why}`)
      })
      .finally(() => {
        running = undefined
      })
  }
  const first = setTimeout(start, Math.min(firstMs, everyMs))
  const timer = setInterval(start, everyMs)
  return {
    describe: () => 'What is past its time is purged, with a signed proof each time.',
    async stop() {
      stopped = true
      clearTimeout(first)
      clearInterval(timer)
      await running
      await database.close()
    },
  }
}
