import { createHash } from 'node:crypto'
import type pg from 'pg'
import { FlowledgerError } from '../model/errors.ts'
import type { Database } from './database.ts'
import type { DirectoryRecord, DirectoryState } from './directory-record.ts'
import { fromInt8, microseconds, toTimestamp } from './timestamp.ts'

/** A directory as it is at one moment. */
export interface DirectoryLoad {
  readonly name: string
  readonly kind: 'csv' | 'sql'
  /** Where it came from, for people: a path, or a database without its password. */
  readonly origin: string
  readonly state: DirectoryState
  readonly nowUs: number
  /**
   * Since when it is as it is (us), where the operator knows: what changed, changed then. Left out:
   * what is new counts from now on, what is gone up to the load before.
   */
  readonly sinceUs?: number | undefined
  /** Takes it even where more than half of the subscribers are gone. */
  readonly force?: boolean | undefined
}

/** What a load changed. */
export interface DirectoryVersion {
  readonly version: string
  readonly records: number
  readonly added: number
  readonly ended: number
  readonly refused: number
}

/** Share of the subscribers above which their absence is taken for a broken export. */
const maxGone = 0.5

/** Records that one statement writes. */
const chunkRows = 5000

interface Current {
  readonly id: string
  readonly digest: string
  readonly subscriber: string
}

interface Times {
  readonly nowUs: number
  /** What is new counts from here. */
  readonly fromUs: number
  /** What is gone counts up to here. */
  readonly goneUs: number
}

/**
 * Takes a directory over as a new version: records that are as they were stay, what changed gets an
 * interval of its own.
 *
 * @throws FlowledgerError `directory-invalid`, `directory-shrunk`, `database-unreachable`,
 *   `database-failed`: nothing is written
 */
export async function loadDirectory(
  database: Database,
  load: DirectoryLoad
): Promise<DirectoryVersion> {
  const { records } = load.state
  if (records.length === 0) {
    throw new FlowledgerError('directory-invalid', `${load.origin} names no subscriber.`, {
      fix: 'See that the columns are the right ones.',
    })
  }
  return await database.transaction('load a directory', async (client) => {
    const source = await sourceId(client, load)
    const lastUs = await lastLoad(client, source)
    const times = timesOf(load, lastUs)
    const current = await readCurrent(client, source)
    const { fresh, vanished } = compare(records, current)
    if (load.force !== true) requireMost(load, records, current)
    const refused = Object.values(load.state.refused).reduce((sum, count) => sum + count, 0)
    const counts = { records: records.length, added: fresh.length, ended: vanished.length, refused }
    const version = await writeVersion(client, source, load, counts)
    for (let at = 0; at < fresh.length; at += chunkRows) {
      const chunk = fresh.slice(at, at + chunkRows)
      await writeRecords(client, source, version, chunk, times)
    }
    await endRecords(client, version, vanished, times)
    return { version, ...counts }
  })
}

async function sourceId(client: pg.ClientBase, { name, kind }: DirectoryLoad): Promise<number> {
  await client.query(
    'insert into directory.source (name, kind) values ($1, $2) on conflict (name) do nothing',
    [name, kind]
  )
  // The lock keeps two loads of one directory apart.
  const { rows } = await client.query<{ id: number; kind: string }>(
    'update directory.source set name = name where name = $1 returning id, kind',
    [name]
  )
  const [row] = rows
  if (row === undefined) throw new Error(`the directory ${name} vanished`)
  if (row.kind === kind) return row.id
  const what = `The directory "${name}" is of the kind ${row.kind}, not ${kind}.`
  throw new FlowledgerError('directory-invalid', what, { fix: 'Give this one another name.' })
}

async function lastLoad(client: pg.ClientBase, source: number): Promise<number | undefined> {
  const { rows } = await client.query<{ us: string | null }>(
    `select ${microseconds('max(loaded_at)')} as us from directory.version where source = $1`,
    [source]
  )
  const us = rows[0]?.us
  return us === undefined || us === null ? undefined : fromInt8(us)
}

function timesOf({ name, nowUs, sinceUs }: DirectoryLoad, lastUs: number | undefined): Times {
  if (lastUs !== undefined && nowUs <= lastUs) {
    const what = `The directory "${name}" was loaded at a time that is still to come.`
    throw new FlowledgerError('directory-invalid', what, { fix: 'Set the clock.' })
  }
  if (sinceUs === undefined) return { nowUs, fromUs: nowUs, goneUs: lastUs ?? nowUs }
  if (sinceUs > nowUs || sinceUs < (lastUs ?? -Infinity)) {
    const what = 'The time since when it is so lies in the future, or before the load before.'
    throw new FlowledgerError('usage', what, { fix: 'Give a time between that load and now.' })
  }
  return { nowUs, fromUs: sinceUs, goneUs: sinceUs }
}

async function readCurrent(client: pg.ClientBase, source: number): Promise<readonly Current[]> {
  const { rows } = await client.query<Current>(
    `select id, replace(digest::text, '-', '') as digest, subscriber
     from directory.subscriber where source = $1 and ended_by is null`,
    [source]
  )
  return rows
}

function compare(
  records: readonly DirectoryRecord[],
  current: readonly Current[]
): { fresh: readonly DirectoryRecord[]; vanished: readonly Current[] } {
  const before = new Set(current.map(({ digest }) => digest))
  const now = new Set(records.map(({ digest }) => digest))
  return {
    fresh: records.filter(({ digest }) => !before.has(digest)),
    vanished: current.filter(({ digest }) => !now.has(digest)),
  }
}

function requireMost(
  { name, origin }: DirectoryLoad,
  records: readonly DirectoryRecord[],
  current: readonly Current[]
): void {
  const before = new Set(current.map(({ subscriber }) => subscriber))
  for (const { id } of records) before.delete(id)
  const all = new Set(current.map(({ subscriber }) => subscriber)).size
  if (before.size <= all * maxGone) return
  throw new FlowledgerError(
    'directory-shrunk',
    `${origin} lacks ${before.size} of the ${all} subscribers that "${name}" has.`,
    { fix: 'If they are really gone, load it with --force.' }
  )
}

async function writeVersion(
  client: pg.ClientBase,
  source: number,
  { origin, state, nowUs }: DirectoryLoad,
  counts: Omit<DirectoryVersion, 'version'>
): Promise<string> {
  const digest = createHash('sha256')
  for (const each of state.records.map((record) => record.digest).toSorted()) digest.update(each)
  const { rows } = await client.query<{ id: string }>(
    `insert into directory.version
       (source, loaded_at, digest, origin, row_count, added, ended, refused)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      source,
      toTimestamp(nowUs),
      digest.digest(),
      origin,
      counts.records,
      counts.added,
      counts.ended,
      counts.refused,
    ]
  )
  return rows[0]?.id ?? ''
}

async function writeRecords(
  client: pg.ClientBase,
  source: number,
  version: string,
  records: readonly DirectoryRecord[],
  { fromUs }: Times
): Promise<void> {
  const ends = records.map(({ validToUs }) =>
    validToUs === undefined ? 'infinity' : toTimestamp(validToUs)
  )
  const { rows } = await client.query<{ id: string; digest: string }>(
    `insert into directory.subscriber (source, version, from_at, to_at, shared, digest, subscriber,
       name, contact, attributes)
     select $1, $2, * from unnest($3::timestamptz[], $4::timestamptz[], $5::bool[], $6::uuid[],
       $7::text[], $8::text[], $9::text[], $10::jsonb[])
     returning id, replace(digest::text, '-', '') as digest`,
    [
      source,
      version,
      records.map(({ validFromUs }) => toTimestamp(validFromUs ?? fromUs)),
      ends,
      records.map(({ shared }) => shared),
      records.map(({ digest }) => digest),
      records.map(({ id }) => id),
      records.map(({ name }) => name ?? null),
      records.map(({ contact }) => contact ?? null),
      records.map(({ attributes }) => JSON.stringify(attributes)),
    ]
  )
  const ids = new Map(rows.map(({ id, digest }) => [digest, id]))
  const keys = records.flatMap(({ digest, keys: own }, i) =>
    own.map((key) => ({ ...key, subscriber: ids.get(digest), to: ends[i] }))
  )
  await client.query(
    `insert into directory.key (subscriber, type, value, prefix, to_at)
     select n.subscriber, n.type, n.value, case n.type when 'prefix' then n.value::cidr end, n.to_at
     from unnest($1::int8[], $2::text[], $3::text[], $4::timestamptz[])
       as n(subscriber, type, value, to_at)`,
    [
      keys.map(({ subscriber }) => subscriber),
      keys.map(({ type }) => type),
      keys.map(({ value }) => value),
      keys.map(({ to }) => to),
    ]
  )
}

/** Records of the same subscriber that are in force after this load. */
const stillThere = `directory.subscriber f
  where f.source = s.source and f.subscriber = s.subscriber and f.ended_by is null`

/**
 * Ends records. A subscriber that is still there changed at this load: what it is called up to now
 * is known, but a key that it has no more ended somewhere since the load before.
 */
async function endRecords(
  client: pg.ClientBase,
  version: string,
  vanished: readonly Current[],
  { fromUs, goneUs }: Times
): Promise<void> {
  if (vanished.length === 0) return
  const values = [vanished.map(({ id }) => id), toTimestamp(fromUs), toTimestamp(goneUs)]
  const marked = 'update directory.subscriber set ended_by = $2 where id = any($1::int8[])'
  await client.query(marked, [values[0], version])
  await client.query(
    `update directory.key k set to_at = least(k.to_at, coalesce((
         select min(least($2::timestamptz, f.from_at)) from ${stillThere}
         and f.from_at > s.from_at and exists (select from directory.key n
           where n.subscriber = f.id and n.type = k.type and n.value = k.value)
       ), $3::timestamptz))
     from directory.subscriber s where k.subscriber = s.id and s.id = any($1::int8[])`,
    values
  )
  await client.query(
    `update directory.subscriber s set to_at = least(s.to_at, coalesce((
         select min(least($2::timestamptz, f.from_at)) from ${stillThere} and f.from_at > s.from_at
       ), $3::timestamptz))
     where s.id = any($1::int8[])`,
    values
  )
  // The directory has corrected what it said of the same time.
  await client.query(
    `update directory.subscriber s set superseded_by = $2
     where s.id = any($1::int8[]) and exists (
       select from ${stillThere} and f.from_at <= s.from_at and f.version = $2)`,
    [values[0], version]
  )
}
