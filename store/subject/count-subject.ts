import { join } from 'node:path'
import { formatAddress } from '../../model/address.ts'
import { damageOf, ProvedFile } from '../archive/proved-file.ts'
import { openDuckDb } from '../archive/duckdb.ts'
import { slicesIn } from '../archive/joined-slices.ts'
import type { Database } from '../database.ts'
import { CatalogueReader } from '../archive/catalogue.ts'
import type { SealedFile } from '../archive/catalogue.ts'
import { toTimestamp } from '../timestamp.ts'
import { Places } from './places.ts'
import type { WatchPlaces } from './places.ts'
import { mayBeOf, sealedSpansSql, spansSql } from './spans.ts'
import type { SubjectSpan } from './spans.ts'

/** Rows that are held on somebody, by where they are. */
export interface SubjectCounts {
  readonly flows: number
  readonly sealed: number
  /** Rows that holds keep copies of. */
  readonly held: number
  readonly portBlocks: number
  readonly natEvents: number
  /** Sealed files that could not be read, a sentence each: the counts leave them out. */
  readonly failed: readonly string[]
}

/** What reading a file may use (octets). */
const memoryBytes = 256 << 20

/** SQL that is true of a notice `t` of a gateway about an address in its time. */
export const noticesSql = (spans: readonly SubjectSpan[]): string =>
  spans.length === 0
    ? 'false'
    : spans
        .map(({ prefix: { words, length }, fromUs, toUs }) => {
          const isV4 = words[0] === 0 && words[1] === 0 && words[2] === 0xffff && length >= 96
          const prefix = `${formatAddress(...words)}/${isV4 ? length - 96 : length}`
          return `(t.at >= '${toTimestamp(fromUs)}' and t.at < '${toTimestamp(toUs)}'
            and t.inside_ip <<= '${prefix}')`
        })
        .join(' or ')

/** Tables that are counted in. */
const tables = 4

/** How often everything is counted anew because hours were sealed meanwhile. */
const mostCounts = 3

/**
 * Counts what is held on the addresses that were somebody's: each row once, however many holdings
 * and holds name it.
 *
 * @param database a pool of the log-in `lookup`
 */
export async function countSubject(
  database: Database,
  archive: string,
  spans: readonly SubjectSpan[],
  watch: WatchPlaces = () => {}
): Promise<SubjectCounts> {
  const catalogue = new CatalogueReader(database)
  for (let count = 1; ; count++) {
    const known = await catalogue.read()
    const counts = await countIn(database, archive, known.files, spans, watch)
    // What was sealed meanwhile was counted where it was and where it is, or nowhere.
    if (count === mostCounts || (await catalogue.isCurrent(known))) return counts
  }
}

/** What two copies of one row have in common. */
const rowKey = '(t.public_key, t.start_at, t.source, t.flow_id, t.kind)'

async function countIn(
  database: Database,
  archive: string,
  files: readonly SealedFile[],
  spans: readonly SubjectSpan[],
  watch: WatchPlaces
): Promise<SubjectCounts> {
  const meant = files.filter(
    (file) => mayBeOf(spans, file.firstStartUs, file.lastStartUs).length > 0
  )
  const places = new Places(watch, tables + meant.length)
  const count = async (table: string, where: string, what = '*'): Promise<number> => {
    const text = `select count(${what})::float8 as n from ${table} t where ${where}`
    const rows = await database.query<{ n: number }>('count what is held', { text })
    places.done()
    return rows[0]?.n ?? 0
  }
  const where = spansSql(spans)
  return {
    flows: await count('ledger.flow', where),
    held: await count('ledger.held', where, `distinct ${rowKey}`),
    portBlocks: await count('ledger.port_block', where),
    natEvents: await count('ledger.nat_event', noticesSql(spans)),
    ...(await countSealed(archive, meant, spans, places)),
  }
}

async function countSealed(
  directory: string,
  files: readonly SealedFile[],
  spans: readonly SubjectSpan[],
  places: Places
): Promise<Pick<SubjectCounts, 'sealed' | 'failed'>> {
  const failed: string[] = []
  let sealed = 0
  for (const file of files) {
    const meant = mayBeOf(spans, file.firstStartUs, file.lastStartUs)
    try {
      await new ProvedFile(directory, file).proveAll()
      const duckDb = await openDuckDb({ directory, memoryBytes, threads: 1 })
      const from = slicesIn(join(directory, file.path), file)
      const sql = `select count(*)::double from ${from} where ${sealedSpansSql(meant)}`
      sealed += Number((await duckDb.rows(sql).finally(() => duckDb.close()))[0]?.[0] ?? 0)
    } catch (error) {
      failed.push(`${file.path} is not read: ${damageOf(error).message}.`)
    }
    places.done()
  }
  return { sealed, failed }
}
