/** A year of the sums that reports are made from, of a gateway with a pool of addresses. */
import { connect } from '../store/connect.ts'

type Client = Awaited<ReturnType<typeof connect>>

const applications = 40
const addresses = 64

const source = '(select min(id) from ledger.source)'

/** Sums of traffic: everything (dimension 0) and applications (1) in each interval. */
const traffic = (width: string, step: string, length: string): string => `
  insert into rollup.traffic_${width} (at, octets, reverse_octets, packets, reverse_packets,
    connections, slices, dimension, source, item)
  select at, 1e9 * (1 + random()), 8e9 * (1 + random()), 1e6, 6e6, 40000, 40000,
    case n when 0 then 0 else 1 end, ${source}, case n when 0 then '' else 'application-' || n end
  from generate_series(date_trunc('day', now()) - interval '${length}', now(),
      interval '${step}') at, generate_series(0, ${applications}) n
  on conflict do nothing`

const pool = (width: 'hour' | 'day', step: string): string => `
  insert into rollup.pool_${width} (at, held_us, connections, block_us, block_port_us, ports_p50,
    ports_p95, ports_max, subscribers, source, address)
  select at, 3.6e12, 40000, 0, 0, 900 + 100 * random(), 1800, 2400, 60, ${source},
    '192.0.2.0'::inet + n
  from generate_series(date_trunc('day', now()) - interval '365 days', now(),
      interval '${step}') at, generate_series(0, ${addresses - 1}) n
  on conflict do nothing`

const gauge = (width: 'hour' | 'day', step: string): string => `
  insert into rollup.gauge_${width} (at, total, highest, last, ceiling, samples, source, gauge)
  select at, 5e5, 6e5, 5e5, 1e6, 60, ${source}, name
  from generate_series(date_trunc('day', now()) - interval '365 days', now(),
      interval '${step}') at, unnest(array['conntrack entries', 'database octets']) name
  on conflict do nothing`

/** Fills the tables; gives how many rows they have. */
export async function fillSums(ownerUrl: string): Promise<number> {
  const owner = await connect(ownerUrl)
  try {
    const known = await owner.query('select from rollup.pool_hour limit 1')
    if (known.rowCount === 0) await fill(owner)
    return await countOf(owner)
  } finally {
    await owner.end()
  }
}

const tables = [
  'traffic_day',
  'traffic_hour',
  'traffic_five_minutes',
  'traffic_minute',
  'pool_hour',
  'pool_day',
  'gauge_hour',
  'gauge_day',
]

async function countOf(owner: Client): Promise<number> {
  const counts = tables.map((table) => `(select count(*) from rollup.${table})`)
  const { rows } = await owner.query<{ rows: string }>(`select ${counts.join(' + ')} as rows`)
  return Number(rows[0]?.rows ?? 0)
}

async function fill(owner: Client): Promise<void> {
  await owner.query(traffic('day', '1 day', '365 days'))
  await owner.query(traffic('hour', '1 hour', '365 days'))
  await owner.query(traffic('five_minutes', '5 minutes', '30 days'))
  await owner.query(traffic('minute', '1 minute', '2 days'))
  for (const [width, step] of [
    ['hour', '1 hour'],
    ['day', '1 day'],
  ] as const) {
    await owner.query(pool(width, step))
    await owner.query(gauge(width, step))
  }
  for (const table of tables) await owner.query(`vacuum (analyze) rollup.${table}`)
}
