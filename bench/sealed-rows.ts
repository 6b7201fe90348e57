import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { literal, openDuckDb } from '../store/archive/duckdb.ts'
import type { DuckDb } from '../store/archive/duckdb.ts'
import { hashFile } from '../store/archive/file-index.ts'
import { filesOf, parquetOptions, sortKey } from '../store/archive/sealed-layout.ts'
import { Staging } from '../store/archive/staging.ts'
import { pathOf } from '../store/archive/write-sealed.ts'
import { toTimestamp } from '../store/timestamp.ts'

/** Public addresses, and the first of them. */
const [addresses, firstAddress] = [334, 3_405_803_776]

/**
 * Sessions of an hour, the same for the same seed: 10 000 households behind 334 addresses, ports
 * kept; a heavy-tailed choice of 40 000 remote addresses with 200 applications; a median of 25 s
 * and a mean of 75 s; numbers of the kernel without order; counters over five orders of magnitude.
 */
const hourSql = (rows: number, hourUs: number, seed: number): string => {
  const random = (salt: number): string =>
    `(hash(i * 16 + ${salt + 1024 * seed}) / 18446744073709551616.0)`
  return `
    with r as (select i, ${random(1)} a, ${random(2)} b, ${random(3)} c, ${random(4)} e,
        ${random(5)} g, ${random(6)} k, ${random(7)} l, ${random(8)} m from range(${rows}) t(i)),
    s as (select i, ${hourUs} + (i::double / ${rows} * 3600e6)::bigint as start_us,
        least(3600000000, (25e6 * exp(1.48 * sqrt(-2 * ln(b + 1e-12)) * cos(2 * pi() * c)))::bigint)
          as lasts, (a * 10000)::int as house, (e * e * e * 40000)::int as remote,
        (1024 + g * 64511)::int as port, k, l, m from r)
    select ((${firstAddress}::bigint + house // 30) << 16) | port as public_key,
      make_timestamp(start_us)::timestamptz as start_at,
      make_timestamp(start_us + lasts)::timestamptz as end_at,
      null::timestamptz as connection_start_at, 1::smallint as source, i::bigint as flow_id,
      (case when k > 0.85 or k < 0.2 then 17 else 6 end)::smallint as protocol,
      25::smallint as kind, (167772160::bigint + house * 4 + (l * 3)::int)::uinteger as inside_ip,
      null::usmallint as inside_port,
      (remote::bigint * 2654435761 % 4294967296)::uinteger as remote_ip,
      (case when k < 0.75 then 443 when k < 0.85 then 80 when k < 0.95 then 53
        else (l * 65535)::int end)::usmallint as remote_port,
      exp(6 + 2 * l + 3 * m)::bigint as octets,
      (exp(6 + 2 * l + 3 * m) / 300)::bigint + 1 as packets,
      exp(8 + 2 * l + 4 * m)::bigint as reverse_octets,
      (exp(8 + 2 * l + 4 * m) / 900)::bigint + 1 as reverse_packets,
      30000::integer as last_packet_ms, (hash(i * 16 + 9) % 4294967296)::uinteger as conntrack_id,
      0::uinteger as zone, 0::uinteger as mark, null::blob as inside_ip6, null::blob as remote_ip6,
      null::blob as public_ip6, 'app' || (remote % 200) as application, 'tls' as protocol_name,
      null::varchar as host_name, null::varchar as user_name from s`
}

/** The same sessions some hours later: nothing has to be sorted again. */
const laterSql = (path: string, hours: number): string => `
  select * replace (start_at + interval '${hours} hours' as start_at,
    end_at + interval '${hours} hours' as end_at) from read_parquet(${literal(path)})`

/** Octets a row takes in a file, by column. */
export async function octetsByColumn(
  duckDb: DuckDb,
  paths: readonly string[],
  rows: number
): Promise<ReadonlyMap<string, number>> {
  const found = await duckDb.rows(
    `select path_in_schema, sum(total_compressed_size)::double / ${rows}
     from parquet_metadata([${paths.map(literal).join(', ')}]) group by 1`
  )
  return new Map(found.map(([name, octets]) => [String(name), Number(octets)]))
}

/** Files of whole hours, made without a ledger, and entered in the catalogue. */
export class SealedHours {
  readonly directory: string
  readonly duckDb: DuckDb
  readonly #owner: pg.Client
  /** The files of the first hour. */
  readonly first: string[] = []

  private constructor(directory: string, owner: pg.Client, duckDb: DuckDb) {
    this.directory = directory
    this.#owner = owner
    this.duckDb = duckDb
  }

  static async open(directory: string, owner: pg.Client): Promise<SealedHours> {
    const limits = { directory, memoryBytes: 6 << 30, threads: 2, spillTo: directory }
    return new SealedHours(directory, owner, await openDuckDb(limits))
  }

  /** Makes the files of an hour; gives their octets. */
  async add(rows: number, firstHourUs: number, hour: number): Promise<number> {
    const hourUs = firstHourUs + hour * 3_600e6
    if (hour === 0) await this.duckDb.run(`create table hour as ${hourSql(rows, hourUs, 1)}`)
    const files = filesOf(rows)
    let octets = 0
    for (let file = 0; file < files; file++)
      octets += await this.#addFile(hourUs, hour, file, files)
    if (hour === 0) await this.duckDb.run('drop table hour')
    return octets
  }

  async #addFile(hourUs: number, hour: number, file: number, files: number): Promise<number> {
    const path = pathOf({ hourUs, generation: file + 1 })
    const target = join(this.directory, path)
    await mkdir(dirname(target), { recursive: true })
    const first = this.first[file]
    const select =
      first === undefined
        ? `select * from hour
           where ((public_key >> 16) - ${firstAddress}) * ${files} // ${addresses} = ${file}
           order by ${sortKey}`
        : laterSql(first, hour)
    await this.duckDb.run(`copy (${select}) to ${literal(`${target}.new`)} (${parquetOptions})`)
    await rename(`${target}.new`, target)
    this.first[file] ??= target
    return await this.#enter(path, hourUs, file + 1)
  }

  async #enter(path: string, hourUs: number, generation: number): Promise<number> {
    const staging = await Staging.open(this.directory)
    const target = join(this.directory, path)
    const { octets, sha256, index } = await hashFile(target, await staging.groups(target))
    const { rows } = await staging.sums(target)
    const bounds = await staging.bounds(target)
    staging.close()
    await writeFile(`${target}.index`, index)
    await this.#owner.query(
      `insert into ledger.sealed_file (hour, generation, path, row_count, octets, sha256,
         index_sha256, checksum, first_key, last_key, first_start, last_start, first_end, last_end,
         sources)
       values ($1, ${generation}, $2, $3, $4, $5, $6, '\\x0000000000000000', $7, $8, $9, $10, $11,
         $12, '{1}')`,
      [
        toTimestamp(hourUs),
        path,
        rows,
        octets,
        sha256,
        createHash('sha256').update(index).digest(),
        bounds.firstKey,
        bounds.lastKey,
        ...[bounds.firstStartUs, bounds.lastStartUs, bounds.firstEndUs, bounds.lastEndUs].map(
          toTimestamp
        ),
      ]
    )
    return octets
  }
}
