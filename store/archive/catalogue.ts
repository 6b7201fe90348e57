import type { Database } from '../database.ts'
import { fromInt8, microseconds } from '../timestamp.ts'

/** A sealed file that look-ups read, as the catalogue has it. Times: microseconds since 1970. */
export interface SealedFile {
  readonly id: number
  readonly path: string
  readonly octets: number
  readonly rows: number
  /** Rows that stand in the row of another: slices of one connection that follow each other. */
  readonly joined: number
  /** See store/archive/sealed-layout.ts. */
  readonly format: number
  readonly sha256: string
  /** Left out where there is no index, and the file is proved as a whole. */
  readonly indexSha256?: string
  readonly firstKey: bigint
  readonly lastKey: bigint
  readonly firstStartUs: number
  readonly lastStartUs: number
  readonly firstEndUs: number
  readonly lastEndUs: number
  readonly sources: readonly number[]
}

/** The catalogue as it was at one instant. */
export interface Catalogue {
  readonly version: string
  readonly files: readonly SealedFile[]
}

/** A row of `ledger.sealed_file` as {@link fileColumns} selects it. */
export interface FileRow {
  readonly id: string
  readonly path: string
  readonly octets: string
  readonly row_count: string
  readonly joined: string
  readonly format: number
  readonly sha256: Buffer
  readonly index_sha256: Buffer | null
  readonly first_key: string
  readonly last_key: string
  readonly first_start: string
  readonly last_start: string
  readonly first_end: string
  readonly last_end: string
  readonly sources: readonly number[]
}

/** Without a file where there is none. */
type CatalogueRow = { readonly version: string } & (FileRow | { readonly id: null })

/** What a query selects of a file `f`. */
export const fileColumns = `f.id, f.path, f.octets, f.row_count, f.joined, f.format, f.sha256,
  f.index_sha256, f.first_key, f.last_key, ${microseconds('f.first_start')} as first_start,
  ${microseconds('f.last_start')} as last_start, ${microseconds('f.first_end')} as first_end,
  ${microseconds('f.last_end')} as last_end, f.sources`

/** One statement: the version is that of the files. */
const catalogueSql = `
  select v.version, ${fileColumns}
  from ledger.archive_version v
  left join ledger.sealed_file f on f.state = 'sealed'
  order by f.first_start, f.id`

/** A row of the catalogue as an object. */
export function fileOf(row: FileRow): SealedFile {
  return {
    id: Number(row.id),
    path: row.path,
    octets: fromInt8(row.octets),
    rows: fromInt8(row.row_count),
    joined: fromInt8(row.joined),
    format: row.format,
    sha256: row.sha256.toString('hex'),
    ...(row.index_sha256 === null ? {} : { indexSha256: row.index_sha256.toString('hex') }),
    firstKey: BigInt(row.first_key),
    lastKey: BigInt(row.last_key),
    firstStartUs: fromInt8(row.first_start),
    lastStartUs: fromInt8(row.last_start),
    firstEndUs: fromInt8(row.first_end),
    lastEndUs: fromInt8(row.last_end),
    sources: row.sources,
  }
}

/** The catalogue, remembered as long as it does not change. */
export class CatalogueReader {
  readonly #database: Pick<Database, 'query'>
  #known: Catalogue | undefined

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database
  }

  /** The catalogue as it was lately: {@link isCurrent} says whether it still is so. */
  async read(): Promise<Catalogue> {
    return this.#known ?? (await this.#load())
  }

  /**
   * True where nothing was sealed since `catalogue` was read. What was read of the ledger in
   * between then goes with it: a row is in the one or in the other.
   */
  async isCurrent({ version }: Catalogue): Promise<boolean> {
    const [row] = await this.#database.query<{ version: string }>('read the catalogue', {
      name: 'archive version',
      text: 'select version from ledger.archive_version',
    })
    if (row?.version === version) return true
    this.#known = undefined
    return false
  }

  /** True where what was read last is the catalogue still. */
  async isKnownCurrent(): Promise<boolean> {
    return this.#known !== undefined && (await this.isCurrent(this.#known))
  }

  async #load(): Promise<Catalogue> {
    const rows = await this.#database.query<CatalogueRow>('read the catalogue', {
      text: catalogueSql,
    })
    const files = rows.flatMap((row) => (row.id === null ? [] : [fileOf(row)]))
    this.#known = { version: rows[0]?.version ?? '', files }
    return this.#known
  }
}
