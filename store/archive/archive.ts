import type { Gap } from '../../model/coverage.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Database } from '../database.ts'
import { CatalogueReader } from './catalogue.ts'
import type { Catalogue, SealedFile } from './catalogue.ts'
import { openDuckDb } from './duckdb.ts'
import type { DuckDb } from './duckdb.ts'
import { damageOf, ProvedFile } from './proved-file.ts'
import type { DamagedFile } from './proved-file.ts'
import { readSealed } from './sealed-query.ts'
import type { SealedQuery, SealedRow } from './sealed-query.ts'

/** What reading the archive may use. */
const memoryBytes = 512 << 20
/** One row group is read by one thread; files of neighbouring hours by one each. */
const [threads, readers] = [1, 2]

/** How often an answer is made anew because an hour was sealed meanwhile. */
const maxTries = 8

/** How long a file that is whole again still counts as damaged for who is asking (ms). */
const doubtMs = 60_000

/** A file that is not read, and why. */
export interface Quarantined {
  readonly file: SealedFile
  readonly damage: DamagedFile
  /** When it was found whole again (ms, of performance.now); undefined: it is not. */
  wholeSinceMs?: number | undefined
}

/** Whom the archive tells of files that it cannot read. */
export interface ArchiveLog {
  warn(message: string): void
}

/**
 * The sealed hours, as look-ups read them. A file that is missing, too short or altered is put
 * under quarantine: it is said, nothing of it is answered, and coverage has a gap there.
 */
export class Archive {
  readonly directory: string
  readonly #catalogue: CatalogueReader
  readonly #log: ArchiveLog | undefined
  readonly #files = new Map<number, ProvedFile>()
  readonly #quarantine = new Map<number, Quarantined>()
  #seen: Catalogue | undefined
  #duckDb: Promise<DuckDb> | undefined

  /**
   * @param database a pool of the log-in `lookup`
   * @param directory of the archive, absolute
   */
  constructor(database: Pick<Database, 'query'>, directory: string, log?: ArchiveLog) {
    this.directory = directory
    this.#catalogue = new CatalogueReader(database)
    this.#log = log
  }

  /**
   * Runs `read` so that what it reads of `ledger.flow` and of the files given to it is of one
   * instant: no row is missing, and none there twice, while hours are sealed.
   */
  async consistently<T>(read: (files: readonly SealedFile[]) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= maxTries; attempt++) {
      const catalogue: Catalogue = await this.#catalogue.read()
      this.#keepOnly(catalogue)
      try {
        const result = await read(catalogue.files)
        if (await this.#catalogue.isCurrent(catalogue)) return result
      } catch (error) {
        // A file that is gone from the catalogue may be gone from the disk.
        if (await this.#catalogue.isCurrent(catalogue)) throw error
      }
    }
    throw new FlowledgerError('database-failed', 'The archive changed at each try to read it.', {
      fix: 'Ask again.',
    })
  }

  /** Rows of some of the files; damaged ones are passed over. */
  async find(
    files: readonly SealedFile[],
    query: SealedQuery
  ): Promise<{ readonly rows: SealedRow[]; readonly damaged: readonly Quarantined[] }> {
    const rows: SealedRow[] = []
    const damaged: Quarantined[] = []
    const asked = files.filter((file) => mayHold(file, query))
    for (let at = 0; at < asked.length && rows.length < query.limit; at += readers) {
      const parts = asked.slice(at, at + readers).map(async (file) => this.#rowsOf(file, query))
      for (const part of await Promise.all(parts)) {
        if ('damage' in part) damaged.push(part)
        else rows.push(...part.rows)
      }
    }
    return { rows, damaged }
  }

  /** What one file answers, or why it is passed over. */
  async #rowsOf(
    file: SealedFile,
    query: SealedQuery
  ): Promise<{ readonly rows: readonly SealedRow[] } | Quarantined> {
    try {
      const rows = await this.#read(file, query)
      const known = this.#quarantine.get(file.id)
      if (known !== undefined) known.wholeSinceMs ??= performance.now()
      return { rows }
    } catch (error) {
      if (!(await this.#catalogue.isKnownCurrent())) throw error
      return this.#putAside(file, damageOf(error))
    }
  }

  /** The files that are not read. */
  quarantined(): readonly Quarantined[] {
    for (const [id, { wholeSinceMs }] of this.#quarantine) {
      if (wholeSinceMs !== undefined && performance.now() - wholeSinceMs > doubtMs) {
        this.#quarantine.delete(id)
      }
    }
    return [...this.#quarantine.values()]
  }

  /** Gaps of a source: the time that rows of files under quarantine may be of. */
  gapsOf(source: number): readonly Gap[] {
    return this.quarantined()
      .filter(({ file }) => file.sources.includes(source))
      .map(({ file }) => ({
        fromUs: file.firstStartUs,
        toUs: file.lastEndUs,
        reason: 'archive-damaged',
        lost: file.rows,
      }))
  }

  async close(): Promise<void> {
    const duckDb = await this.#duckDb?.catch(() => undefined)
    this.#duckDb = undefined
    duckDb?.close()
  }

  /** What was purged or written anew is no file to speak of any more. */
  #keepOnly(catalogue: Catalogue): void {
    if (catalogue === this.#seen) return
    this.#seen = catalogue
    const ids = new Set(catalogue.files.map(({ id }) => id))
    for (const known of [this.#files, this.#quarantine]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    }
  }

  async #read(file: SealedFile, query: SealedQuery): Promise<SealedRow[]> {
    const proved = this.#files.get(file.id) ?? new ProvedFile(this.directory, file)
    this.#files.set(file.id, proved)
    const parts = await proved.prove(query.firstKey, query.lastKey)
    if (parts.length === 0) return []
    this.#duckDb ??= openDuckDb({ directory: this.directory, memoryBytes, threads, readers })
    return await readSealed(await this.#duckDb, proved.path, file, query)
  }

  #putAside(file: SealedFile, damage: DamagedFile): Quarantined {
    const known = this.#quarantine.get(file.id)
    if (known === undefined) {
      this.#log?.warn(`The sealed file ${file.path} is not read: ${damage.message}.`)
    }
    const quarantined: Quarantined = { file, damage }
    this.#quarantine.set(file.id, quarantined)
    // What was proved of it counts no more.
    this.#files.delete(file.id)
    return quarantined
  }
}

function mayHold(file: SealedFile, query: SealedQuery): boolean {
  return (
    file.firstStartUs <= query.latestStartUs &&
    file.lastStartUs >= query.earliestStartUs &&
    file.lastEndUs >= query.earliestEndUs &&
    file.firstKey <= query.lastKey &&
    file.lastKey >= query.firstKey
  )
}
