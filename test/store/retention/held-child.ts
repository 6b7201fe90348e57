/**
 * Places holds, one after another, until it is killed: `held-child.ts` with the URL of the audit's
 * log-in and the time as JSON in the environment. Says each.
 */
import { openDatabase } from '../../../store/database.ts'
import { HoldStore } from '../../../store/holds.ts'

interface Options {
  readonly url: string
  readonly fromUs: number
  readonly toUs: number
}

const { url, fromUs, toUs } = JSON.parse(process.env['HELD_OPTIONS'] ?? '{}') as Options
const holds = new HoldStore(openDatabase(url))
const entry = { actor: 'test', auditId: 1, detail: {} }
for (;;) {
  const about = { address: '192.0.2.1', fromUs, toUs, records: [], reason: 'order' }
  await holds.place(about, entry)
  process.stdout.write('placed\n')
}
