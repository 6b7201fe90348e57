import type { RetentionRule } from '../../model/retention.ts'
import { toTimestamp } from '../timestamp.ts'
import { digestRows, purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { columnsOf } from './purge-rows.ts'

/** Tables of sums, by what they sum and how wide a sum is. */
export const rollupTables: readonly string[] = [
  ...['minute', 'five_minutes', 'hour', 'day'].map((width) => `traffic_${width}`),
  ...['minute', 'hour', 'day'].flatMap((width) => [`pool_${width}`, `gauge_${width}`]),
].map((name) => `rollup.${name}`)

/** Deletes the sums of a table that are past. */
export async function purgeRollup(
  context: PurgeContext,
  table: string,
  rule: RetentionRule
): Promise<PurgeFacts | undefined> {
  const toUs = context.nowUs - rule.keepUs
  const doomed = `t.at < '${toTimestamp(toUs)}'`
  return await purge(context, async (client) => {
    await client.query(`lock table ${table} in share row exclusive mode`)
    const { rows: found } = await client.query<{ rows: number; first: number | null }>(
      `select count(*)::float8 as rows, extract(epoch from min(at))::float8 * 1e6 as first
       from ${table} t where ${doomed}`
    )
    const [{ rows, first } = { rows: 0, first: null }] = found
    if (rows === 0) return undefined
    const columns = (await columnsOf(client, table)).join()
    const select = `select ${columns} from ${table} t where ${doomed} order by ${columns}`
    const digest = await digestRows(client, select, context.keys)
    context.step?.('digested')
    await client.query(`delete from ${table} t where ${doomed}`)
    const parts = [{ source: '', rows, rule: rule.text }]
    const fromUs = first ?? 0
    return {
      act: 'delete',
      kind: 'rollups',
      subject: table,
      fromUs,
      toUs,
      rows,
      parts,
      digest,
      held: 0,
    }
  })
}
