import type pg from 'pg'
import { formatWords } from '../../model/address.ts'
import { widthUs } from '../../model/rollup.ts'
import { poolNumbers } from './pool-sums.ts'
import type { PoolSums } from './pool-sums.ts'
import type { PoolWidth } from './read-pool.ts'
import { countOfSketch, mergeSketch, sketchRegisters } from './sketch.ts'
import { addTo } from './write-traffic.ts'

const sums = ['held_us', 'connections', 'block_us', 'block_port_us']
const minutesOfHour = 60
const maxSum = 2 ** 62

/** A row of one width. */
interface PoolRow {
  readonly seconds: number
  readonly source: number
  readonly address: string
  readonly sums: Float64Array
  sketch?: Uint8Array
}

const seconds = (width: PoolWidth): number => widthUs[width] / 1e6

class PoolRows {
  readonly rows = new Map<string, PoolRow>()

  at(start: number, source: number, address: string): PoolRow {
    const key = `${start} ${source} ${address}`
    const known = this.rows.get(key)
    if (known !== undefined) return known
    const row = { seconds: start, source, address, sums: new Float64Array(poolNumbers) }
    this.rows.set(key, row)
    return row
  }
}

function addNumbers(row: PoolRow, data: Float64Array, at: number): boolean {
  let any = false
  for (let k = 0; k < poolNumbers; k++) {
    const number = data[at + k] ?? 0
    row.sums[k] = (row.sums[k] ?? 0) + number
    any ||= number !== 0
  }
  return any
}

function merge(row: PoolRow, sketch: Uint8Array | undefined): void {
  if (sketch === undefined) return
  row.sketch ??= new Uint8Array(sketchRegisters)
  mergeSketch(row.sketch, sketch)
}

/** Everything that the sums hold, as rows of each width. */
function poolRows({ addresses, blocks, sketches }: PoolSums): Record<PoolWidth, PoolRows> {
  const rows = { minute: new PoolRows(), hour: new PoolRows(), day: new PoolRows() }
  for (let block = 0; block < blocks.count; block++) {
    const group = blocks.groups[block] ?? 0
    const source = addresses.sourceOf(group)
    const address = formatWords(addresses.wordsOf(group))
    const start = (blocks.hours[block] ?? 0) * seconds('hour')
    const hour = rows.hour.at(start, source, address)
    for (let minute = 0; minute < minutesOfHour; minute++) {
      const at = block * blocks.stride + minute * poolNumbers
      if (!addNumbers(hour, blocks.data, at)) continue
      addNumbers(rows.minute.at(start + minute * 60, source, address), blocks.data, at)
    }
    merge(hour, sketches[block])
    const day = rows.day.at(Math.floor(start / seconds('day')) * seconds('day'), source, address)
    for (let minute = 0; minute < minutesOfHour; minute++) {
      addNumbers(day, blocks.data, block * blocks.stride + minute * poolNumbers)
    }
    merge(day, sketches[block])
  }
  return rows
}

const literal = (numbers: readonly number[]): string => `{${numbers.join(',')}}`

function valuesOf(rows: readonly PoolRow[]): unknown[] {
  const whole = (k: number): string =>
    `{${rows.map((row) => Math.min(maxSum, row.sums[k] ?? 0).toFixed(0)).join(',')}}`
  return [
    literal(rows.map((row) => row.seconds)),
    ...sums.map((_, k) => whole(k)),
    literal(rows.map(({ source }) => source)),
    rows.map(({ address }) => address),
  ]
}

function poolSql(width: PoolWidth): string {
  const more = width === 'minute' ? '' : ', subscribers, sketch'
  return `
    insert into rollup.pool_${width} as t (at, ${sums.join(', ')}, source, address ${more})
    select to_timestamp(seconds), ${sums.join(', ')}, source, address ${more}
    from unnest($1::float8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int2[],
      $7::inet[] ${width === 'minute' ? '' : ', $8::int4[], $9::bytea[]'})
      as r (seconds, ${sums.join(', ')}, source, address ${more})
    order by seconds, source, address
    on conflict (at, source, address) do update set ${sums.map(addTo).join(', ')}
      ${
        more === ''
          ? ''
          : `, sketch = coalesce(excluded.sketch, t.sketch),
           subscribers = greatest(t.subscribers, excluded.subscribers)`
      }`
}

/** Which hosts were seen before is in the database: a sketch is merged with what stands there. */
async function mergeKnown(
  client: pg.ClientBase,
  width: 'hour' | 'day',
  rows: readonly PoolRow[]
): Promise<void> {
  const { rows: known } = await client.query<{ place: number; sketch: Buffer | null }>({
    name: `known sketches ${width}`,
    text: `
      select place::int, sketch from unnest($1::float8[], $2::int2[], $3::inet[])
        with ordinality as r (seconds, source, address, place)
      join rollup.pool_${width} p
        on p.at = to_timestamp(r.seconds) and p.source = r.source and p.address = r.address
      where p.sketch is not null`,
    values: [
      literal(rows.map((row) => row.seconds)),
      literal(rows.map(({ source }) => source)),
      rows.map(({ address }) => address),
    ],
  })
  for (const { place, sketch } of known) {
    const row = rows[place - 1]
    if (row !== undefined && sketch !== null) merge(row, sketch)
  }
}

/** Adds what the sums hold to what is there, in the caller's transaction. */
export async function writePool(client: pg.ClientBase, sumsOf: PoolSums): Promise<number> {
  const all = poolRows(sumsOf)
  let written = 0
  for (const width of ['minute', 'hour', 'day'] as const) {
    const rows = [...all[width].rows.values()]
    if (rows.length === 0) continue
    written += rows.length
    if (width !== 'minute') await mergeKnown(client, width, rows)
    const counted = (row: PoolRow) => (row.sketch === undefined ? null : countOfSketch(row.sketch))
    const more =
      width === 'minute'
        ? []
        : [rows.map(counted), rows.map(({ sketch }) => (sketch ? Buffer.from(sketch) : null))]
    const values = [...valuesOf(rows), ...more]
    await client.query({ name: `pool ${width}`, text: poolSql(width), values })
  }
  return written
}
