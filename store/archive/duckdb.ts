import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** What an instance may use. */
export interface DuckDbLimits {
  /** Folder that files are read from and written to; nothing outside of it can be opened. */
  readonly directory: string
  readonly memoryBytes: number
  readonly threads: number
  /** Folder for what does not fit into memory; left out: nothing is put to disk. */
  readonly spillTo?: string
  /** Statements of {@link DuckDb.rows} that run at a time, each on a thread of its own; 1. */
  readonly readers?: number
}

/** A DuckDB of this process, in memory. */
export interface DuckDb {
  readonly connection: DuckDBConnection
  /** @throws Error of DuckDB */
  run(sql: string, values?: (string | number | bigint | null)[]): Promise<void>
  /** All rows of a statement, as texts, numbers and bigints. */
  rows(sql: string, values?: (string | number | bigint | null)[]): Promise<unknown[][]>
  close(): void
}

/** A text as a literal of SQL. For paths and names that are ours. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A connection runs one statement at a time. */
interface Reader {
  readonly connection: DuckDBConnection
  underWay: number
}

/** The one with the least to do. */
const leastBusy = (readers: readonly Reader[]): Reader | undefined =>
  readers.toSorted((a, b) => a.underWay - b.underWay)[0]

async function connectReader(instance: DuckDBInstance): Promise<Reader> {
  const connection = await instance.connect()
  // A footer is read once. Statistics of all columns of all row groups are of no use to a question
  // that one row group answers, and looking at them was most of its time.
  await connection.run('set parquet_metadata_cache = true')
  await connection.run("set disabled_optimizers = 'statistics_propagation'")
  await connection.run("set timezone = 'UTC'").catch(() => {})
  return { connection, underWay: 0 }
}

/**
 * Opens DuckDB with nothing but what a look-up or a seal needs: no extension is loaded or fetched,
 * no file outside the folder is opened, and none of it can be changed by a statement.
 */
export async function openDuckDb(limits: DuckDbLimits): Promise<DuckDb> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api')
  const { directory, memoryBytes, threads, spillTo, readers: count = 1 } = limits
  const instance: DuckDBInstance = await Instance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${Math.floor(memoryBytes / 1024)}KiB`,
    threads: String(threads),
    max_temp_directory_size: spillTo === undefined ? '0KiB' : '1TiB',
    ...(spillTo === undefined ? {} : { temp_directory: spillTo }),
  })
  const first = await connectReader(instance)
  const { connection } = first
  const readers = [first]
  while (readers.length < count) readers.push(await connectReader(instance))
  const folders = [directory, ...(spillTo === undefined ? [] : [spillTo])]
  await connection.run(`set allowed_directories = [${folders.map(literal).join(', ')}]`)
  await connection.run('set enable_external_access = false')
  await connection.run('set lock_configuration = true')
  return {
    connection,
    async run(sql, values) {
      await connection.run(sql, values)
    },
    async rows(sql, values) {
      // With values, even none, a statement is prepared first, and planned a second time.
      const bound = values === undefined || values.length === 0 ? undefined : values
      const reader = leastBusy(readers) ?? first
      reader.underWay++
      try {
        return (await reader.connection.runAndReadAll(sql, bound)).getRows()
      } finally {
        reader.underWay--
      }
    },
    close() {
      for (const reader of readers) reader.connection.closeSync()
      instance.closeSync()
    },
  }
}
