import type pg from 'pg'

/** Whether two rows `a` and `b` stand for what only one holder can have at a time. */
const isSamePlace = `a.prefix = b.prefix and a.source = b.source and a.kind = b.kind
  and a.kind <> 'login' and a.nas is not distinct from b.nas
  and (a.kind <> 'neighbour' or a.station is not distinct from b.station)`

const sureUntil = (row: string): string =>
  `(case when ${row}.stop_told then ${row}.stop_at else ${row}.alive_at end)`

/**
 * `weekOf` of identity-rows.ts, spelt out: PostgreSQL does not inline such a function and would
 * spend more time on calling it than on finding the rows.
 */
const week = (at: string): string =>
  `(case when ${at} = 'infinity' then 32767
    else least(32766, greatest(-32768, floor(date_part('epoch', ${at}) / 604800))) end)::int2`

/** `endOf` of identity-segment.ts for a row `h` that is bound by `n.at`. */
const boundEnd = `(case
  when h.stop_at is null then greatest(h.alive_at, least(h.until_at, n.at))
  when not h.stop_told then greatest(h.alive_at, least(h.stop_at, n.at))
  else greatest(h.stop_at, least(h.alive_at, n.at)) end)`

const setBound = `bound_at = n.at, end_at = ${boundEnd}, end_week = ${week(boundEnd)}`

const isToldEnd = (row: string): string =>
  `(${row}.stop_told and ${row}.alive_at <= ${row}.stop_at)`

/**
 * For each row ($1) all other holders of its address that were there when it began or later: those
 * before it had ended when it began, and it had ended when the next one began, or when its NAS was
 * restarted ($2: whether that ever was). In pairs from one search of the index for each row;
 * `offset 0` keeps PostgreSQL from beginning at the other end.
 */
const bindHolders = `
  with mine as materialized (
    select a.*, ${sureUntil('a')} as sure, ${isToldEnd('a')} as told
    from unnest($1::int8[]) i(id) join identity.holding a on a.id = i.id
  ), pairs as materialized (
    select a.id as a_id, a.start_at as a_start, a.sure as a_sure, a.told as a_told, b.*
    from mine a, lateral (
      select b.id, b.start_at, ${sureUntil('b')} as sure, ${isToldEnd('b')} as told
      from identity.holding b
      where ${isSamePlace} and b.merged_into is null and b.id <> a.id
        and b.end_week >= ${week('a.start_at')} and b.end_at > a.start_at
      offset 0
    ) b
  ), n as materialized (
    select id, min(at) as at from (
      select id, a_start as at from pairs
      where not told and start_at < a_start and sure <= a_start
      union all
      select a_id, start_at from pairs
      where not a_told and start_at > a_start and start_at >= a_sure
      union all
      select a.id, r.at from mine a join identity.restart r
        on r.source = a.source and r.nas in ('', coalesce(a.nas, ''))
      where $2 and not a.told and a.kind in ('session', 'neighbour', 'login')
        and r.at > a.start_at and r.at >= a.sure
    ) found group by id
  )
  update identity.holding h set ${setBound} from n
  where h.id = n.id
    and (h.bound_at is null or h.bound_at < ${sureUntil('h')} or h.bound_at > n.at)`

/**
 * Bounds the ends of rows that are new or whose times have moved, and of those before them.
 *
 * @param restarted false where no NAS of the source ever was
 */
export async function bindRows(
  client: pg.ClientBase,
  ids: readonly string[],
  restarted: boolean
): Promise<void> {
  if (ids.length === 0) return
  await client.query({ name: 'bind holders', text: bindHolders, values: [ids, restarted] })
}

/** All that was held at a NAS ($2, '' where it has no name) of a source ($1) had ended by $3. */
const bindByRestart = `
  update identity.holding h set ${setBound}
  from (select $3::timestamptz as at) n
  where h.source = $1 and coalesce(h.nas, '') = $2 and h.merged_into is null
    and h.stop_at is null and h.kind in ('session', 'neighbour', 'login')
    and h.end_week >= ${week('n.at')} and h.end_at > n.at
    and h.start_at < n.at and h.alive_at <= n.at`

/** Names of the NASes that hold anything open, by jumping from one to the next in the index. */
const openNases = `
  with recursive n as (
    select min(coalesce(nas, '')) as nas from identity.holding
    where source = $1 and merged_into is null and stop_at is null
      and kind in ('session', 'neighbour', 'login')
    union all
    select (
      select min(coalesce(nas, '')) from identity.holding
      where source = $1 and merged_into is null and stop_at is null
        and kind in ('session', 'neighbour', 'login') and coalesce(nas, '') > n.nas
    ) from n where n.nas is not null
  )
  select nas from n where nas is not null`

/** A restart as it is written; `nas` is empty where all that the source has was restarted. */
export interface Restart {
  readonly nas: string
  readonly at: string
  readonly record: string
}

/** Writes restarts, and ends what was held before them. */
export async function writeRestarts(
  client: pg.ClientBase,
  source: number,
  restarts: readonly Restart[]
): Promise<void> {
  if (restarts.length === 0) return
  await client.query(
    `insert into identity.restart (source, nas, at, record)
     select $1, * from unnest($2::text[], $3::timestamptz[], $4::text[]) on conflict do nothing`,
    [
      source,
      restarts.map(({ nas }) => nas),
      restarts.map(({ at }) => at),
      restarts.map(({ record }) => record),
    ]
  )
  for (const { nas, at } of restarts) {
    const nases = nas === '' ? await nasesOf(client, source) : [nas]
    for (const each of nases) await client.query(bindByRestart, [source, each, at])
  }
}

async function nasesOf(client: pg.ClientBase, source: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ nas: string }>(openNases, [source])
  return rows.map(({ nas }) => nas)
}
