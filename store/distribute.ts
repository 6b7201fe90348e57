import type pg from 'pg'
import { FlowledgerError } from '../model/errors.ts'
import { connect } from './connect.ts'
import { queryError } from './database-error.ts'

/** Shards of `ledger.flow`: none moves to a node that is added later but as a whole. */
const shards = 64

/**
 * What lays a migrated ledger out over a Citus cluster. Flows alone are spread, by the key of a
 * look-up, which is public address and port (model/public-key.ts). All else stays a table of the
 * coordinator: docs/decisions/0015-spreading-by-the-key.md says why.
 */
export const distributeStatements: readonly string[] = [
  `set local citus.shard_count = ${shards}`,
  "select create_distributed_table('ledger.flow', 'public_key', colocate_with => 'none')",
]

/** What was done, a sentence each. */
export interface DistributionReport {
  readonly notices: readonly string[]
}

/**
 * Sees that a database can be laid out over several nodes, before anything in it is changed.
 *
 * @throws FlowledgerError `database-failed` where Citus is not there, or a ledger that is not
 *   distributed has rows
 */
export async function requireDistributable(url: string): Promise<void> {
  await withClient(url, 'be looked at', async (client) => {
    await requireCitus(client)
    await requireEmpty(client)
  })
}

/**
 * Lays out a migrated, empty ledger; one that is laid out already stays as it is.
 *
 * @throws FlowledgerError `database-failed`
 */
export async function distributeLedger(url: string): Promise<DistributionReport> {
  return withClient(url, 'be distributed', layOut)
}

async function withClient<T>(
  url: string,
  what: string,
  work: (client: pg.Client) => Promise<T>
): Promise<T> {
  const client = await connect(url)
  try {
    return await work(client)
  } catch (error) {
    throw queryError(error, what)
  } finally {
    await client.end()
  }
}

async function requireCitus(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query("select from pg_extension where extname = 'citus'")
  if (rowCount !== 0) return
  throw new FlowledgerError('database-failed', 'The database has no extension "citus".', {
    fix:
      "Set shared_preload_libraries = 'citus' on every node, restart, and run \"create extension " +
      'citus" in the database of each as a superuser: docs/how-to/citus.md.',
  })
}

/** A ledger with rows is not moved: that would lock it for as long as copying takes. */
async function requireEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('ledger.flow') is not null as there"
  )
  if (rows[0]?.there !== true || (await isDistributed(client))) return
  const { rowCount } = await client.query('select from ledger.flow limit 1')
  if (rowCount === 0) return
  throw new FlowledgerError('database-failed', 'The ledger has flows and is not distributed.', {
    fix:
      'Make another database with citus, run `migrate --distributed` there, and let collectors ' +
      'write to it from now on; this one stays to be asked until its retention is over.',
  })
}

async function isDistributed(client: pg.Client): Promise<boolean> {
  // Unqualified: it stands in pg_catalog where the extension is.
  const { rowCount } = await client.query(
    "select from pg_dist_partition where logicalrelid = 'ledger.flow'::regclass"
  )
  return rowCount !== 0
}

/** Everything or nothing. */
async function layOut(client: pg.Client): Promise<DistributionReport> {
  if (await isDistributed(client)) return { notices: ['The ledger is distributed already.'] }
  await client.query('begin')
  for (const statement of distributeStatements) await client.query(statement)
  await client.query('commit')
  const { rows } = await client.query<{ nodes: string }>(
    'select count(*) as nodes from pg_dist_node where shouldhaveshards and isactive'
  )
  const nodes = Number(rows[0]?.nodes ?? 0)
  const spread = `Flows are spread over ${shards} shards on ${nodes} nodes.`
  const alone = 'Add workers (citus_add_node), then run "select citus_rebalance_start()".'
  return { notices: nodes > 1 ? [spread] : [spread, alone] }
}
