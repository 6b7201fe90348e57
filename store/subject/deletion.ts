import type pg from 'pg'
import type { PurgeFacts } from '../retention/proof.ts'
import { toTimestamp } from '../timestamp.ts'
import type { SubjectSpan } from './spans.ts'

/** The deletion of what is held on somebody. */
export interface Deletion {
  readonly spans: readonly SubjectSpan[]
  /** Numbers of the holdings in `identity.holding` that go. */
  readonly holdings: readonly string[]
  /** What proofs name as the rule. It names nobody. */
  readonly rule: string
  /** By whose word, for the proofs. */
  readonly authority: Readonly<Record<string, unknown>>
}

/** Where rows of a source were deleted. */
export interface DeletedSpan {
  readonly source: number
  readonly fromUs: number
  readonly toUs: number
  readonly lost: number
}

/** Where rows are gone that were there, an answer may not say that nobody had an address. */
export async function addGaps(client: pg.ClientBase, spans: readonly DeletedSpan[]): Promise<void> {
  for (const { source, fromUs, toUs, lost } of spans) {
    await client.query(
      `insert into ledger.gap (source, from_at, to_at, reason, lost)
       values ($1, $2, $3, 'deleted', $4)`,
      [source, toTimestamp(fromUs), toTimestamp(toUs), lost]
    )
  }
}

/** Rows of each source by its name. */
export async function partsOfCounts(
  client: pg.ClientBase,
  counts: ReadonlyMap<number, number>,
  rule: string
): Promise<PurgeFacts['parts']> {
  const { rows } = await client.query<{ id: number; name: string }>(
    'select id, name from ledger.source where id = any($1)',
    [[...counts.keys()]]
  )
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return [...counts].map(([id, count]) => ({ source: names.get(id) ?? '', rows: count, rule }))
}
