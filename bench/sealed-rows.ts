import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { catalogueValues, insertSql } from '../store/archive/commit-seal.ts'
import { literal, openDuckDb } from '../store/archive/duckdb.ts'
import type { DuckDb } from '../store/archive/duckdb.ts'
import { hashFile } from '../store/archive/file-index.ts'
import { RowChecksum } from '../store/archive/row-checksum.ts'
import { sealedColumns } from '../store/archive/sealed-columns.ts'
import { parquetOptions } from '../store/archive/sealed-layout.ts'
import { Staging } from '../store/archive/staging.ts'
import { readChunk } from '../store/archive/vectors.ts'
import { draftSuffix, pathOf, publishDraft, writeDrafts } from '../store/archive/write-sealed.ts'
import type { DraftFile } from '../store/archive/write-sealed.ts'
import { keepDraft, keptDrafts } from './kept-hours.ts'

/** The first public address. */
const firstAddress = 3_405_803_776

/**
 * Sessions of an hour, the same for the same seed: 10 000 households behind 334 addresses, ports
 * kept; they begin by chance, in the order of their numbers; a heavy-tailed choice of 40 000 remote
 * addresses with 200 applications; a median of 25 s and a mean of 75 s; numbers of the kernel
 * without order; counters over five orders of magnitude.
 */
const hourSql = (rows: number, hourUs: number, seed: number): string => {
  const random = (salt: number): string =>
    `(hash(i * 16 + ${salt + 1024 * seed}) / 18446744073709551616.0)`
  return `
    with starts as (select i, ${hourUs} + (${random(15)} * 3600e6)::bigint as start_us
      from range(${rows}) t(i)),
    r as (select i, start_us, row_number() over (order by start_us) as n, ${random(1)} a,
        ${random(2)} b, ${random(3)} c, ${random(4)} e, ${random(5)} g, ${random(6)} k,
        ${random(7)} l, ${random(8)} m from starts),
    s as (select i, n, start_us,
        least(3600000000, (25e6 * exp(1.48 * sqrt(-2 * ln(b + 1e-12)) * cos(2 * pi() * c)))::bigint)
          as lasts, (a * 10000)::int as house, (e * e * e * 40000)::int as remote,
        (1024 + g * 64511)::int as port, k, l, m from r)
    select ((${firstAddress}::bigint + house // 30) << 16) | port as public_key,
      make_timestamp(start_us)::timestamptz as start_at,
      make_timestamp(start_us + lasts)::timestamptz as end_at,
      null::timestamptz as connection_start_at, 1::smallint as source, n::bigint as flow_id,
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
  select * replace (make_timestamptz(epoch_us(start_at) + ${hours} * 3600000000) as start_at)
  from read_parquet(${literal(path)})`

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

/** Files of whole hours, made without rows in PostgreSQL, and entered in the catalogue. */
export class SealedHours {
  readonly directory: string
  readonly duckDb: DuckDb
  readonly #owner: pg.Client
  /** Files that were there, in the order of their hours. */
  readonly #kept: (readonly DraftFile[])[]
  /** The files of the first hour. */
  #first: readonly DraftFile[] = []

  private constructor(directory: string, owner: pg.Client, duckDb: DuckDb) {
    this.directory = directory
    this.#owner = owner
    this.duckDb = duckDb
    const kept = [...keptDrafts(directory)].toSorted(([a], [b]) => a - b)
    this.#kept = kept.map(([, drafts]) => drafts)
  }

  static async open(directory: string, owner: pg.Client): Promise<SealedHours> {
    const limits = { directory, memoryBytes: 6 << 30, threads: 2, spillTo: directory }
    return new SealedHours(directory, owner, await openDuckDb(limits))
  }

  /** Paths of the files of the first hour. */
  get first(): readonly string[] {
    return this.#first.map(({ path }) => join(this.directory, path))
  }

  /**
   * Makes the files of an hour; gives their octets. The first is sealed as hours are, but for where
   * its rows come from; the others are its files anew, each row some hours later. What is there
   * from a measurement before is taken as it is.
   */
  async add(rows: number, firstHourUs: number, hour: number): Promise<number> {
    const drafts = this.#kept[hour] ?? (await this.#make(rows, firstHourUs, hour))
    for (const draft of drafts) await this.#owner.query(insertSql, catalogueValues(draft))
    if (hour === 0) this.#first = drafts
    return drafts.reduce((sum, { octets }) => sum + octets, 0)
  }

  async #make(rows: number, firstHourUs: number, hour: number): Promise<readonly DraftFile[]> {
    const startUs = this.#first[0]?.hourUs ?? firstHourUs
    const hourUs = startUs + hour * 3_600e6
    const drafts = hour === 0 ? await this.#seal(rows, hourUs) : await this.#shift(hourUs, hour)
    for (const draft of drafts) {
      await publishDraft(this.directory, draft)
      keepDraft(this.directory, draft)
    }
    return drafts
  }

  async #seal(rows: number, hourUs: number): Promise<readonly DraftFile[]> {
    const staging = await Staging.open(this.directory, { memoryBytes: 2 << 30 })
    const checksum = new RowChecksum()
    const names = sealedColumns.map(({ name }) => name).join(', ')
    await this.duckDb.run(`create table hour as ${hourSql(rows, hourUs, 1)}`)
    const made = await this.duckDb.connection.stream(`select ${names} from hour`)
    for (;;) {
      const chunk = await made.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) break
      readChunk(chunk, staging.rows)
      checksum.add(staging.rows)
      staging.take()
    }
    await this.duckDb.run('drop table hour')
    try {
      const [place, sources] = [{ hourUs, generation: 1 }, new Map([[1, 'made']])]
      return await writeDrafts(this.directory, staging, place, checksum, sources)
    } finally {
      staging.close()
    }
  }

  async #shift(hourUs: number, hours: number): Promise<readonly DraftFile[]> {
    const staging = await Staging.open(this.directory)
    const drafts: DraftFile[] = []
    for (const first of this.#first) {
      const path = pathOf({ hourUs, generation: first.generation })
      const draft = join(this.directory, `${path}${draftSuffix}`)
      await mkdir(dirname(draft), { recursive: true })
      const later = laterSql(join(this.directory, first.path), hours)
      await this.duckDb.run(`copy (${later}) to ${literal(draft)} (${parquetOptions})`)
      const { octets, sha256, index } = await hashFile(draft, await staging.groups(draft))
      await writeFile(`${draft}.index`, index)
      const indexSha256 = createHash('sha256').update(index).digest()
      const bounds = await staging.bounds(draft)
      drafts.push({ ...first, hourUs, path, draft, octets, sha256, indexSha256, bounds })
    }
    staging.close()
    return drafts
  }
}
