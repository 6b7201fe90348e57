import { FlowledgerError } from '../../../model/errors.ts'
import { listAudit } from '../../../store/audit.ts'
import { readAuditHead } from '../../../store/audit-head.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import type { DatabaseUrls } from '../../../store/database-url.ts'
import { schemaState } from '../../../store/migrate.ts'
import { hoursAhead, missingPartitions } from '../../../store/partitions.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

const notYet = ok('the embedded database is made on the first start')

const notChecked = warn('not checked', 'mend the database first')

/** What the store says went wrong, as a finding. */
function failure(error: unknown): Finding {
  if (!(error instanceof FlowledgerError)) throw error
  return fail(error.message, error.fix ?? 'see the log of the database')
}

/** Is it there, and does it have the tables of this version? */
export async function schema({ database }: CheckContext): Promise<Finding> {
  try {
    const urls = await database.urls()
    if (urls === undefined) return notYet
    const state = await schemaState(urls.lookup)
    if (state === 'current') return ok('reachable, with the tables of this version')
    return state === 'older'
      ? fail('the database lacks tables of this version', 'flowledger migrate')
      : fail('the database was migrated by a newer version', 'update flowledger on this machine')
  } catch (error) {
    return failure(error)
  }
}

/**
 * Runs a check that reads tables. Where the database cannot be reached, or is not of this version,
 * the check before has said so and this one has nothing to add.
 */
export async function whenCurrent(
  { database }: CheckContext,
  check: (urls: DatabaseUrls) => Promise<Finding>
): Promise<Finding> {
  try {
    const urls = await database.urls()
    if (urls === undefined) return notYet
    return (await schemaState(urls.lookup)) === 'current' ? await check(urls) : notChecked
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    return notChecked
  }
}

/** A pool of one connection for the time of `work`. */
export async function withDatabase<T>(
  url: string,
  work: (database: Database) => Promise<T>
): Promise<T> {
  const database = openDatabase(url, 1)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Are partitions ready for the hours to come? */
export function partitions(context: CheckContext): Promise<Finding> {
  return whenCurrent(context, async (urls) => {
    const nowUs = Date.now() * 1000
    const missing = await withDatabase(urls.lookup, (each) => missingPartitions(each, nowUs))
    const ahead = hoursAhead - missing.length
    // The writer makes a missing one itself; having none at all means that no writer has run.
    return missing.length === 0
      ? ok(`partitions are ready for the next ${hoursAhead} hours`)
      : warn(
          `partitions are ready for ${ahead} of the next ${hoursAhead} hours`,
          'start flowledger up or collect, which makes them ahead'
        )
  })
}

/**
 * Does the database still hold the audit's last entry as the data directory remembers it? This sees
 * a cut end at once; `verify-audit` proves the rest.
 */
export function auditHead(context: CheckContext): Promise<Finding> {
  return whenCurrent(context, async (urls) => {
    const head = await readAuditHead(context.config.dataDir)
    if (head.id === 0) return ok('the audit is empty')
    const page = { limit: 1, cursor: String(head.id + 1) }
    const { items } = await withDatabase(urls.audit, (database) => listAudit(database, page))
    const [last] = items
    return last?.id === head.id && last.hash === head.hash
      ? ok(`the audit holds entry ${head.id}, as it was written`)
      : fail(`the audit's entry ${head.id} is gone or another one`, 'flowledger verify-audit')
  })
}
