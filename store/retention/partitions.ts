import { maxSliceUs } from '../../model/limits.ts'
import { ruleFor } from '../../model/retention.ts'
import type { RetentionRule } from '../../model/retention.ts'
import type { RetentionField, RetentionKind } from '../../model/retention-kinds.ts'
import type { Database } from '../database.ts'
import { partitionUs } from '../partitions.ts'
import { microseconds } from '../timestamp.ts'
import type { PastSource } from './edges.ts'

/** Tables that are cut by time: name of the rule's kind, and how wide a partition is. */
export const partitioned = {
  flows: { table: 'flow', widthUs: partitionUs, digits: 10, form: 'YYYYMMDDHH24' },
  port_blocks: { table: 'port_block', widthUs: 86_400e6, digits: 8, form: 'YYYYMMDD' },
} as const

export type PartitionedKind = keyof typeof partitioned

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
  const { table, widthUs, digits, form } = partitioned[kind]
  const start = `to_timestamp(right(relname, ${digits}), '${form}')::timestamp at time zone 'UTC'`
  const rows = await database.query<{ name: string; start: string }>('list its partitions', {
    text: `select relname as name, ${microseconds(start)} as start
           from pg_inherits join pg_class on oid = inhrelid
           where inhparent = 'ledger.${table}'::regclass and relname ~ '^${table}_[0-9]{${digits}}$'
           order by 1`,
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
