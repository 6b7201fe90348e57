import type pg from 'pg'
import type { RetentionField } from '../../model/retention-kinds.ts'
import { destinationHash } from './destination-hash.ts'
import { keepHeld, moveEdges, ofSources } from './edges.ts'
import type { PastSource } from './edges.ts'
import type { RetentionKeys } from './keys.ts'
import { digestRows, purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import type { Partition } from './partitions.ts'
import { partsOf } from './purge-rows.ts'

const noAddress = `'\\x${'00'.repeat(16)}'::bytea`

interface FieldWork {
  readonly columns: readonly string[]
  /** SQL that is true of a row that still has it. */
  readonly has: string
  readonly set: string
}

/** What each field is, in the table, and how it is emptied. */
const fields: Readonly<Record<RetentionField, FieldWork>> = {
  destination: {
    columns: ['remote_ip', 'remote_port'],
    has: `(remote_port <> 0 or remote_ip <> ${noAddress})`,
    set: `remote_ip = ${noAddress}, remote_port = 0`,
  },
  host_name: { columns: ['host_name'], has: 'host_name is not null', set: 'host_name = null' },
  application: {
    columns: ['application', 'protocol_name'],
    has: '(application is not null or protocol_name is not null)',
    set: 'application = null, protocol_name = null',
  },
  user_name: { columns: ['user_name'], has: 'user_name is not null', set: 'user_name = null' },
}

/** A far end that can be hashed: an address, not what stands for none. */
const hashable = `length(remote_ip) in (4, 16) and ${fields.destination.has}`

const hasField = (field: RetentionField, leave: 'nothing' | 'hash'): string =>
  leave === 'hash' ? `(${hashable})` : fields[field].has

/** Rows of far ends that are hashed at a time. */
const hashedAtOnce = 20_000

/** Writes the hash in place of each far end; the key never leaves this process. */
async function hashDestinations(
  client: pg.ClientBase,
  table: string,
  doomed: string,
  keys: RetentionKeys
): Promise<void> {
  await client.query(
    'create temporary table hashed (ip bytea, port smallint, hash bytea) on commit drop'
  )
  await client.query(`declare far_end no scroll cursor for
    select distinct remote_ip, remote_port from ${table} t where ${doomed}`)
  for (;;) {
    const { rows } = await client.query<{ remote_ip: Buffer; remote_port: number }>(
      `fetch ${hashedAtOnce} from far_end`
    )
    if (rows.length === 0) break
    await client.query(
      'insert into hashed select * from unnest($1::bytea[], $2::int2[], $3::bytea[])',
      [
        rows.map((row) => row.remote_ip),
        rows.map((row) => row.remote_port),
        rows.map((row) => destinationHash(keys, row.remote_ip, row.remote_port & 0xffff)),
      ]
    )
  }
  await client.query('close far_end')
  await client.query(
    `update ${table} t set remote_ip = h.hash, remote_port = 0 from hashed h
     where t.remote_ip = h.ip and t.remote_port = h.port and ${doomed}`
  )
}

/** What is past in a partition: a field of sources, all by one way. */
export interface PastField {
  readonly field: RetentionField
  readonly leave: 'nothing' | 'hash'
  readonly past: readonly PastSource[]
}

const doomedOf = ({ field, leave, past }: PastField): string =>
  `${ofSources(past)} and ${hasField(field, leave)}`

/** True where a row of the partition still has what is past. */
export async function hasPastField(
  { database }: Pick<PurgeContext, 'database'>,
  { table }: Partition,
  what: PastField
): Promise<boolean> {
  const rows = await database.query<{ any: boolean }>('look for what is past', {
    text: `select exists (select from ${table} where ${doomedOf(what)}) as any`,
  })
  return rows[0]?.any === true
}

/**
 * Empties a field of the rows that sources have in a partition of flows, or leaves a keyed hash.
 * What a hold is about is copied whole before. The space of the old rows is given up afterwards.
 */
export async function purgeField(
  context: PurgeContext,
  partition: Partition,
  what: PastField
): Promise<PurgeFacts | undefined> {
  const { table, kind, fromUs, toUs } = partition
  const { field, leave, past } = what
  const doomed = doomedOf(what)
  const done = await purge(context, async (client) => {
    await client.query(`lock table ${table} in share row exclusive mode`)
    const held = await keepHeld(client, fromUs, toUs)
    const { rows: counts } = await client.query<{ source: number; doomed: number }>(
      `select source, count(*)::float8 as doomed from ${table} t where ${doomed}
       group by source order by source`
    )
    const rows = counts.reduce((total, each) => total + each.doomed, 0)
    if (rows === 0) return undefined
    const columns = [
      'start_at',
      'source',
      'flow_id',
      'public_key',
      'kind',
      ...fields[field].columns,
    ]
    const list = columns.join()
    const select = `select ${list} from ${table} t where ${doomed} order by ${list}`
    const digest = await digestRows(client, select, context.keys)
    context.step?.('digested')
    if (leave === 'hash') await hashDestinations(client, table, doomed, context.keys)
    else await client.query(`update ${table} t set ${fields[field].set} where ${doomed}`)
    await moveEdges(client, past, toUs)
    const parts = partsOf(counts, past)
    const act = leave === 'hash' ? 'hash' : 'empty'
    return { act, kind, subject: table, field, fromUs, toUs, rows, parts, digest, held }
  })
  if (done !== undefined) {
    // What was updated lies in the file until it is cleaned.
    await context.database.query('clean a partition', { text: `vacuum ${table}` })
  }
  return done
}
