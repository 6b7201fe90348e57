import { maxSliceUs } from '../../model/limits.ts'
import type { RetentionRule } from '../../model/retention.ts'
import { retentionKinds } from '../../model/retention-kinds.ts'
import type { RetentionKind } from '../../model/retention-kinds.ts'
import type { Database } from '../database.ts'
import { microseconds, toTimestamp } from '../timestamp.ts'
import { partitioned } from '../partition-names.ts'
import { isPartitioned, readPartitions } from './partitions.ts'

/** The oldest that is kept of a kind, and when the next of it goes; RFC 3339. */
export interface KeptKind {
  readonly kind: RetentionKind
  readonly oldest: string | null
  readonly next: string | null
}

/** Up to when something is gone. */
export interface ShownEdge {
  readonly source: string
  readonly kind: string
  readonly field: string
  readonly through: string
  readonly rule: string
}

/** The oldest row of kinds that are tables; partitions say it by their name. */
const oldestSql: Readonly<Partial<Record<RetentionKind, string>>> = {
  nat_events: 'select min(at) as at from ledger.nat_event',
  identity: 'select min(end_at) as at from identity.holding',
  rollups: 'select min(at) as at from rollup.traffic_day',
}

async function oldestOf(database: Database, kind: RetentionKind): Promise<number | undefined> {
  if (isPartitioned(kind)) {
    return (await readPartitions(database, kind))[0]?.fromUs
  }
  const rows = await database.query<{ us: string | null }>('find the oldest', {
    text: `select ${microseconds('at')} as us from (${oldestSql[kind]}) oldest
           where at > '-infinity' and at < 'infinity'`,
  })
  return rows[0]?.us === null || rows[0] === undefined ? undefined : Number(rows[0].us)
}

/** How long after the start of a partition its last row can end (us); other rows go one by one. */
const lastsUs = (kind: RetentionKind): number =>
  isPartitioned(kind) ? partitioned[kind].widthUs + maxSliceUs : 0

async function readEdges(database: Database): Promise<ShownEdge[]> {
  const rows = await database.query<Omit<ShownEdge, 'through'> & { us: string }>('list the edges', {
    text: `select s.name as source, e.kind, e.field, e.rule, ${microseconds('e.through_at')} as us
           from ledger.retention_edge e join ledger.source s on s.id = e.source
           order by s.name, e.kind, e.field`,
  })
  return rows.map(({ us, ...rest }) => Object.assign(rest, { through: toTimestamp(Number(us)) }))
}

/** What is kept, and what is gone. */
export async function readKept(
  database: Database,
  rules: readonly RetentionRule[]
): Promise<{ readonly kept: readonly KeptKind[]; readonly edges: readonly ShownEdge[] }> {
  const kept: KeptKind[] = []
  for (const kind of retentionKinds) {
    const oldestUs = await oldestOf(database, kind)
    const keeps = rules.filter((rule) => rule.kind === kind && rule.field === undefined)
    const keepUs = Math.min(...keeps.map((rule) => rule.keepUs))
    const goesUs = (oldestUs ?? Infinity) + lastsUs(kind) + keepUs
    kept.push({
      kind,
      oldest: oldestUs === undefined ? null : toTimestamp(oldestUs),
      next: Number.isFinite(goesUs) ? toTimestamp(goesUs) : null,
    })
  }
  return { kept, edges: await readEdges(database) }
}
