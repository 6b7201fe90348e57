import { chainHash, emptyHead, genesisHash } from './audit-chain.ts'
import type { AuditHead, ChainEntry } from './audit-chain.ts'
import { isSignedBy, readSignedHead } from './audit-head.ts'
import type { SignedHead } from './audit-head.ts'
import type { PublicSigningKey } from '../model/public-signing-key.ts'
import type { Database } from './database.ts'
import { listPublicKeys } from './signing-key.ts'
import { microseconds } from './timestamp.ts'

/** What is wrong with the chain. */
export const auditProblems = [
  /** The entry is not what its hash was made of. */
  'changed',
  /** Entries between two others are gone. */
  'removed',
  /** The entry is chained to another one than the one before it. */
  'chain-broken',
  /** The head kept outside the database is not reached: the end was cut off. */
  'end-removed',
  /** The entry at the head kept outside the database is another one: the chain was made anew. */
  'head-differs',
  /** The head kept outside is not signed by a key of ours: somebody else wrote it. */
  'head-unsigned',
] as const

export type AuditProblemKind = (typeof auditProblems)[number]

export interface AuditProblem {
  readonly kind: AuditProblemKind
  /** The entry where it shows. */
  readonly id: number
  /** One sentence for people. */
  readonly text: string
}

/** The result of reading the whole audit. */
export interface AuditVerdict {
  readonly entries: number
  /** The last entry of the database. */
  readonly head: AuditHead
  /** The first {@link maxProblems} of them. */
  readonly problems: readonly AuditProblem[]
  /** How many there are in all. */
  readonly problemCount: number
}

/** Problems that are told one by one; an audit that was rewritten has one at each entry. */
const maxProblems = 100

/** Entries that are read at once. */
const pageRows = 5000

interface EntryRow {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly detail: string
  readonly prev_hash: Buffer
  readonly hash: Buffer
}

/** Heads that are known, and the keys that may have signed them. */
interface KeptHeads {
  readonly heads: readonly SignedHead[]
  readonly keys: readonly PublicSigningKey[]
}

/** Follows the chain, one entry after another, and notes what is wrong with it. */
class ChainReader {
  entries = 0
  problemCount = 0
  head: AuditHead = emptyHead
  readonly problems: AuditProblem[] = []
  readonly #known: readonly AuditHead[]
  #previous: Buffer = genesisHash

  /** @param heads kept outside the database; one of an empty audit says nothing */
  constructor({ heads, keys }: KeptHeads) {
    this.#known = heads.filter(({ id }) => id > 0)
    for (const head of this.#known) {
      if (isSignedBy(head, keys)) continue
      this.#note('head-unsigned', head.id, `The head at ${head.id} has no signature of ours.`)
    }
  }

  read(row: EntryRow): void {
    const id = Number(row.id)
    const entry: ChainEntry = { ...row, id, atUs: Number(row.at) }
    const expected = this.head.id + 1
    if (id > expected) {
      const range =
        id - 1 === expected ? `Entry ${expected} is` : `Entries ${expected} to ${id - 1} are`
      this.#note('removed', id, `${range} missing.`)
    } else if (!row.prev_hash.equals(this.#previous)) {
      this.#note('chain-broken', id, `Entry ${id} does not follow the entry before it.`)
    }
    if (!chainHash(row.prev_hash, entry).equals(row.hash)) {
      this.#note('changed', id, `Entry ${id} was changed after it was written.`)
    }
    const hash = row.hash.toString('hex')
    if (this.#known.some((known) => id === known.id && hash !== known.hash)) {
      this.#note('head-differs', id, `Entry ${id} is another one than audit-head remembers.`)
    }
    this.entries++
    this.head = { id, hash }
    this.#previous = row.hash
  }

  finish(): AuditVerdict {
    const id = Math.max(0, ...this.#known.map((known) => known.id))
    if (this.head.id < id) {
      this.#note('end-removed', id, `The entries after ${this.head.id} up to ${id} are missing.`)
    }
    const { entries, head, problems, problemCount } = this
    return { entries, head, problems, problemCount }
  }

  #note(kind: AuditProblemKind, id: number, text: string): void {
    this.problemCount++
    if (this.problems.length < maxProblems) this.problems.push({ kind, id, text })
  }
}

/**
 * Reads the whole audit, a page at a time, and proves each entry by its hash, each link by the
 * entry before it, and the end by `audit-head`. Entries may be appended meanwhile.
 *
 * @param dataDir where `audit-head` and the keys are kept
 * @param kept heads that were put away elsewhere, to be proved too
 * @param watch told how many entries were read, and which number the last has by `audit-head`
 * @throws FlowledgerError `audit-unwritable` where `audit-head` cannot be read,
 *   `database-unreachable`, `database-failed`
 */
export async function verifyAudit(
  database: Database,
  dataDir: string,
  kept: readonly SignedHead[] = [],
  watch: (entries: number, last: number) => void = () => {}
): Promise<AuditVerdict> {
  const heads = [await readSignedHead(dataDir), ...kept]
  const reader = new ChainReader({ heads, keys: await listPublicKeys(dataDir) })
  for (;;) {
    const rows = await database.query<EntryRow>('read the audit', {
      text: `select id, ${microseconds('at')} as at, actor, action, detail, prev_hash, hash
             from audit.entry where id > $1 order by id limit ${pageRows}`,
      values: [reader.head.id],
    })
    for (const row of rows) reader.read(row)
    watch(reader.entries, heads[0]?.id ?? 0)
    if (rows.length < pageRows) return reader.finish()
  }
}
