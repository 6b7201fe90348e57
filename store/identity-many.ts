import type { Holding } from '../model/identity.ts'
import { formatWords, isV4 } from '../model/address.ts'
import type { Database } from './database.ts'
import {
  findHoldingsSql,
  holdingOf,
  identitySourceOf,
  identitySourcesSql,
  weekOfEarliest,
} from './identity-query.ts'
import type {
  HoldingQuery,
  HoldingRow,
  IdentitySource,
  IdentitySourceRow,
} from './identity-query.ts'
import { toTimestamp } from './timestamp.ts'

/** The queries of identity-query.ts for many questions in one round trip. */

/** A statement whose first parameters come from columns of `q`, a row a question. */
function forEach(statement: string, columns: readonly string[]): string {
  return columns.reduce((text, column, i) => text.replaceAll(`$${i + 1}`, `q.${column}`), statement)
}

const manyHoldingsSql = `
  select q.n::int4, f.* from
    unnest($1::timestamptz[], $2::timestamptz[], $3::int2[], $4::inet[])
      with ordinality as q(from_at, to_at, week, address, n)
    cross join lateral (
      select row_number() over () as place, one.* from (
        ${forEach(findHoldingsSql, ['from_at', 'to_at', 'week', 'address'])}
      ) one
    ) f
  order by q.n, f.place`

const manySourcesSql = `
  select q.n::int4, f.* from
    unnest($1::timestamptz[], $2::timestamptz[]) with ordinality as q(from_at, to_at, n)
    cross join lateral (${forEach(identitySourcesSql, ['from_at', 'to_at'])}) f
  order by q.n, f.name`

/** Rows as lists, one for each of `count` questions. */
function byQuestion<Row extends { readonly n: number }>(rows: readonly Row[], count: number) {
  const lists: Row[][] = Array.from({ length: count }, () => [])
  for (const row of rows) lists[row.n - 1]?.push(row)
  return lists
}

const octetsText = ({ address }: HoldingQuery): string =>
  `${formatWords(address)}/${isV4(address[0], address[1], address[2]) ? 32 : 128}`

/**
 * Makes the look-up of who held an address, for many questions: one answer for each, in their
 * order, as a question by itself gets it.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindManyHoldings(
  database: Pick<Database, 'query'>
): (queries: readonly HoldingQuery[]) => Promise<readonly (readonly Holding[])[]> {
  return async (queries) => {
    const rows = await database.query<HoldingRow & { n: number }>('look up who held addresses', {
      name: 'find many holdings',
      text: manyHoldingsSql,
      values: [
        queries.map(({ fromUs }) => toTimestamp(fromUs)),
        queries.map(({ toUs }) => toTimestamp(toUs)),
        queries.map(({ fromUs }) => weekOfEarliest(fromUs)),
        queries.map(octetsText),
        Math.max(0, ...queries.map(({ limit }) => limit)),
      ],
    })
    return byQuestion(rows, queries.length).map((list, i) =>
      list.slice(0, queries[i]?.limit).map(holdingOf)
    )
  }
}

/**
 * Makes the query for the sources, for many times: for each the gaps that meet it.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeManyIdentitySources(
  database: Pick<Database, 'query'>
): (
  windows: readonly { readonly fromUs: number; readonly toUs: number }[]
) => Promise<readonly (readonly IdentitySource[])[]> {
  return async (windows) => {
    const rows = await database.query<IdentitySourceRow & { n: number }>(
      'list the sources of identities',
      {
        name: 'many identity sources',
        text: manySourcesSql,
        values: [
          windows.map(({ fromUs }) => toTimestamp(fromUs)),
          windows.map(({ toUs }) => toTimestamp(toUs)),
        ],
      }
    )
    return byQuestion(rows, windows.length).map((list) => list.map(identitySourceOf))
  }
}
