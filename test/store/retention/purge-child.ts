/**
 * Purges in a process of its own, which kills itself at a step: `purge-child.ts STEP` with the
 * owner's URL, the data directory, the rules and the archive as JSON in the environment.
 */
import { makePurgeContext } from '../../../appliance/retention/context.ts'
import type { RetentionRule } from '../../../model/retention.ts'
import { openDatabase } from '../../../store/database.ts'
import { runPurges } from '../../../store/retention/run.ts'

interface Options {
  readonly url: string
  readonly dataDir: string
  readonly rules: readonly RetentionRule[]
  readonly archive?: string
}

const step = process.argv[2]
const { url, dataDir, rules, archive } = JSON.parse(process.env['PURGE_OPTIONS'] ?? '{}') as Options
const database = openDatabase(url)
const context = {
  ...(await makePurgeContext(dataDir, database, 'test')),
  step(reached: string) {
    if (reached === step) process.kill(process.pid, 'SIGKILL')
  },
}
const basis = {
  database,
  rules,
  nowUs: context.nowUs,
  ...(archive === undefined ? {} : { archive }),
}
for await (const outcome of runPurges(basis, context))
  if ('failed' in outcome) console.error(outcome)
await database.close()
