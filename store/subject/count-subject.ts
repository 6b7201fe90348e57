import { join } from 'node:path'
import { formatAddress } from '../../model/address.ts'
import { damageOf, ProvedFile } from '../archive/proved-file.ts'
import { openDuckDb } from '../archive/duckdb.ts'
import { slicesIn } from '../archive/joined-slices.ts'
import type { Database } from '../database.ts'
import { CatalogueReader } from '../archive/catalogue.ts'
import { toTimestamp } from '../timestamp.ts'
import { mayBeOf, sealedSpansSql, spansSql } from './spans.ts'
import type { SubjectSpan } from './spans.ts'

/** Rows that are held on somebody, by where they are. */
export interface SubjectCounts {
  readonly flows: number
  readonly sealed: number
  /** Copies that holds keep. */
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

/**
 * Counts what is held on the addresses that were somebody's.
 *
 * @param database a pool of the log-in `lookup`
 */
export async function countSubject(
  database: Database,
  archive: string,
  spans: readonly SubjectSpan[]
): Promise<SubjectCounts> {
  const count = async (table: string, where: string): Promise<number> => {
    const text = `select count(*)::float8 as n from ${table} t where ${where}`
    return (await database.query<{ n: number }>('count what is held', { text }))[0]?.n ?? 0
  }
  const where = spansSql(spans)
  return {
    flows: await count('ledger.flow', where),
    held: await count('ledger.held', where),
    portBlocks: await count('ledger.port_block', where),
    natEvents: await count('ledger.nat_event', noticesSql(spans)),
    ...(await countSealed(database, archive, spans)),
  }
}

async function countSealed(
  database: Database,
  directory: string,
  spans: readonly SubjectSpan[]
): Promise<Pick<SubjectCounts, 'sealed' | 'failed'>> {
  const { files } = await new CatalogueReader(database).read()
  const failed: string[] = []
  let sealed = 0
  for (const file of files) {
    const meant = mayBeOf(spans, file.firstStartUs, file.lastStartUs)
    if (meant.length === 0) continue
    try {
      await new ProvedFile(directory, file).proveAll()
      const duckDb = await openDuckDb({ directory, memoryBytes, threads: 1 })
      const from = slicesIn(join(directory, file.path), file)
      const sql = `select count(*)::double from ${from} where ${sealedSpansSql(meant)}`
      sealed += Number((await duckDb.rows(sql).finally(() => duckDb.close()))[0]?.[0] ?? 0)
    } catch (error) {
      failed.push(`${file.path} is not read: ${damageOf(error).message}.`)
    }
  }
  return { sealed, failed }
}
