import type { Prefix } from '../model/address.ts'
import type { Holding } from '../model/identity.ts'
import type { Database } from './database.ts'
import { holdingColumns, holdingOf, weekOfEarliest } from './identity-query.ts'
import type { HoldingRow } from './identity-query.ts'
import { textOfPrefix } from './identity-text.ts'
import { toTimestamp } from './timestamp.ts'

/** Which holdings a list has: those that meet [fromUs, toUs], by prefix. */
export interface InsideQuery {
  readonly fromUs: number
  readonly toUs: number
  /** The prefix that the page before ended with. */
  readonly after?: Prefix | undefined
  readonly limit: number
}

/**
 * In the order of the index on prefixes, so that a page reads what it shows; $4: where the page
 * before ended.
 */
const insideSql = `
  select ${holdingColumns} from identity.holding h join identity.source s on s.id = h.source
  where h.merged_into is null and h.prefix is not null
    and ($4::cidr is null or h.prefix > $4::cidr) and h.end_week >= $3
    and h.start_at <= $2::timestamptz and h.end_at >= $1::timestamptz
  order by h.prefix, h.end_week, h.start_at limit $5`

/**
 * Makes the list of what is held inside now, by prefix. Several holdings of one prefix stand
 * together; a page may end between them, and the next goes on after the prefix.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeInsideHoldings(
  database: Pick<Database, 'query'>
): (query: InsideQuery) => Promise<readonly Holding[]> {
  return async ({ fromUs, toUs, after, limit }) => {
    const rows = await database.query<HoldingRow>('list what is held inside', {
      name: 'inside holdings',
      text: insideSql,
      values: [
        toTimestamp(fromUs),
        toTimestamp(toUs),
        weekOfEarliest(fromUs),
        textOfPrefix(after) ?? null,
        limit,
      ],
    })
    return rows.map(holdingOf)
  }
}
