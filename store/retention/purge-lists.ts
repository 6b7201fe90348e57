import type pg from 'pg'
import { ruleFor } from '../../model/retention.ts'
import type { RetentionRule } from '../../model/retention.ts'
import { toTimestamp } from '../timestamp.ts'
import { moveEdges, ofSources } from './edges.ts'
import type { PastSource } from './edges.ts'
import { digestRows, purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { columnsOf, partsOf } from './purge-rows.ts'
import type { RowSource } from './partitions.ts'
import { sparedHolding } from './spared.ts'

/** Kinds that stand in one table each, and go row by row. */
export const listed = {
  nat_events: { table: 'ledger.nat_event', time: 't.at', spared: 'false' },
  identity: {
    table: 'identity.holding',
    // One that nobody has ended is held still.
    time: 't.end_at',
    spared: sparedHolding,
  },
} as const

export type ListedKind = keyof typeof listed

/** The sources of a kind with a rule, in groups that are kept equally long. */
export function groupsByRule(
  kind: ListedKind,
  sources: readonly RowSource[],
  rules: readonly RetentionRule[]
): readonly (readonly PastSource[])[] {
  const groups = new Map<number, PastSource[]>()
  for (const source of sources) {
    const rule = ruleFor(rules, kind, undefined, source.name)
    if (rule === undefined) continue
    groups.set(rule.keepUs, [...(groups.get(rule.keepUs) ?? []), { ...source, rule }])
  }
  return [...groups.values()]
}

/** SQL that is true of a row `t` that is past. */
export function doomedOf(kind: ListedKind, past: readonly PastSource[], nowUs: number): string {
  const { time, spared } = listed[kind]
  const cutUs = nowUs - (past[0]?.rule.keepUs ?? Infinity)
  return `t.${ofSources(past)} and ${time} < '${toTimestamp(cutUs)}' and not ${spared}`
}

/** Deletes what sources, of rules of one length, have of a kind and is past. */
export async function purgeList(
  context: PurgeContext,
  kind: ListedKind,
  past: readonly PastSource[]
): Promise<PurgeFacts | undefined> {
  const { table, time } = listed[kind]
  const doomed = doomedOf(kind, past, context.nowUs)
  return await purge(context, async (client) => {
    await client.query(`lock table ${table} in share row exclusive mode`)
    const { rows: counts } = await client.query<{
      source: number
      doomed: number
      first: number
      last: number
    }>(`
      select source, count(*)::float8 as doomed,
        extract(epoch from min(${time}))::float8 * 1e6 as first,
        extract(epoch from max(${time}))::float8 * 1e6 as last
      from ${table} t where ${doomed} group by source order by source`)
    const rows = counts.reduce((total, each) => total + each.doomed, 0)
    if (rows === 0) return undefined
    const columns = (await columnsOf(client, table)).join()
    const select = `select ${columns} from ${table} t where ${doomed} order by ${columns}`
    const digest = await digestRows(client, select, context.keys)
    context.step?.('digested')
    await client.query(`delete from ${table} t where ${doomed}`)
    const cutUs = context.nowUs - (past[0]?.rule.keepUs ?? 0)
    if (kind === 'identity') await hearFrom(client, past, cutUs)
    else await moveEdges(client, past, cutUs)
    const fromUs = Math.floor(Math.min(...counts.map((each) => each.first)))
    const toUs = Math.ceil(Math.max(...counts.map((each) => each.last)))
    const parts = partsOf(counts, past)
    return { act: 'delete', kind, subject: table, fromUs, toUs, rows, parts, digest, held: 0 }
  })
}

/** A source of identities says nothing of the time before what is kept of it. */
async function hearFrom(
  client: pg.ClientBase,
  past: readonly PastSource[],
  cutUs: number
): Promise<void> {
  await client.query(
    `update identity.source set first_heard = greatest(first_heard, $2)
     where id = any($1) and first_heard is not null`,
    [past.map(({ id }) => id), toTimestamp(cutUs)]
  )
}
