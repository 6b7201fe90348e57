import type { RetentionRule } from '../../model/retention.ts'
import { retentionFields } from '../../model/retention-kinds.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import { pastSources, readPartitions, readSources } from './partitions.ts'
import type { Partition, RowSource } from './partitions.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { hasPastField, purgeField } from './purge-fields.ts'
import type { PastField } from './purge-fields.ts'
import { purgeHold, readEndedHolds } from './purge-holds.ts'
import { doomedOf, groupsByRule, listed, purgeList } from './purge-lists.ts'
import type { ListedKind } from './purge-lists.ts'
import { purgeRollup, rollupTables } from './purge-rollups.ts'
import { purgeRows } from './purge-rows.ts'
import { ofSources } from './edges.ts'

/** One purge that is due: what it would do, and how to do it. */
export interface DuePurge {
  readonly kind: string
  readonly subject: string
  readonly field?: string | undefined
  readonly act: string
  readonly rules: readonly string[]
  /** How many rows it is about, those of holds among them. */
  readonly rows: number
  run(context: PurgeContext): Promise<PurgeFacts | undefined>
}

type Reader = Pick<Database, 'query'>

async function count(database: Reader, table: string, where: string): Promise<number> {
  const rows = await database.query<{ n: number }>('count what is past', {
    text: `select count(*)::float8 as n from ${table} t where ${where}`,
  })
  return rows[0]?.n ?? 0
}

const rulesOf = (past: readonly { readonly rule: RetentionRule }[]): readonly string[] => [
  ...new Set(past.map(({ rule }) => rule.text)),
]

/** What retention goes by. */
export interface RetentionBasis {
  readonly database: Database
  readonly rules: readonly RetentionRule[]
  readonly nowUs: number
}

/** Rows of partitions, oldest first. */
async function* dueRows(
  { database, rules, nowUs }: RetentionBasis,
  partitions: readonly Partition[],
  sources: readonly RowSource[]
): AsyncGenerator<DuePurge> {
  for (const partition of partitions) {
    const past = pastSources(partition, undefined, sources, rules, nowUs)
    if (past.length === 0) continue
    const { kind, table } = partition
    const rows = await count(database, table, ofSources(past))
    if (rows === 0 && past.length < sources.length) continue
    yield {
      kind,
      subject: table,
      act: 'rows',
      rules: rulesOf(past),
      rows,
      run: (context) => purgeRows(context, partition, past),
    }
  }
}

/** Fields of flows: those that go before their rows. */
async function* dueFields(
  { database, rules, nowUs }: RetentionBasis,
  partitions: readonly Partition[],
  sources: readonly RowSource[]
): AsyncGenerator<DuePurge> {
  for (const partition of partitions) {
    const gone = new Set(
      pastSources(partition, undefined, sources, rules, nowUs).map(({ id }) => id)
    )
    const left = sources.filter(({ id }) => !gone.has(id))
    for (const field of retentionFields) {
      const all = pastSources(partition, field, left, rules, nowUs)
      for (const leave of ['nothing', 'hash'] as const) {
        const what: PastField = {
          field,
          leave,
          past: all.filter(({ rule }) => rule.leave === leave),
        }
        if (what.past.length === 0) continue
        if (!(await hasPastField({ database }, partition, what))) continue
        yield {
          kind: partition.kind,
          subject: partition.table,
          field,
          act: leave,
          rules: rulesOf(what.past),
          rows: await count(database, partition.table, ofSources(what.past)),
          run: (context) => purgeField(context, partition, what),
        }
      }
    }
  }
}

async function* dueLists({ database, rules, nowUs }: RetentionBasis): AsyncGenerator<DuePurge> {
  for (const kind of Object.keys(listed) as ListedKind[]) {
    const sources =
      kind === 'identity'
        ? await database.query<RowSource & { id: number }>('list its sources', {
            text: 'select id, name from identity.source order by id',
          })
        : await readSources(database)
    for (const past of groupsByRule(kind, sources, rules)) {
      const { table } = listed[kind]
      const rows = await count(database, table, doomedOf(kind, past, nowUs))
      if (rows === 0) continue
      const run = (context: PurgeContext): Promise<PurgeFacts | undefined> =>
        purgeList(context, kind, past)
      yield { kind, subject: table, act: 'rows', rules: rulesOf(past), rows, run }
    }
  }
}

async function* dueRollups({ database, rules, nowUs }: RetentionBasis): AsyncGenerator<DuePurge> {
  const rule = rules.find(({ kind }) => kind === 'rollups')
  if (rule === undefined) return
  for (const table of rollupTables) {
    const rows = await count(database, table, `at < '${toTimestamp(nowUs - rule.keepUs)}'`)
    if (rows === 0) continue
    const run = (context: PurgeContext): Promise<PurgeFacts | undefined> =>
      purgeRollup(context, table, rule)
    yield { kind: 'rollups', subject: table, act: 'rows', rules: [rule.text], rows, run }
  }
}

/** Everything that is due, one purge after another; the next is looked for once one is done. */
export async function* duePurges(basis: RetentionBasis): AsyncGenerator<DuePurge> {
  const { database } = basis
  const sources = await readSources(database)
  const hours = await readPartitions(database, 'flows')
  yield* dueRows(basis, hours, sources)
  yield* dueFields(basis, await readPartitions(database, 'flows'), sources)
  yield* dueRows(basis, await readPartitions(database, 'port_blocks'), sources)
  yield* dueLists(basis)
  yield* dueRollups(basis)
  for (const hold of await readEndedHolds(basis)) {
    const run = (context: PurgeContext): Promise<PurgeFacts | undefined> => purgeHold(context, hold)
    const { id, why, rows } = hold
    yield { kind: 'held', subject: `hold ${id}`, act: 'rows', rules: [why], rows, run }
  }
}
