import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Sums for reports, written in the transaction of the flows that they are of (store/rollups). Times
 * of rows are the start of the interval. See docs/explanation/rollups.md for what each sum means.
 *
 * - `traffic_*`: by dimension (model/rollup.ts) and item. `octets` and `packets` are the
 *   originator's, `reverse_…` the answers'; spread over the time until the last packet.
 *   `connections` began in the interval, `slices` (rows of `ledger.flow`) too.
 * - `pool_*`: by public address. `held_us` is the time for which its mappings were held, all added
 *   up: divided by the length of the interval it is how many were held at a time. `ports_…` are the
 *   nearest-rank percentiles of the minutes' means; `sketch` counts inside hosts (HyperLogLog).
 * - `gauge_*`: measurements: `total / samples` is their mean.
 * - `stale`: days whose percentiles are to be computed from their minutes again.
 *
 * Views in `reports` have stable names, for dashboards; talkers are in none of them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema rollup`.execute(db)
  await sql`create schema reports`.execute(db)
  for (const width of ['minute', 'five_minutes', 'hour', 'day']) await createTraffic(db, width)
  for (const width of ['minute', 'hour', 'day']) {
    await createPool(db, width)
    await createGauge(db, width)
  }
  await sql`
    create table rollup.stale (
      source smallint not null,
      at timestamptz not null,
      primary key (source, at)
    )`.execute(db)
  for (const width of ['minute', 'hour', 'day']) {
    await createTrafficViews(db, width)
    await createOtherViews(db, width)
  }
}

/** Rows are updated in place again and again: room in each page keeps them there. */
const roomy = sql.raw('with (fillfactor = 75)')

async function createTraffic(db: Kysely<unknown>, width: string): Promise<void> {
  await sql`
    create table ${sql.raw(`rollup.traffic_${width}`)} (
      at timestamptz not null,
      octets bigint not null,
      reverse_octets bigint not null,
      packets bigint not null,
      reverse_packets bigint not null,
      connections bigint not null,
      slices bigint not null,
      dimension smallint not null,
      source smallint not null,
      item text collate "C" not null check (length(item) <= 100),
      primary key (dimension, at, source, item)
    ) ${roomy}`.execute(db)
}

async function createPool(db: Kysely<unknown>, width: string): Promise<void> {
  const derived = sql.raw(
    width === 'minute'
      ? ''
      : `ports_p50 real, ports_p95 real, ports_max real,
         subscribers integer, sketch bytea check (length(sketch) = 1024),`
  )
  await sql`
    create table ${sql.raw(`rollup.pool_${width}`)} (
      at timestamptz not null,
      held_us bigint not null,
      connections bigint not null,
      block_us bigint not null,
      block_port_us bigint not null,
      ${derived}
      source smallint not null,
      address inet not null,
      primary key (at, source, address)
    ) ${roomy}`.execute(db)
}

async function createGauge(db: Kysely<unknown>, width: string): Promise<void> {
  await sql`
    create table ${sql.raw(`rollup.gauge_${width}`)} (
      at timestamptz not null,
      total numeric not null,
      highest bigint not null,
      last bigint not null,
      ceiling bigint,
      samples integer not null,
      source smallint not null,
      gauge text not null check (length(gauge) <= 100),
      primary key (gauge, at, source)
    ) ${roomy}`.execute(db)
}

const sums = `r.octets, r.reverse_octets, r.packets, r.reverse_packets, r.connections, r.slices`

/** Views of one dimension: their name, its number, and the columns that name the item. */
const trafficViews: readonly (readonly [name: string, dimensions: string, columns: string])[] = [
  ['traffic', '0', ''],
  ['applications', '1', 'r.item as application,'],
  ['categories', '2', 'r.item as category,'],
  ['protocols', '3', 'r.item as protocol,'],
  ['transports', '4', 'r.item as protocol_number,'],
  ['ingress_interfaces', '5', 'r.item as interface,'],
  ['egress_interfaces', '6', 'r.item as interface,'],
]

async function createTrafficViews(db: Kysely<unknown>, width: string): Promise<void> {
  for (const [name, dimension, columns] of trafficViews) {
    await sql
      .raw(
        `create view reports.${name}_${width} as
         select r.at, s.name as source, ${columns} ${sums}
         from rollup.traffic_${width} r join ledger.source s on s.id = r.source
         where r.dimension = ${dimension}`
      )
      .execute(db)
  }
  await sql
    .raw(
      `create view reports.nat_events_${width} as
       select r.at, s.name as source, r.item as event, r.slices as events
       from rollup.traffic_${width} r join ledger.source s on s.id = r.source
       where r.dimension = 8`
    )
    .execute(db)
}

async function createOtherViews(db: Kysely<unknown>, width: string): Promise<void> {
  const derived = width === 'minute' ? '' : ', r.ports_p50, r.ports_p95, r.ports_max, r.subscribers'
  const us = `(extract(epoch from interval '1 ${width}') * 1e6)::float8`
  await sql
    .raw(
      `create view reports.nat_pool_${width} as
       select r.at, s.name as source, host(r.address) as address, r.held_us / ${us} as ports_mean,
         r.connections, r.block_us / ${us} as blocks_mean,
         r.block_port_us / ${us} as block_ports_mean ${derived}
       from rollup.pool_${width} r join ledger.source s on s.id = r.source`
    )
    .execute(db)
  await sql
    .raw(
      `create view reports.gauges_${width} as
       select r.at, s.name as source, r.gauge, (r.total / r.samples)::float8 as mean, r.highest,
         r.last, r.ceiling
       from rollup.gauge_${width} r join ledger.source s on s.id = r.source`
    )
    .execute(db)
}
