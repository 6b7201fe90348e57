import type pg from 'pg'
import { keepHeld, moveEdges, ofSources } from './edges.ts'
import type { PastSource } from './edges.ts'
import { digestRows, purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { partitioned } from '../partition-names.ts'
import { reachUs } from './partitions.ts'
import type { Partition } from './partitions.ts'
import { spareBlocks } from './spared.ts'

/** Every column, in the table's order: the order of a digest has to be one for the same rows. */
export async function columnsOf(client: pg.ClientBase, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table]
  )
  return rows.map(({ name }) => name)
}

interface SourceRows {
  readonly source: number
  readonly rows: number
  readonly doomed: number
}

async function countRows(
  client: pg.ClientBase,
  table: string,
  doomed: string
): Promise<readonly SourceRows[]> {
  const { rows } = await client.query<{ source: number; rows: string; doomed: string }>(
    `select source, count(*) as rows, count(*) filter (where ${doomed}) as doomed
     from ${table} t group by source order by source`
  )
  return rows.map((row) => ({
    source: row.source,
    rows: Number(row.rows),
    doomed: Number(row.doomed),
  }))
}

/** The rows of each source that go, with the rule that each goes by. */
export function partsOf(
  counts: readonly { readonly source: number; readonly doomed: number }[],
  past: readonly PastSource[]
): PurgeFacts['parts'] {
  return counts.flatMap(({ source, doomed }) => {
    const by = past.find(({ id }) => id === source)
    return by === undefined || doomed === 0
      ? []
      : [{ source: by.name, rows: doomed, rule: by.rule.text }]
  })
}

async function exists(client: pg.ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [table]
  )
  return rows[0]?.there === true
}

/**
 * Purges the rows that sources have in a partition: drops it where nothing else is in it, else
 * deletes them. Rows of flows that a hold is about are copied first; blocks of ports that one is
 * about stay where they are.
 */
export async function purgeRows(
  context: PurgeContext,
  partition: Partition,
  past: readonly PastSource[]
): Promise<PurgeFacts | undefined> {
  const { table, kind, fromUs, toUs } = partition
  return await purge(context, async (client) => {
    if (!(await exists(client, table))) return undefined
    // Nobody writes to it until this is over, so that what was counted is what goes.
    await client.query(`lock table ${table} in share row exclusive mode`)
    const kept = kind === 'flows' ? await keepHeld(client, fromUs, toUs) : 0
    const spared = kind === 'port_blocks' ? await spareBlocks(client) : 'false'
    const doomed = `${ofSources(past)} and not (${spared})`
    const counts = await countRows(client, table, doomed)
    const sum = (of: (each: SourceRows) => number): number =>
      counts.reduce((total, each) => total + of(each), 0)
    const [rows, all] = [sum((each) => each.doomed), sum((each) => each.rows)]
    const columns = (await columnsOf(client, table)).join()
    const select = `select ${columns} from ${table} t where ${doomed} order by ${columns}`
    const digest = await digestRows(client, select, context.keys)
    context.step?.('digested')
    if (rows === all) await dropPartition(client, partition)
    else await client.query(`delete from ${table} t where ${doomed}`)
    if (rows === 0) return undefined
    await moveEdges(client, past, reachUs(partition))
    const parts = partsOf(counts, past)
    const pastIds = new Set(past.map(({ id }) => id))
    const left = counts.reduce(
      (total, each) => total + (pastIds.has(each.source) ? each.rows - each.doomed : 0),
      0
    )
    const act = rows === all ? 'drop' : 'delete'
    return { act, kind, subject: table, fromUs, toUs, rows, parts, digest, held: kept + left }
  })
}

async function dropPartition(client: pg.ClientBase, { kind, table }: Partition): Promise<void> {
  await client.query(`alter table ledger.${partitioned[kind].table} detach partition ${table}`)
  await client.query(`drop table ${table}`)
}
