import type pg from 'pg'
import type { RetentionRule } from '../../model/retention.ts'
import { toTimestamp } from '../timestamp.ts'

/** A source with the rule that its rows, or a field of them, are past by. */
export interface PastSource {
  readonly id: number
  readonly name: string
  readonly rule: RetentionRule
}

/** Writes up to when rows, or a field, of sources are gone. An edge never moves back. */
export async function moveEdges(
  client: pg.ClientBase,
  past: readonly PastSource[],
  throughUs: number
): Promise<void> {
  for (const { id, rule } of past) {
    await client.query(
      `insert into ledger.retention_edge as e (source, kind, field, through_at, rule)
       values ($1, $2, $3, $4, $5)
       on conflict (source, kind, field) do update
         set through_at = greatest(e.through_at, excluded.through_at), rule = excluded.rule`,
      [id, rule.kind, rule.field ?? '', toTimestamp(throughUs), rule.text]
    )
  }
}

/** `source = any('{1,2}')`: ids are numbers of our own. */
export const ofSources = (past: readonly Pick<PastSource, 'id'>[]): string =>
  `source = any('{${past.map(({ id }) => id).join()}}'::int[])`

/** Copies what holds in force say of the rows that start in [fromUs, toUs) to the held ones. */
export async function keepHeld(
  client: pg.ClientBase,
  fromUs: number,
  toUs: number
): Promise<number> {
  const { rows } = await client.query<{ copied: string | null }>(
    `select sum(ledger.keep_held(id, $1, $2)) as copied from cases.hold where released_at is null`,
    [toTimestamp(fromUs), toTimestamp(toUs)]
  )
  return Number(rows[0]?.copied ?? 0)
}
