import { parentPort, workerData } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import type { RetentionRule } from '../../model/retention.ts'
import { openDatabase } from '../../store/database.ts'
import { runPurges } from '../../store/retention/run.ts'
import { makePurgeContext } from './context.ts'

/** What a run is told. */
export interface PurgeOptions {
  readonly ownerUrl: string
  readonly dataDir: string
  readonly rules: readonly RetentionRule[]
  readonly archive: string
}

/** What a run tells. */
export interface PurgeRun {
  readonly proofs: number
  readonly rows: number
  /** Files of the archive that are kept under another name. */
  readonly aside: readonly string[]
  /** Why something stays that should not, a sentence each. */
  readonly failed: readonly string[]
}

/**
 * Purges in a thread of its own: a sealed file is written anew row by row, and neither the
 * collector nor an answer waits for that.
 */
async function run({ ownerUrl, dataDir, rules, archive }: PurgeOptions): Promise<PurgeRun> {
  const database = openDatabase(ownerUrl, 2)
  let [proofs, rows] = [0, 0]
  const failed: string[] = []
  const aside: string[] = []
  try {
    const toldAside = (path: string): void => void aside.push(path)
    const context = await makePurgeContext(dataDir, database, 'flowledger', toldAside)
    const basis = { database, rules, nowUs: context.nowUs, archive }
    for await (const outcome of runPurges(basis, context)) {
      if ('failed' in outcome) failed.push(outcome.failed)
      else {
        proofs += 1
        rows += outcome.done.rows
      }
    }
  } catch (error) {
    failed.push(error instanceof FlowledgerError ? error.sentence : String(error))
  } finally {
    await database.close()
  }
  return { proofs, rows, aside, failed }
}

parentPort?.postMessage(await run(workerData as PurgeOptions))
