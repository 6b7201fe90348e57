import { formatWords, isV4 } from '../model/address.ts'
import type { AddressWords, Prefix } from '../model/address.ts'
import type { Holding, HoldingKind, IdentitySourceKind } from '../model/identity.ts'
import { normaliseMac } from '../model/mac.ts'
import type { Database } from './database.ts'
import { factColumns, factsOfRow, seconds, usOf, weekOf } from './identity-rows.ts'
import type { Facts } from './identity-segment.ts'
import { prefixOfText, textOfPrefix } from './identity-text.ts'
import { spellingsOf } from './spellings.ts'
import { toTimestamp } from './timestamp.ts'

/** Who held an address in [fromUs, toUs]? */
export interface HoldingQuery {
  readonly address: AddressWords
  readonly fromUs: number
  readonly toUs: number
  /** Most holdings that are given; ask for one more to know whether there are more. */
  readonly limit: number
}

/** What did somebody hold in [fromUs, toUs]? One of the keys is given. */
export interface HoldingsOfQuery {
  readonly mac?: string | undefined
  readonly duid?: string | undefined
  /** Upper and lower case are one. */
  readonly user?: string | undefined
  /** The line that a relay names (DHCP option 82, RFC 3046); upper and lower case are one. */
  readonly circuitId?: string | undefined
  readonly remoteId?: string | undefined
  /** Holdings of this prefix, of what lies in it and of what it lies in. */
  readonly prefix?: Prefix | undefined
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}

type FactRow = Readonly<Record<(typeof factColumns)[number][1], string | null>>

export interface HoldingRow extends FactRow {
  readonly id: string
  readonly source: string
  readonly source_kind: IdentitySourceKind
  readonly skew_us: string
  readonly kind: HoldingKind
  readonly prefix: string | null
  readonly started: number
  readonly start_known: boolean
  readonly sure_until: number
  readonly ended: number
  readonly end_known: boolean
  readonly weak: boolean
  readonly first_record: string
  readonly last_record: string
}

/** Columns of a {@link HoldingRow}, of `identity.holding h` and its source `s`. */
export const holdingColumns = `h.id,
  s.name as source, s.kind as source_kind, s.skew_us, h.kind, h.prefix,
  ${seconds('h.start_at')} as started, h.start_known, ${seconds('h.end_at')} as ended,
  ${seconds('case when h.stop_told then h.stop_at else h.alive_at end')} as sure_until,
  h.stop_told and h.alive_at <= h.stop_at as end_known, h.weak, h.first_record, h.last_record,
  ${factColumns.map(([, column]) => `h.${column}`).join(', ')}`

/**
 * Rows that meet [$1, $2], each widened by the skew of its source; $3: the first week to look at.
 * The day is the greatest skew: with it alone the index passes over what began later.
 */
const meets = `h.merged_into is null and h.end_week >= $3
  and h.start_at <= $2::timestamptz + interval '1 day'
  and h.start_at <= $2::timestamptz + s.skew_us * interval '1 microsecond'
  and h.end_at >= $1::timestamptz - s.skew_us * interval '1 microsecond'`

const order = 'order by h.start_at, h.id'

/**
 * The prefixes that hold an address ($4) are few: one for each length that there is. Each is looked
 * up as it stands, which an index answers at once.
 */
export const findHoldingsSql = `
  select ${holdingColumns} from identity.holding h join identity.source s on s.id = h.source
  where h.prefix = any(array(
      select network(set_masklen($4::inet, l.length)) from identity.prefix_length l
      where l.family = family($4::inet)
    )::cidr[]) and ${meets}
  ${order} limit $5`

/** $4: the spellings of what is compared without regard to case. */
const anySpelling = 'any(array(select lower(one) from unnest($4::text[]) one))'

/** SQL conditions of a reverse look-up, by what is given; $4 is its value. */
const reverse = {
  mac: 'h.mac = $4::macaddr',
  duid: 'h.duid = $4',
  user: `lower(h.user_name) = ${anySpelling}`,
  circuitId: `h.circuit_id is not null and lower(h.circuit_id) = ${anySpelling}`,
  remoteId: `h.remote_id is not null and lower(h.remote_id) = ${anySpelling}`,
  prefix: `(h.prefix between network($4::cidr) and
      set_masklen(broadcast($4::inet), case family($4::inet) when 4 then 32 else 128 end)::cidr
    or h.prefix = any(array(
      select network(set_masklen($4::inet, l.length)) from identity.prefix_length l
      where l.family = family($4::inet) and l.length <= masklen($4::inet)
    )::cidr[]))`,
} as const

const subjects = ['mac', 'duid', 'user', 'circuitId', 'remoteId', 'prefix'] as const

/** A row as an object. */
export function holdingOf(row: HoldingRow): Holding {
  const facts: Facts = factsOfRow(row)
  const { mac, duid, clientId, circuitId, remoteId, hostname, ...others } = facts
  const device = { mac, duid, clientId, circuitId, remoteId, hostname }
  const prefix = prefixOfText(row.prefix)
  return {
    id: row.id,
    source: row.source,
    sourceKind: row.source_kind,
    kind: row.kind,
    ...(prefix === undefined ? {} : { prefix }),
    startUs: usOf(row.started),
    startKnown: row.start_known,
    sureUntilUs: usOf(row.sure_until),
    endUs: usOf(row.ended),
    endKnown: row.end_known,
    device: withoutUndefined(device),
    ...withoutUndefined(others),
    records: [...new Set([row.first_record, row.last_record])],
    weak: row.weak,
    skewUs: Number(row.skew_us),
  }
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(value: T): Given<T> {
  const given = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(given) as Given<T>
}

/** Skew that look-ups allow for when they choose weeks; a source may not have more. */
const maxSkewUs = 86_400e6

/** The first week in which a holding that meets a time from `fromUs` on may end. */
export const weekOfEarliest = (fromUs: number): number => weekOf(fromUs - maxSkewUs)

function interval(fromUs: number, toUs: number): unknown[] {
  return [toTimestamp(fromUs), toTimestamp(toUs), weekOfEarliest(fromUs)]
}

/**
 * Makes the look-up of who held an address. A holding is given where [start, end], widened by the
 * skew of its source, meets the time asked for; its own times are not widened, `skewUs` says by how
 * much they may be off. Oldest first.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindHoldings(
  database: Pick<Database, 'query'>
): (query: HoldingQuery) => Promise<readonly Holding[]> {
  return async ({ address, fromUs, toUs, limit }) => {
    const width = isV4(address[0], address[1], address[2]) ? 32 : 128
    const rows = await database.query<HoldingRow>('look up who held an address', {
      name: 'find holdings',
      text: findHoldingsSql,
      values: [...interval(fromUs, toUs), `${formatWords(address)}/${width}`, limit],
    })
    return rows.map(holdingOf)
  }
}

/**
 * Makes the reverse look-up: what a device, user or prefix held. Oldest first.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeHoldingsOf(
  database: Pick<Database, 'query'>
): (query: HoldingsOfQuery) => Promise<readonly Holding[]> {
  return async ({ fromUs, toUs, limit, ...keys }) => {
    const { mac = '', prefix, user, circuitId, remoteId } = keys
    const wanted = {
      ...keys,
      mac: normaliseMac(mac),
      prefix: textOfPrefix(prefix),
      user: user && spellingsOf(user),
      circuitId: circuitId && spellingsOf(circuitId),
      remoteId: remoteId && spellingsOf(remoteId),
    }
    const by = subjects.find((name) => wanted[name])
    if (by === undefined) return []
    const rows = await database.query<HoldingRow>('look up what somebody held', {
      name: `holdings of ${by}`,
      text: `select ${holdingColumns}
             from identity.holding h join identity.source s on s.id = h.source
             where ${reverse[by]} and ${meets} ${order} limit $5`,
      values: [...interval(fromUs, toUs), wanted[by], limit],
    })
    return rows.map(holdingOf)
  }
}

/** A source of identities, and how well it was heard. */
export interface IdentitySource {
  readonly name: string
  readonly kind: IdentitySourceKind
  readonly skewUs: number
  /** Time of the earliest statement (us); undefined before the first. */
  readonly heardFromUs: number | undefined
  /** Up to here it was heard (us). */
  readonly lastHeardUs: number | undefined
  readonly read: number
  readonly unknown: number
  readonly refused: number
  /** The times in which it was not heard that meet what was asked for, oldest first. */
  readonly gaps: readonly {
    readonly fromUs: number
    readonly toUs: number
    readonly reason: string
  }[]
}

export interface IdentitySourceRow {
  readonly name: string
  readonly kind: IdentitySourceKind
  readonly skew_us: string
  readonly heard_from: number | null
  readonly last_heard: number | null
  readonly read_count: string
  readonly unknown_count: string
  readonly refused_count: string
  readonly gaps: readonly (readonly [from: number, to: number, reason: string])[]
}

/** $1, $2: the time whose gaps are given. */
export const identitySourcesSql = `
  select s.name, s.kind, s.skew_us, ${seconds('s.first_heard')} as heard_from,
    ${seconds('s.last_heard')} as last_heard, s.read_count, s.unknown_count, s.refused_count,
    coalesce((
      select json_agg(json_build_array(${seconds('g.from_at')}, ${seconds('g.to_at')}, g.reason)
        order by g.from_at, g.id)
      from identity.gap g
      where g.source = s.id and g.to_at >= $1::timestamptz and g.from_at <= $2::timestamptz
    ), '[]') as gaps
  from identity.source s order by s.name`

/** A row as an object. */
export function identitySourceOf(row: IdentitySourceRow): IdentitySource {
  return {
    name: row.name,
    kind: row.kind,
    skewUs: Number(row.skew_us),
    heardFromUs: row.heard_from === null ? undefined : usOf(row.heard_from),
    lastHeardUs: row.last_heard === null ? undefined : usOf(row.last_heard),
    read: Number(row.read_count),
    unknown: Number(row.unknown_count),
    refused: Number(row.refused_count),
    gaps: row.gaps.map(([from, to, reason]) => ({ fromUs: usOf(from), toUs: usOf(to), reason })),
  }
}

/**
 * Makes the query for the sources, with the gaps that meet [fromUs, toUs].
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeIdentitySources(
  database: Pick<Database, 'query'>
): (fromUs?: number, toUs?: number) => Promise<readonly IdentitySource[]> {
  return async (fromUs = -Infinity, untilUs = Infinity) => {
    const rows = await database.query<IdentitySourceRow>('list the sources of identities', {
      text: identitySourcesSql,
      values: [
        fromUs === -Infinity ? '-infinity' : toTimestamp(fromUs),
        untilUs === Infinity ? 'infinity' : toTimestamp(untilUs),
      ],
    })
    return rows.map(identitySourceOf)
  }
}
