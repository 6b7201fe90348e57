import { FlowledgerError } from '../../model/errors.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import { pastSources, readPartitions, readSources } from './partitions.ts'
import type { Partition, RowSource } from './partitions.ts'
import { copyHeldRows } from './copy-held.ts'
import { dueFiles } from './due-files.ts'
import { pastFields, rulesOf } from './due-purge.ts'
import type { DuePurge, RetentionBasis } from './due-purge.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { hasPastField, purgeField } from './purge-fields.ts'
import { purgeHold, readEndedHolds } from './purge-holds.ts'
import { doomedOf, groupsByRule, listed, purgeList } from './purge-lists.ts'
import type { ListedKind } from './purge-lists.ts'
import { purgeRollup, rollupTables } from './purge-rollups.ts'
import { purgeRows } from './purge-rows.ts'
import { sweepArchive } from './sweep-archive.ts'
import { ofSources } from './edges.ts'

type Reader = Pick<Database, 'query'>

async function count(database: Reader, table: string, where: string): Promise<number> {
  const rows = await database.query<{ n: number }>('count what is past', {
    text: `select count(*)::float8 as n from ${table} t where ${where}`,
  })
  return rows[0]?.n ?? 0
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
    const fields = pastFields((field) => pastSources(partition, field, left, rules, nowUs))
    for (const what of fields) {
      if (!(await hasPastField({ database }, partition, what))) continue
      yield {
        kind: partition.kind,
        subject: partition.table,
        field: what.field,
        act: what.leave,
        rules: rulesOf(what.past),
        rows: await count(database, partition.table, ofSources(what.past)),
        run: (context) => purgeField(context, partition, what),
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
  yield* dueFiles(basis, sources)
  yield* dueRows(basis, await readPartitions(database, 'port_blocks'), sources)
  yield* dueLists(basis)
  yield* dueRollups(basis)
  for (const hold of await readEndedHolds(basis)) {
    const run = (context: PurgeContext): Promise<PurgeFacts | undefined> => purgeHold(context, hold)
    const { id, why, rows } = hold
    yield { kind: 'held', subject: `hold ${id}`, act: 'rows', rules: [why], rows, run }
  }
}

/** What became of a purge: what it did, or why it did nothing. */
export type PurgeOutcome =
  | { readonly done: PurgeFacts }
  /** Why something stays that should not, a sentence. */
  | { readonly failed: string }

/**
 * Runs all that is due, one purge after another. What cannot be purged stays, is told, and does not
 * keep the rest. Rows of holds are copied out of sealed files first, and what an earlier run was
 * ended before removing is removed.
 */
export async function* runPurges(
  basis: RetentionBasis,
  context: PurgeContext
): AsyncGenerator<PurgeOutcome> {
  const { archive, database } = basis
  if (archive !== undefined) {
    const copied = await copyHeldRows(database, archive)
    for (const failed of copied.failed) yield { failed }
    const sweeping = sweepArchive(database, archive, context.toldAside)
    const failed = await sweeping.then(() => undefined, String)
    if (failed !== undefined) yield { failed: `Purged files are on the disk still: ${failed}` }
  }
  for await (const due of duePurges(basis)) {
    const outcome = await runOne(due, context)
    if (outcome !== undefined) yield outcome
  }
}

async function runOne(due: DuePurge, context: PurgeContext): Promise<PurgeOutcome | undefined> {
  try {
    const done = await due.run(context)
    return done === undefined ? undefined : { done }
  } catch (error) {
    if (!(error instanceof FlowledgerError) || error.code !== 'archive-damaged') throw error
    return { failed: error.sentence }
  }
}
