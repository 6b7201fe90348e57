import type { DuckDBAppender } from '@duckdb/node-api'
import type { DuckDb } from './duckdb.ts'
import { literal, openDuckDb } from './duckdb.ts'
import { isWorthwhileSql, joinSql, mayJoinSql, replaceSql, slicesIn } from './joined-slices.ts'
import { makeSealedRows, sealedColumns, sealedTypes, vectorRows } from './sealed-columns.ts'
import type { SealedRows } from './sealed-columns.ts'
import {
  addressRank,
  enumColumns,
  parquetOptions,
  sealedFormat,
  selectSorted,
} from './sealed-layout.ts'
import type { AddressRange, SealedForm } from './sealed-layout.ts'
import { readChunk, VectorWriter } from './vectors.ts'

/** Rows of which the bounds of files are found, and values that a type of few of them may have. */
const [sampledRows, mostEnumValues] = [65_536, 4096]

/** Sums that PostgreSQL and DuckDB each compute by themselves; texts of integers. */
export interface RowSums {
  readonly rows: number
  readonly keys: string
  readonly flowIds: string
  readonly octets: string
}

/** What a catalogue says of the rows of a file. */
export interface RowBounds {
  readonly firstKey: string
  readonly lastKey: string
  readonly firstStartUs: number
  readonly lastStartUs: number
  readonly firstEndUs: number
  readonly lastEndUs: number
  readonly sources: readonly number[]
}

/** What tells a slice from all others, and no purge takes from it. */
const rowKey = 'public_key, start_at, end_at, source, flow_id'

const sumsOf = (from: string): string => `
  select count(*)::varchar, coalesce(sum(public_key), 0)::varchar,
    coalesce(sum(flow_id), 0)::varchar, coalesce(sum(octets), 0)::varchar
  from ${from}`

const boundsOf = (from: string): string => `
  select min(public_key)::varchar, max(public_key)::varchar,
    epoch_us(min(start_at))::varchar, epoch_us(max(start_at))::varchar,
    epoch_us(min(end_at))::varchar, epoch_us(max(end_at))::varchar,
    array_to_string(list_sort(list(distinct source)), ',')
  from ${from}`

/** Rows on their way into one file: taken in any order, written sorted. */
export class Staging {
  readonly rows: SealedRows
  readonly #duckDb: DuckDb
  readonly #appender: DuckDBAppender
  readonly #writer: VectorWriter
  #enums: ReadonlySet<string> | undefined
  #isTaken = false
  #isJoined = false
  #isFinished = false
  #isClosed = false

  private constructor(
    rows: SealedRows,
    duckDb: DuckDb,
    appender: DuckDBAppender,
    writer: VectorWriter
  ) {
    this.rows = rows
    this.#duckDb = duckDb
    this.#appender = appender
    this.#writer = writer
  }

  /**
   * @param directory that files are written below; what does not fit into memory goes there too
   * @param rows of another, so that what that reads is taken by this
   */
  static async open(
    directory: string,
    { memoryBytes = 512 << 20, threads = 2 } = {},
    rows = makeSealedRows()
  ): Promise<Staging> {
    const duckDb = await openDuckDb({ directory, memoryBytes, threads, spillTo: directory })
    const columns = sealedColumns.map(({ name, type }) => `${name} ${sealedTypes[type][0]}`)
    await duckDb.run(`create table staged (${columns.join(', ')})`)
    const appender = await duckDb.connection.createAppender('staged')
    const types = sealedColumns.map((_, index) => appender.columnType(index))
    return new Staging(rows, duckDb, appender, new VectorWriter(types))
  }

  /** The layout of what is written. */
  get #form(): SealedForm {
    return { format: sealedFormat, joined: this.#isJoined ? 1 : 0 }
  }

  /** Takes what stands in {@link rows}, which is empty then. */
  take(): void {
    if (this.rows.length === 0) return
    this.#appender.appendDataChunk(this.#writer.chunkOf(this.rows))
    this.rows.length = 0
  }

  /** True where {@link rows} must be taken before another row goes in. */
  get isFull(): boolean {
    return this.rows.length === vectorRows
  }

  /** What goes to each of so many files: about as much, never nothing; or to fewer files. */
  async ranges(files: number): Promise<readonly AddressRange[]> {
    await this.#finish()
    if (files === 1) return [{}]
    const shares = Array.from({ length: files - 1 }, (_, index) => (index + 1) / files)
    const found = await this.#duckDb.rows(`
      with ranks as (select ${addressRank} as rank from staged),
      cuts as (select unnest(quantile_disc(rank, [${shares.join(', ')}])) as cut
        from (select rank from ranks using sample reservoir(${sampledRows} rows)))
      select distinct cut::varchar, cut from cuts where cut > (select min(rank) from ranks)
      order by cut`)
    const cuts = found.map(([cut]) => String(cut))
    return [...cuts, undefined].map((to, index) => {
      const from = cuts[index - 1]
      return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    })
  }

  /** Writes what was taken as a Parquet file, sorted. */
  async write(
    path: string,
    metadata: Readonly<Record<string, string>>,
    range: AddressRange = {}
  ): Promise<void> {
    await this.#finish()
    this.#enums ??= await this.#makeEnums()
    const pairs = Object.entries(metadata).map(([key, text]) => `${literal(key)}: ${literal(text)}`)
    const rows = selectSorted(this.#writer.used, this.#enums, range, this.#isJoined)
    await this.#duckDb.run(`
      copy (${rows}) to ${literal(path)}
      (${parquetOptions}, kv_metadata {${pairs.join(', ')}})`)
  }

  /** Nothing more is taken. */
  #takeLast(): void {
    if (this.#isTaken) return
    this.#isTaken = true
    this.take()
    this.#appender.closeSync()
  }

  /**
   * True where each slice of a file is among those that were taken, or in one of other files.
   * Nothing is taken or written any more then.
   *
   * @throws Error where a file cannot be read
   */
  async knows(path: string, others: readonly ({ path: string } & SealedForm)[]): Promise<boolean> {
    this.#takeLast()
    const form = await this.#formOf(path)
    const known = [
      `select ${rowKey} from staged`,
      ...others.map((other) => `select ${rowKey} from ${slicesIn(other.path, other)}`),
    ]
    const [row] = await this.#duckDb.rows(`
      select count(*)::integer from (
        select 1 from ${slicesIn(path, form)} u
        anti join (${known.join(' union all ')}) k using (${rowKey}) limit 1)`)
    return row?.[0] === 0
  }

  /** The layout of a file, by what it says itself. */
  async #formOf(path: string): Promise<SealedForm> {
    const [format] = await this.#duckDb.rows(`
      select decode(value)::integer from parquet_kv_metadata(${literal(path)})
      where decode(key) = 'flowledger.format'`)
    if (format === undefined) throw new Error(`${path} does not say how it is laid out`)
    const [joined] = await this.#duckDb.rows(`
      select count(*)::integer from parquet_schema(${literal(path)}) where name = 'slices'`)
    return { format: Number(format[0]), joined: Number(joined?.[0]) }
  }

  async #finish(): Promise<void> {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#takeLast()
    if (!(await this.#holds(mayJoinSql))) return
    await this.#duckDb.run(joinSql)
    if (!(await this.#holds(isWorthwhileSql))) return
    for (const sql of replaceSql) await this.#duckDb.run(sql)
    this.#isJoined = true
  }

  async #holds(sql: string): Promise<boolean> {
    return (await this.#duckDb.rows(sql))[0]?.[0] === true
  }

  /** Types of the columns that have few values. */
  async #makeEnums(): Promise<ReadonlySet<string>> {
    const enums = new Set<string>()
    for (const name of enumColumns) {
      if (!this.#writer.used.has(name)) continue
      const [row] = await this.#duckDb.rows(`select count(distinct ${name})::integer from staged`)
      if (Number(row?.[0]) > mostEnumValues) continue
      await this.#duckDb.run(
        `create type enum_${name} as enum
         (select distinct ${name} from staged where ${name} is not null)`
      )
      enums.add(name)
    }
    return enums
  }

  /** DuckDB's own sums over the slices of a written file. */
  async sums(path: string): Promise<RowSums> {
    const [row] = await this.#duckDb.rows(sumsOf(slicesIn(path, this.#form)))
    const [rows = '', keys = '', flowIds = '', octets = ''] = (row ?? []).map(String)
    return { rows: Number(rows), keys, flowIds, octets }
  }

  async bounds(path: string): Promise<RowBounds> {
    const [row] = await this.#duckDb.rows(boundsOf(slicesIn(path, this.#form)))
    const [firstKey = '', lastKey = '', ...rest] = (row ?? []).map(String)
    const [firstStartUs = 0, lastStartUs = 0, firstEndUs = 0, lastEndUs = 0] = rest.map(Number)
    const sources = (rest[4] ?? '').split(',').map(Number)
    return { firstKey, lastKey, firstStartUs, lastStartUs, firstEndUs, lastEndUs, sources }
  }

  /** Statistics of the row groups of a written file, in their order. */
  async groups(path: string): Promise<readonly GroupStatistics[]> {
    const rows = await this.#duckDb.rows(`
      select row_group_id::integer, first(row_group_num_rows)::integer,
        min(least(coalesce(dictionary_page_offset, data_page_offset), data_page_offset))::double,
        first(stats_min_value) filter (path_in_schema = 'public_key'),
        first(stats_max_value) filter (path_in_schema = 'public_key')
      from parquet_metadata(${literal(path)}) group by 1 order by 1`)
    return rows.map(([, count, offset, firstKey, lastKey]) => ({
      rows: Number(count),
      offset: Number(offset),
      firstKey: String(firstKey),
      lastKey: String(lastKey),
    }))
  }

  /** Reads the slices of a written file, vector by vector. `rows` is used again. */
  async *read(path: string, form = this.#form): AsyncGenerator<SealedRows> {
    const names = sealedColumns.map(({ name }) => name).join(', ')
    const result = await this.#duckDb.connection.stream(
      `select ${names} from ${slicesIn(path, form)}`
    )
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      readChunk(chunk, this.rows)
      yield this.rows
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#duckDb.close()
  }
}

/** A row group, as the footer of a file has it. */
export interface GroupStatistics {
  readonly rows: number
  readonly offset: number
  readonly firstKey: string
  readonly lastKey: string
}
