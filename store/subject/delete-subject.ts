import type pg from 'pg'
import { keepHeld } from '../retention/edges.ts'
import { readPartitions } from '../retention/partitions.ts'
import type { Partition } from '../retention/partitions.ts'
import { digestRows, purge } from '../retention/proof.ts'
import type { PurgeContext, PurgeFacts } from '../retention/proof.ts'
import { columnsOf } from '../retention/purge-rows.ts'
import { spareBlocks, sparedHolding } from '../retention/spared.ts'
import { sweepArchive } from '../retention/sweep-archive.ts'
import { microseconds } from '../timestamp.ts'
import { noticesSql } from './count-subject.ts'
import { deleteSealed } from './delete-sealed.ts'
import { addGaps, partsOfCounts } from './deletion.ts'
import type { DeletedSpan, Deletion } from './deletion.ts'
import { Places } from './places.ts'
import type { WatchPlaces } from './places.ts'
import { mayBeOf, spansSql } from './spans.ts'

/** Tables without partitions. */
const lists = 2

/**
 * Deletes what is held on somebody: flows, hot and sealed, blocks of ports, notices of gateways and
 * who held an address. Each step is a purge with its proof. What a hold in force is about stays:
 * as copies, and of blocks and holdings as it is. Where flows go, the coverage gets a gap.
 *
 * @param archive the directory of the archive
 * @param watch told how many of the places that may hold something are done
 */
export async function* deleteSubject(
  context: PurgeContext,
  archive: string,
  deletion: Deletion,
  watch: WatchPlaces = () => {}
): AsyncGenerator<PurgeFacts> {
  const { database } = context
  // What is left of a seal that was ended has rows of PostgreSQL: later it would have them alone.
  await sweepArchive(database, archive, context.toldAside)
  const partitions = [
    ...(await readPartitions(database, 'flows')),
    ...(await readPartitions(database, 'port_blocks')),
  ].filter(({ fromUs, toUs }) => mayBeOf(deletion.spans, fromUs, toUs).length > 0)
  const places = new Places(watch, partitions.length + lists)
  for (const partition of partitions) {
    const spans = mayBeOf(deletion.spans, partition.fromUs, partition.toUs)
    const done = await deleteRows(context, partition, { ...deletion, spans })
    places.done()
    if (done !== undefined) yield done
  }
  yield* deleteSealed(context, archive, deletion, places)
  const notices = { kind: 'nat_events', table: 'ledger.nat_event', time: 't.at' } as const
  const events = await deleteList(context, notices, noticesSql(deletion.spans), deletion)
  places.done()
  if (events !== undefined) yield events
  // The last: with them what else is held on somebody could not be found any more.
  const holdings = { kind: 'identity', table: 'identity.holding', time: 't.start_at' } as const
  const ids = deletion.holdings.map(Number).filter(Number.isSafeInteger)
  const where = `t.id = any('{${ids.join()}}'::int8[]) and t.end_at < now()
    and not ${sparedHolding}`
  const held = await deleteList(context, holdings, where, deletion)
  places.done()
  if (held !== undefined) yield held
}

const deletedOf = async (
  client: pg.ClientBase,
  table: string,
  where: string
): Promise<readonly DeletedSpan[]> => {
  const { rows } = await client.query<{ source: number; n: number; first: string; last: string }>(
    `select source, count(*)::float8 as n, ${microseconds('min(start_at)')} as first,
       ${microseconds('max(end_at)')} as last
     from ${table} t where ${where} group by source order by source`
  )
  return rows.map(({ source, n, first, last }) => ({
    source,
    fromUs: Number(first),
    toUs: Number(last),
    lost: n,
  }))
}

async function deleteRows(
  context: PurgeContext,
  { kind, table, fromUs, toUs }: Partition,
  { spans, rule, authority }: Deletion
): Promise<PurgeFacts | undefined> {
  return await purge(context, async (client) => {
    await client.query(`lock table ${table} in share row exclusive mode`)
    const kept = kind === 'flows' ? await keepHeld(client, fromUs, toUs) : 0
    const spared = kind === 'port_blocks' ? await spareBlocks(client) : 'false'
    const where = `(${spansSql(spans)}) and not (${spared})`
    const deleted = await deletedOf(client, table, where)
    const digest = await removeRows(client, context, table, where)
    const counts = new Map(deleted.map(({ source, lost }) => [source, lost]))
    await addGaps(client, deleted)
    const rows = deleted.reduce((sum, { lost }) => sum + lost, 0)
    const parts = await partsOfCounts(client, counts, rule)
    const what = { act: 'delete', kind, subject: table, fromUs, toUs } as const
    return { ...what, rows, parts, digest, held: kept, authority }
  })
}

/** Deletes rows of a table that has no partitions. */
async function deleteList(
  context: PurgeContext,
  { kind, table, time }: { readonly kind: string; readonly table: string; readonly time: string },
  where: string,
  { rule, authority }: Deletion
): Promise<PurgeFacts | undefined> {
  return await purge(context, async (client) => {
    await client.query(`lock table ${table} in share row exclusive mode`)
    const { rows: found } = await client.query<{ n: number; first: string; last: string }>(
      `select count(*)::float8 as n, ${microseconds(`min(${time})`)} as first,
         ${microseconds(`max(${time})`)} as last
       from ${table} t where ${where}`
    )
    const [{ n: rows, first, last } = { n: 0, first: '0', last: '0' }] = found
    if (rows === 0) return undefined
    const digest = await removeRows(client, context, table, where)
    const [fromUs, toUs] = [Number(first), Number(last)]
    const parts = [{ source: '', rows, rule }]
    const what = { act: 'delete', kind, subject: table, fromUs, toUs } as const
    return { ...what, rows, parts, digest, held: 0, authority }
  })
}

/** @returns the digest of what was there */
async function removeRows(
  client: pg.ClientBase,
  context: PurgeContext,
  table: string,
  where: string
): Promise<string> {
  const columns = (await columnsOf(client, table)).join()
  const select = `select ${columns} from ${table} t where ${where} order by ${columns}`
  const digest = await digestRows(client, select, context.keys)
  context.step?.('digested')
  await client.query(`delete from ${table} t where ${where}`)
  return digest
}
