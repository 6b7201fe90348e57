/** Tables that are cut by time: how wide a partition is, and how its name ends. */
export const partitioned = {
  flows: { table: 'flow', widthUs: 3_600e6, digits: 10, form: 'YYYYMMDDHH24' },
  port_blocks: { table: 'port_block', widthUs: 86_400e6, digits: 8, form: 'YYYYMMDD' },
} as const

export type PartitionedKind = keyof typeof partitioned

/**
 * SQL of all partitions of a kind, by the names that `ledger.ensure_partition` and
 * `ledger.ensure_block_partition` give them: `oid`, `relname`, and `start_at` (timestamptz).
 */
export function partitionsOf(kind: PartitionedKind): string {
  const { table, digits, form } = partitioned[kind]
  return `(
    select oid, relname,
      to_timestamp(right(relname, ${digits}), '${form}')::timestamp at time zone 'UTC' as start_at
    from pg_inherits join pg_class on oid = inhrelid
    where inhparent = 'ledger.${table}'::regclass and relname ~ '^${table}_[0-9]{${digits}}$')`
}
