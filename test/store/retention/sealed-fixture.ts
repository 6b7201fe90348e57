import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makePurgeContext } from '../../../appliance/retention/context.ts'
import { verifyProofs } from '../../../lookup-api/evidence-file/verify-proofs.ts'
import { retentionConfigOf, retentionSchema } from '../../../model/retention.ts'
import type { RetentionRule } from '../../../model/retention.ts'
import type { Slice } from '../../../model/slice.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { checkFiles, filesNotInAudit } from '../../../store/archive/check-files.ts'
import { makeListAllFlows } from '../../../store/archive/list-flows.ts'
import { sealHours } from '../../../store/archive/seal.ts'
import { verifyAudit } from '../../../store/audit-verify.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { runPurges } from '../../../store/retention/run.ts'
import type { PurgeOutcome } from '../../../store/retention/run.ts'
import { listPublicKeys } from '../../../store/signing-key.ts'
import type { TestPostgres } from '../../postgres.ts'

export const rulesOf = (...rules: object[]): readonly RetentionRule[] =>
  retentionConfigOf(retentionSchema.parse({ rules })).rules

/** A slice as a text, for comparison. */
export const lineOf = (slice: Slice): string =>
  JSON.stringify(slice, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))

/** A ledger with an archive, empty at first. */
export class SealedLedger {
  readonly owner: Database
  readonly directory: string
  readonly #postgres: TestPostgres

  private constructor(postgres: TestPostgres, directory: string) {
    this.#postgres = postgres
    this.directory = directory
    this.owner = openDatabase(postgres.urls.owner)
  }

  /** @param directory left out: one of its own */
  static async open(postgres: TestPostgres, directory?: string): Promise<SealedLedger> {
    directory ??= await mkdtemp(join(tmpdir(), 'flowledger-archive-'))
    const ledger = new SealedLedger(postgres, directory)
    const text = `truncate ledger.flow, ledger.held, ledger.retention_edge, ledger.cursor,
      cases.hold, ledger.gap, ledger.sealed_file cascade`
    await ledger.owner.query('begin anew', { text })
    return ledger
  }

  async seal(): Promise<void> {
    await sealHours({
      ownerUrl: this.#postgres.urls.owner,
      dataDir: this.#postgres.dataDir,
      directory: this.directory,
      actor: 'test',
      nowUs: Date.now() * 1000,
      olderThanUs: 7200e6,
    })
  }

  async run(rules: readonly RetentionRule[]): Promise<PurgeOutcome[]> {
    const context = await makePurgeContext(this.#postgres.dataDir, this.owner, 'test')
    const basis = {
      database: this.owner,
      rules,
      nowUs: context.nowUs,
      archive: this.directory,
    }
    const outcomes: PurgeOutcome[] = []
    for await (const outcome of runPurges(basis, context)) outcomes.push(outcome)
    return outcomes
  }

  /** All rows, hot and sealed, as lists show them. */
  async everything(): Promise<Slice[]> {
    const archive = new Archive(this.owner, this.directory)
    const list = makeListAllFlows(this.owner, archive)
    const items: Slice[] = []
    for (let cursor: string | undefined; ;) {
      const page = await list({ fromUs: 0, toUs: Date.now() * 1000, limit: 1000, cursor })
      items.push(...page.items)
      if (page.next === undefined) break
      cursor = page.next
    }
    await archive.close()
    return items
  }

  async count(from: string): Promise<number> {
    const text = `select count(*)::int as n from ${from}`
    return (await this.owner.query<{ n: number }>('count', { text }))[0]?.n ?? -1
  }

  /** Rows that proofs say are gone. */
  async proven(): Promise<number> {
    const text = 'select coalesce(sum(row_count), 0)::int as n from retention.proof'
    return (await this.owner.query<{ n: number }>('count', { text }))[0]?.n ?? -1
  }

  /** What is wrong with proofs, audit and files, which must be nothing. */
  async problems(): Promise<readonly unknown[]> {
    const { dataDir } = this.#postgres
    const proofs = await verifyProofs(this.owner, await listPublicKeys(dataDir))
    const audit = await verifyAudit(this.owner, dataDir, [])
    const { files, damaged } = await checkFiles(this.owner, this.directory, 'octets')
    const strangers = await filesNotInAudit(this.owner, files)
    return [...proofs.problems, ...audit.problems, ...damaged, ...strangers]
  }

  /** Names of all files of the archive, and of those that the catalogue says are there. */
  async files(): Promise<{ found: string[]; catalogued: string[] }> {
    const rows = await this.owner.query<{ path: string }>('list', {
      text: "select path from ledger.sealed_file where state = 'sealed'",
    })
    const found = await readdir(this.directory, { recursive: true })
    return {
      found: found.filter((name) => name.includes('.parquet')).toSorted(),
      catalogued: rows.flatMap(({ path }) => [path, `${path}.index`]).toSorted(),
    }
  }

  async close(): Promise<void> {
    await this.owner.close()
    await rm(this.directory, { recursive: true })
  }
}
