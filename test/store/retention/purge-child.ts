/**
 * Purges in a process of its own, which kills itself at a step: `purge-child.ts STEP` with the
 * owner's URL, the data directory and the rules as JSON in the environment.
 */
import { makePurgeContext } from '../../../appliance/retention/context.ts'
import type { RetentionRule } from '../../../model/retention.ts'
import { openDatabase } from '../../../store/database.ts'
import { duePurges } from '../../../store/retention/run.ts'

interface Options {
  readonly url: string
  readonly dataDir: string
  readonly rules: readonly RetentionRule[]
}

const step = process.argv[2]
const { url, dataDir, rules } = JSON.parse(process.env['PURGE_OPTIONS'] ?? '{}') as Options
const database = openDatabase(url)
const context = {
  ...(await makePurgeContext(dataDir, database, 'test')),
  step(reached: string) {
    if (reached === step) process.kill(process.pid, 'SIGKILL')
  },
}
for await (const due of duePurges({ database, rules, nowUs: context.nowUs })) await due.run(context)
await database.close()
