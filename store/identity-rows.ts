import type pg from 'pg'
import type { HoldingKind } from '../model/identity.ts'
import type { WantedKey } from './identity-batch.ts'
import { endOf } from './identity-segment.ts'
import type { Facts, Segment } from './identity-segment.ts'

/** The columns of `identity.holding` that hold {@link Facts}. */
export const factColumns = [
  ['user', 'user_name'],
  ['mac', 'mac'],
  ['duid', 'duid'],
  ['clientId', 'client_id'],
  ['circuitId', 'circuit_id'],
  ['remoteId', 'remote_id'],
  ['hostname', 'hostname'],
  ['session', 'session'],
  ['nas', 'nas'],
  ['station', 'station'],
] as const satisfies readonly (readonly [keyof Facts, string])[]

/** Their names in a list. */
export const factNames = factColumns.map(([, column]) => column).join(', ')

/** Seconds since 1970, infinite ones too; exact to the microsecond for the times that count. */
export function seconds(column: string): string {
  return `date_part('epoch', ${column})`
}

/** Microseconds of {@link seconds}. */
export function usOf(value: number): number {
  return Math.round(value * 1e6)
}

type FactRow = Readonly<Record<(typeof factColumns)[number][1], string | null>>

interface HoldingRow extends FactRow {
  readonly id: string
  readonly key: string
  readonly kind: HoldingKind
  readonly prefix: string | null
  readonly started: number
  readonly alive: number
  readonly until: number
  readonly stopped: number | null
  readonly bound: number | null
  readonly start_known: boolean
  readonly stop_told: boolean
  readonly weak: boolean
  readonly first_record: string
  readonly last_record: string
}

const rowColumns = `h.id, h.key, h.kind, h.prefix,
  ${seconds('h.start_at')} as started, ${seconds('h.alive_at')} as alive,
  ${seconds('h.until_at')} as until, ${seconds('h.stop_at')} as stopped,
  ${seconds('h.bound_at')} as bound, h.start_known, h.stop_told, h.weak,
  h.first_record, h.last_record, ${factColumns.map(([, column]) => `h.${column}`).join(', ')}`

/** Facts of a row; columns that are null are left out. */
export function factsOfRow(row: FactRow): Facts {
  const facts: Record<string, string> = {}
  for (const [name, column] of factColumns) {
    const text = row[column]
    if (text !== null) facts[name] = text
  }
  return facts
}

function segmentOf(row: HoldingRow): Segment {
  return {
    id: row.id,
    kind: row.kind,
    prefix: row.prefix ?? undefined,
    key: row.key.replaceAll('-', ''),
    startUs: usOf(row.started),
    startKnown: row.start_known,
    aliveUs: usOf(row.alive),
    untilUs: usOf(row.until),
    stopUs: row.stopped === null ? undefined : usOf(row.stopped),
    stopTold: row.stop_told,
    boundUs: row.bound === null ? Infinity : usOf(row.bound),
    weak: row.weak,
    facts: factsOfRow(row),
    firstRecord: row.first_record,
    lastRecord: row.last_record,
    changed: false,
    factsChanged: false,
    recheck: false,
  }
}

/** Segments of one key that are read; no source says more of one key in a batch's time. */
const maxPerKey = 200

/**
 * Of a key that comes back: the segment under way at the earliest statement and all after it. Of a
 * session: all that ended shortly before it or later.
 */
const readRecurring = `
  select ${rowColumns} from unnest($1::uuid[], $2::float8[]) as k(key, from_s),
    lateral (
      select * from identity.holding h
      where h.key = k.key and h.merged_into is null and h.start_at >= coalesce((
        select max(p.start_at) from identity.holding p
        where p.key = k.key and p.merged_into is null and p.start_at <= to_timestamp(k.from_s)
      ), '-infinity')
      order by h.start_at limit ${maxPerKey}
    ) h`

const readSessions = `
  select ${rowColumns} from unnest($1::uuid[], $2::float8[]) as k(key, from_s),
    lateral (
      select * from identity.holding h
      where h.key = k.key and h.merged_into is null
        and h.end_at >= to_timestamp(k.from_s) - interval '1 hour'
      order by h.start_at desc limit ${maxPerKey}
    ) h`

/** Reads what is known of keys. */
export async function readSegments(
  client: pg.ClientBase,
  wanted: readonly WantedKey[]
): Promise<readonly Segment[]> {
  const found: Segment[] = []
  for (const isSession of [false, true]) {
    const keys = wanted.filter((key) => key.isSession === isSession)
    if (keys.length === 0) continue
    const { rows } = await client.query<HoldingRow>({
      name: isSession ? 'read sessions' : 'read holdings',
      text: isSession ? readSessions : readRecurring,
      values: [keys.map(({ key }) => key), keys.map(({ fromUs }) => fromUs / 1e6)],
    })
    for (const row of rows) found.push(segmentOf(row))
  }
  return found
}

const weekUs = 604_800e6
/** The week of an end that nothing bounds. */
export const foreverWeek = 32_767

/** The week that a time lies in, since 1970; as `identity.week` of the database. */
export function weekOf(us: number): number {
  if (us === Infinity) return foreverWeek
  return Math.min(foreverWeek - 1, Math.max(-32_768, Math.floor(us / weekUs)))
}

const updateHoldings = `
  update identity.holding h set
    start_at = to_timestamp(n.start_s), alive_at = to_timestamp(n.alive_s),
    until_at = to_timestamp(n.until_s), end_at = to_timestamp(n.end_s),
    stop_at = to_timestamp(n.stop_s), bound_at = to_timestamp(n.bound_s),
    end_week = n.end_week, start_known = n.start_known, stop_told = n.stop_told, weak = n.weak,
    first_record = n.first_record, last_record = n.last_record
  from unnest($1::int8[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[],
    $7::float8[], $8::int2[], $9::bool[], $10::bool[], $11::bool[], $12::text[], $13::text[])
    as n(id, start_s, alive_s, until_s, end_s, stop_s, bound_s, end_week, start_known, stop_told,
      weak, first_record, last_record)
  where h.id = n.id`

/** Writes what became of rows. */
export async function updateSegments(
  client: pg.ClientBase,
  segments: readonly Segment[]
): Promise<void> {
  if (segments.length === 0) return
  const ends = segments.map(endOf)
  const inSeconds = (us: number | undefined): number | null => (us === undefined ? null : us / 1e6)
  await client.query({
    name: 'update holdings',
    text: updateHoldings,
    values: [
      segments.map(({ id }) => id),
      segments.map(({ startUs }) => startUs / 1e6),
      segments.map(({ aliveUs }) => aliveUs / 1e6),
      segments.map(({ untilUs }) => untilUs / 1e6),
      ends.map((us) => us / 1e6),
      segments.map(({ stopUs }) => inSeconds(stopUs)),
      segments.map(({ boundUs }) => (boundUs === Infinity ? null : boundUs / 1e6)),
      ends.map(weekOf),
      segments.map(({ startKnown }) => startKnown),
      segments.map(({ stopTold }) => stopTold),
      segments.map(({ weak }) => weak),
      segments.map(({ firstRecord }) => firstRecord),
      segments.map(({ lastRecord }) => lastRecord),
    ],
  })
  await updateFacts(
    client,
    segments.filter(({ factsChanged }) => factsChanged)
  )
}

async function updateFacts(client: pg.ClientBase, segments: readonly Segment[]): Promise<void> {
  if (segments.length === 0) return
  const types = factColumns.map(([, column], i) =>
    column === 'mac' ? `$${i + 2}::macaddr[]` : `$${i + 2}::text[]`
  )
  await client.query({
    name: 'update facts of holdings',
    text: `update identity.holding h set
             ${factColumns.map(([, column]) => `${column} = n.${column}`).join(', ')}
           from unnest($1::int8[], ${types.join(', ')}) as n(id, ${factNames})
           where h.id = n.id`,
    values: [
      segments.map(({ id }) => id),
      ...factColumns.map(([name]) => segments.map(({ facts }) => facts[name] ?? null)),
    ],
  })
}

/** Marks rows as part of others. They stay, for answers that named them. */
export async function mergeRows(
  client: pg.ClientBase,
  parts: readonly { part: Segment; whole: Segment }[]
): Promise<void> {
  if (parts.length === 0) return
  await client.query(
    `update identity.holding h set merged_into = n.whole
     from unnest($1::int8[], $2::int8[]) as n(part, whole) where h.id = n.part`,
    [parts.map(({ part }) => part.id), parts.map(({ whole }) => whole.id)]
  )
}
