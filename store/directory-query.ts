import type { Subscriber, SubscriberKey } from '../model/identity.ts'
import type { Database } from './database.ts'
import type { HttpDirectory } from './directory-http.ts'
import { foldKey } from './directory-key.ts'
import { seconds, usOf } from './identity-rows.ts'
import { toTimestamp } from './timestamp.ts'

/** Keys of one question that are looked up, and subscribers of each that are given. */
const maxKeys = 64
const maxPerKey = 50

interface SubscriberRow {
  readonly place: number
  readonly directory: string
  readonly subscriber: string
  readonly name: string | null
  readonly contact: string | null
  readonly attributes: Readonly<Record<string, string>>
  readonly version: string
  readonly shared: boolean
  readonly from_s: number
  readonly to_s: number
}

const columns = `d.name as directory, s.subscriber, s.name, s.contact, s.attributes, s.version,
  s.shared, ${seconds('s.from_at')} as from_s, ${seconds('least(k.to_at, s.to_at)')} as to_s`

const isTrueThen = `s.superseded_by is null and s.from_at <= $3::timestamptz
  and s.to_at > $3::timestamptz and k.to_at > $3::timestamptz`

/**
 * $1, $2: types and folded values of the keys; $3: the instant. Of prefixes that hold an address
 * the longest one counts, in each directory: the customer's line, not the wholesaler's network.
 */
const findSql = `
  select q.place, found.* from unnest($1::text[], $2::text[]) with ordinality q(type, value, place),
    lateral (
      (select ${columns}
       from directory.key k join directory.subscriber s on s.id = k.subscriber
         join directory.source d on d.id = s.source
       where q.type <> 'prefix' and k.type = q.type and k.value = q.value and ${isTrueThen}
       limit ${maxPerKey})
      union all
      (select directory, subscriber, name, contact, attributes, version, shared, from_s, to_s
       from (
         select ${columns}, rank() over (partition by d.id order by masklen(k.prefix) desc) as place
         from directory.key k join directory.subscriber s on s.id = k.subscriber
           join directory.source d on d.id = s.source
         where q.type = 'prefix' and ${isTrueThen} and k.prefix = any(array(
           select network(set_masklen(q.value::inet, length))
           from generate_series(0, masklen(q.value::inet)) length
         )::cidr[])
       ) nested
       where place = 1 limit ${maxPerKey})
    ) found
  order by q.place, found.directory, found.subscriber`

function subscriberOf(row: SubscriberRow, by: SubscriberKey): Subscriber {
  return {
    id: row.subscriber,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.contact === null ? {} : { contact: row.contact }),
    attributes: row.attributes,
    directory: row.directory,
    version: Number(row.version),
    fromUs: usOf(row.from_s),
    toUs: usOf(row.to_s),
    by,
    shared: row.shared,
  }
}

/**
 * Makes the question whose keys were at an instant: to the directories that are loaded, and to
 * those that are asked over HTTP. All that match are given, each with the key that it was found by,
 * as it was asked. A key of two subscribers gives both.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`; `directory-unreachable` where
 *   one that is asked over HTTP gives no answer: then nobody can be named, since it might name
 *   somebody else
 */
export function makeFindSubscribers(
  database: Pick<Database, 'query'>,
  asked: readonly Pick<HttpDirectory, 'find'>[] = []
): (keys: readonly SubscriberKey[], atUs: number) => Promise<readonly Subscriber[]> {
  return async (keys, atUs) => {
    const folded = keys.flatMap((key) => {
      const value = foldKey(key)
      return value === undefined ? [] : [{ key, folded: { type: key.type, value } }]
    })
    const taken = folded.slice(0, maxKeys)
    if (taken.length === 0) return []
    const rows = await database.query<SubscriberRow>('look up subscribers', {
      name: 'find subscribers',
      text: findSql,
      values: [
        taken.map(({ folded: { type } }) => type),
        taken.map(({ folded: { value } }) => value),
        toTimestamp(atUs),
      ],
    })
    const found = rows.flatMap((row) => {
      const by = taken[row.place - 1]?.key
      return by === undefined ? [] : [subscriberOf(row, by)]
    })
    const answers = await Promise.all(
      asked.flatMap((directory) =>
        taken.map(({ key, folded: wanted }) => directory.find(wanted, key, atUs))
      )
    )
    return [...found, ...answers.flat()]
  }
}

/** A load of a directory. */
export interface DirectoryVersionInfo {
  readonly directory: string
  readonly version: string
  readonly loadedUs: number
  readonly origin: string
  readonly records: number
  readonly added: number
  readonly ended: number
  readonly refused: number
}

/** The loads of all directories, newest first. */
export async function listVersions(
  database: Pick<Database, 'query'>,
  limit = 100
): Promise<readonly DirectoryVersionInfo[]> {
  const rows = await database.query<{
    directory: string
    version: string
    loaded_s: number
    origin: string
    row_count: number
    added: number
    ended: number
    refused: number
  }>('list the versions of directories', {
    text: `select d.name as directory, v.id as version, ${seconds('v.loaded_at')} as loaded_s,
             v.origin, v.row_count, v.added, v.ended, v.refused
           from directory.version v join directory.source d on d.id = v.source
           order by v.loaded_at desc, v.id desc limit $1`,
    values: [limit],
  })
  return rows.map(({ loaded_s, row_count, ...row }) => ({
    ...row,
    loadedUs: usOf(loaded_s),
    records: row_count,
  }))
}

/** A directory that was loaded. */
export interface DirectoryInfo {
  readonly directory: string
  readonly kind: string
  readonly loadedUs: number
  /** Records in force. */
  readonly records: number
}

/** The directories that were loaded. */
export async function listDirectories(
  database: Pick<Database, 'query'>
): Promise<readonly DirectoryInfo[]> {
  const rows = await database.query<{
    directory: string
    kind: string
    loaded_s: number
    records: number
  }>('list the directories', {
    text: `select d.name as directory, d.kind, ${seconds('v.loaded_at')} as loaded_s,
             v.row_count as records
           from directory.source d, lateral (
             select loaded_at, row_count from directory.version v
             where v.source = d.id order by loaded_at desc limit 1) v
           order by d.name`,
  })
  return rows.map(({ loaded_s, ...row }) => ({ ...row, loadedUs: usOf(loaded_s) }))
}

/** What a directory said of a subscriber, and when that was true. */
export interface SubscriberVersion {
  readonly directory: string
  readonly version: string
  readonly fromUs: number
  readonly toUs: number
  readonly superseded: boolean
  readonly name: string | null
  readonly contact: string | null
  readonly shared: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly keys: readonly SubscriberKey[]
}

/** All that directories ever said of a subscriber by its number, oldest first. */
export async function showSubscriber(
  database: Pick<Database, 'query'>,
  id: string
): Promise<readonly SubscriberVersion[]> {
  const rows = await database.query<
    Omit<SubscriberVersion, 'fromUs' | 'toUs'> & { from_s: number; to_s: number }
  >('show a subscriber', {
    text: `select d.name as directory, s.version, ${seconds('s.from_at')} as from_s,
             ${seconds('s.to_at')} as to_s, s.superseded_by is not null as superseded, s.name,
             s.contact, s.shared, s.attributes,
             (select json_agg(json_build_object('type', k.type, 'value', k.value)
                order by k.type, k.value)
              from directory.key k where k.subscriber = s.id) as keys
           from directory.subscriber s join directory.source d on d.id = s.source
           where s.subscriber = $1 order by s.from_at, s.id limit 1000`,
    values: [id],
  })
  return rows.map(({ from_s, to_s, ...row }) => ({
    ...row,
    fromUs: usOf(from_s),
    toUs: usOf(to_s),
  }))
}
