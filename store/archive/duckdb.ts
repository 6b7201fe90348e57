import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** What an instance may use. */
export interface DuckDbLimits {
  /** Folder that files are read from and written to; nothing outside of it can be opened. */
  readonly directory: string
  readonly memoryBytes: number
  readonly threads: number
  /** Folder for what does not fit into memory; left out: nothing is put to disk. */
  readonly spillTo?: string
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

/**
 * Opens DuckDB with nothing but what a look-up or a seal needs: no extension is loaded or fetched,
 * no file outside the folder is opened, and none of it can be changed by a statement.
 */
export async function openDuckDb(limits: DuckDbLimits): Promise<DuckDb> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api')
  const { directory, memoryBytes, threads, spillTo } = limits
  const instance: DuckDBInstance = await Instance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${Math.floor(memoryBytes / 1024)}KiB`,
    threads: String(threads),
    max_temp_directory_size: spillTo === undefined ? '0KiB' : '1TiB',
    ...(spillTo === undefined ? {} : { temp_directory: spillTo }),
  })
  const connection = await instance.connect()
  const folders = [directory, ...(spillTo === undefined ? [] : [spillTo])]
  await connection.run(`set allowed_directories = [${folders.map(literal).join(', ')}]`)
  await connection.run('set enable_external_access = false')
  // A footer is read once. Statistics of all columns of all row groups are of no use to a question
  // that one row group answers, and looking at them was most of its time.
  await connection.run('set parquet_metadata_cache = true')
  await connection.run("set disabled_optimizers = 'statistics_propagation'")
  await connection.run("set timezone = 'UTC'").catch(() => {})
  await connection.run('set lock_configuration = true')
  return {
    connection,
    async run(sql, values) {
      await connection.run(sql, values)
    },
    async rows(sql, values) {
      // With values, even none, a statement is prepared first, and planned a second time.
      const bound = values === undefined || values.length === 0 ? undefined : values
      return (await connection.runAndReadAll(sql, bound)).getRows()
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
