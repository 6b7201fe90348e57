import { maxSliceUs } from '../../model/limits.ts'
import { ruleFor } from '../../model/retention.ts'
import type { RetentionRule } from '../../model/retention.ts'
import type { RetentionField, RetentionKind } from '../../model/retention-kinds.ts'
import type { Database } from '../database.ts'
import { partitioned, partitionsOf } from '../partition-names.ts'
import type { PartitionedKind } from '../partition-names.ts'
import { microseconds } from '../timestamp.ts'
import type { PastSource } from './edges.ts'

export const isPartitioned = (kind: RetentionKind): kind is PartitionedKind =>
  Object.hasOwn(partitioned, kind)

/** A partition: rows that start in [fromUs, toUs). */
export interface Partition {
  readonly kind: PartitionedKind
  /** With its schema. It has no character that would need quotes. */
  readonly table: string
  readonly fromUs: number
  readonly toUs: number
}

/** A source of rows. */
export interface RowSource {
  readonly id: number
  readonly name: string
}

export const readSources = (database: Pick<Database, 'query'>): Promise<RowSource[]> =>
  database.query<{ id: number; name: string }>('list its sources', {
    text: 'select id, name from ledger.source order by id',
  })

/** Every partition of a kind, oldest first. */
export async function readPartitions(
  database: Pick<Database, 'query'>,
  kind: PartitionedKind
): Promise<readonly Partition[]> {
  const { widthUs } = partitioned[kind]
  const rows = await database.query<{ name: string; start: string }>('list its partitions', {
    text: `select relname as name, ${microseconds('start_at')} as start
           from ${partitionsOf(kind)} partition order by start_at`,
  })
  return rows.map(({ name, start: from }) => ({
    kind,
    table: `ledger.${name}`,
    fromUs: Number(from),
    toUs: Number(from) + widthUs,
  }))
}

/**
 * Up to when an answer may miss rows of a partition once they are gone: a row that starts at the
 * end of it may last so much longer.
 */
export const reachUs = ({ toUs }: Partition): number => toUs + maxSliceUs

/**
 * The sources whose rows in a partition, or a field of them, are past. A row counts from its end,
 * so the whole partition is kept until the last end that a row of it can have is past.
 */
export function pastSources(
  partition: Partition,
  field: RetentionField | undefined,
  sources: readonly RowSource[],
  rules: readonly RetentionRule[],
  nowUs: number
): readonly PastSource[] {
  return sources.flatMap((source) => {
    const rule = ruleFor(rules, partition.kind, field, source.name)
    const isPast = rule !== undefined && reachUs(partition) <= nowUs - rule.keepUs
    return isPast ? [{ ...source, rule }] : []
  })
}
