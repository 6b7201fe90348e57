import { FlowledgerError } from '../model/errors.ts'
import type { NatNotice, NatNoticeQuery } from '../model/nat-notice.ts'
import type { Database } from './database.ts'
import type { SourceList } from './source-list.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

/** A page of notices, oldest first. */
export interface NatNoticePage {
  readonly items: readonly NatNotice[]
  /** Cursor of the next page; left out on the last one. */
  readonly next?: string
}

interface EventRow {
  readonly id: string
  readonly at_us: string
  readonly source: number
  readonly event: number
  readonly detail: string | null
  readonly configured_limit: string | null
  readonly protocol: number
  readonly vrf: string
  readonly inside_ip: string | null
  readonly public_ip: string | null
  readonly user_name: string
  readonly pool_name: string
}

const listSql = `
  select e.id, ${microseconds('e.at')} as at_us, e.source, e.event, e.detail, e.configured_limit,
    e.protocol, e.vrf, host(e.inside_ip) as inside_ip, host(e.public_ip) as public_ip,
    e.user_name, e.pool_name
  from ledger.nat_event e
  where e.at >= $1 and e.at < $2
    and ($3::timestamptz is null or (e.at, e.id) > ($3, $4::int8))
    and ($5::int2 is null or e.event = $5)
    and ($6::text is null or e.source = (select id from ledger.source where name = $6))
    and ($7::text is null or e.pool_name = $7)
  order by e.at, e.id
  limit $8`

const positionPattern = /^(\d{1,16})\.(\d{1,18})$/

function positionOf(cursor: string | undefined): readonly [at: string | null, id: string | null] {
  if (cursor === undefined) return [null, null]
  const [, atUs, id] = positionPattern.exec(cursor) ?? []
  if (atUs === undefined || id === undefined) {
    throw new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
      fix: 'Take the cursor of the page before as it is.',
    })
  }
  return [toTimestamp(Number(atUs)), id]
}

const numberOrUndefined = (text: string | null): number | undefined =>
  text === null ? undefined : Number(text)

function noticeOf(row: EventRow, source: string): NatNotice {
  return {
    atUs: Number(row.at_us),
    source,
    event: row.event,
    detail: numberOrUndefined(row.detail),
    configuredLimit: numberOrUndefined(row.configured_limit),
    protocol: row.protocol,
    vrf: Number(row.vrf),
    inside: row.inside_ip ?? undefined,
    public: row.public_ip ?? undefined,
    user: row.user_name,
    pool: row.pool_name,
  }
}

/**
 * Makes the list of what gateways said of their limits, by time.
 *
 * @throws FlowledgerError `usage`, `database-unreachable`, `database-failed`
 */
export function makeListNatNotices(
  database: Database,
  sources: SourceList
): (query: NatNoticeQuery) => Promise<NatNoticePage> {
  return async ({ fromUs, toUs, event, source, pool, limit, cursor }) => {
    const [at, id] = positionOf(cursor)
    const rows = await database.query<EventRow>('list NAT events', {
      text: listSql,
      values: [
        toTimestamp(fromUs),
        toTimestamp(toUs),
        at,
        id,
        event ?? null,
        source ?? null,
        pool ?? null,
        limit + 1,
      ],
    })
    const page = rows.slice(0, limit)
    const byId = await sources.withIds(new Set(page.map((row) => row.source)))
    const items = page.map((row) => noticeOf(row, byId.get(row.source)?.name ?? ''))
    const last = page.at(-1)
    if (rows.length <= limit || last === undefined) return { items }
    return { items, next: `${Number(last.at_us)}.${last.id}` }
  }
}
