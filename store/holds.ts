import { FlowledgerError } from '../model/errors.ts'
import { requireAddress } from '../model/address.ts'
import type { Hold } from '../model/case.ts'
import { keysOfAddress } from '../model/public-key.ts'
import { insertEntry, takeCase } from './case-write.ts'
import type { NewEntry } from './case-write.ts'
import { pageOf, positionOf } from './cases.ts'
import type { CasePage } from './cases.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds, toTimestamp } from './timestamp.ts'

interface HoldRow {
  readonly id: string
  readonly reference: string | null
  readonly address: string | null
  readonly port: number | null
  readonly from_us: string | null
  readonly to_us: string | null
  readonly records: readonly string[]
  readonly reason: string
  readonly placed: string
  readonly placed_by: string
  readonly expires: string | null
  readonly released: string | null
  readonly released_by: string | null
  readonly release_reason: string | null
  readonly document_sha256: Buffer | null
}

const holdColumns = `h.id, c.reference, h.address, h.port, ${microseconds('h.from_at')} as from_us,
  ${microseconds('h.to_at')} as to_us, h.records, h.reason,
  ${microseconds('h.placed_at')} as placed, h.placed_by, ${microseconds('h.expires_at')} as expires,
  ${microseconds('h.released_at')} as released, h.released_by, h.release_reason, h.document_sha256`

const fromHolds = 'from cases.hold h left join cases.case_file c on c.id = h.case_id'

/** Leaves out what is null or undefined. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== null && part !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], null | undefined> }
}

function holdOf(row: HoldRow): Hold {
  return {
    id: fromInt8(row.id),
    records: row.records,
    reason: row.reason,
    placedUs: fromInt8(row.placed),
    placedBy: row.placed_by,
    ...present({
      case: row.reference,
      address: row.address,
      port: row.port,
      fromUs: fromNullableInt8(row.from_us),
      toUs: fromNullableInt8(row.to_us),
      expiresUs: fromNullableInt8(row.expires),
      releasedUs: fromNullableInt8(row.released),
      releasedBy: row.released_by,
      releaseReason: row.release_reason,
      documentSha256: row.document_sha256?.toString('hex'),
    }),
  }
}

const unknownHold = (id: number): FlowledgerError =>
  new FlowledgerError('hold-unknown', `There is no hold ${id}.`, {
    fix: '"flowledger hold list" and GET /v1/holds show them.',
  })

/** What is to be held. */
export interface NewHold extends Omit<
  Hold,
  'id' | 'case' | 'placedUs' | 'placedBy' | 'documentSha256'
> {
  readonly caseId?: number
}

const timestamp = (us: number | undefined): string | null =>
  us === undefined ? null : toTimestamp(us)

/** Where holds are kept; errors are those of the database beside what each says. */
export class HoldStore {
  readonly #database: Database

  /** @param database a pool of the log-in `audit` */
  constructor(database: Database) {
    this.#database = database
  }

  /** Places a hold, with the signed copy of its rows where there is one. */
  async place(hold: NewHold, entry: Omit<NewEntry, 'kind'>): Promise<Hold> {
    const { caseId, document } = { caseId: hold.caseId, document: entry.document }
    const keys =
      hold.address === undefined
        ? undefined
        : keysOfAddress(requireAddress(hold.address), hold.port)
    const id = await this.#database.transaction('place a hold', async (client) => {
      if (caseId !== undefined) await takeCase(client, caseId, {})
      const { rows } = await client.query<{ id: string }>(
        `insert into cases.hold (case_id, address, port, from_at, to_at, records, reason, placed_by,
           expires_at, document, document_sha256, first_key, last_key, octets)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id`,
        [
          caseId ?? null,
          hold.address ?? null,
          hold.port ?? null,
          timestamp(hold.fromUs),
          timestamp(hold.toUs),
          hold.records,
          hold.reason,
          entry.actor,
          timestamp(hold.expiresUs),
          document?.text ?? null,
          document === undefined ? null : Buffer.from(document.sha256, 'hex'),
          keys?.first ?? null,
          keys?.last ?? null,
          keys?.octets ?? null,
        ]
      )
      const holdId = Number(rows[0]?.id)
      await client.query(`select ledger.keep_held($1, '-infinity', 'infinity')`, [holdId])
      // The hold keeps the copy; the history of the case has its digest.
      const { document: _, ...rest } = entry
      const detail = { ...entry.detail, hold: holdId }
      if (caseId !== undefined) await insertEntry(client, caseId, { ...rest, detail, kind: 'hold' })
      return holdId
    })
    return await this.read(id)
  }

  /** @throws FlowledgerError `hold-unknown` */
  async read(id: number): Promise<Hold> {
    const rows = await this.#database.query<HoldRow>('read a hold', {
      text: `select ${holdColumns} ${fromHolds} where h.id = $1`,
      values: [id],
    })
    if (rows[0] === undefined) throw unknownHold(id)
    return holdOf(rows[0])
  }

  /** Holds, newest first. */
  async list(page: {
    /** True: those that still bind; false: those that do not; left out: all. */
    readonly inForce?: boolean | undefined
    readonly caseId?: number | undefined
    readonly limit: number
    readonly cursor?: string | undefined
  }): Promise<CasePage<Hold>> {
    const before = positionOf(page.cursor, Number.MAX_SAFE_INTEGER)
    const binds = '(h.released_at is null and (h.expires_at is null or h.expires_at > now()))'
    const rows = await this.#database.query<HoldRow>('list the holds', {
      text: `select ${holdColumns} ${fromHolds}
             where h.id < $1 and ($2::bool is null or ${binds} = $2)
               and ($3::int8 is null or h.case_id = $3)
             order by h.id desc limit $4`,
      values: [before, page.inForce ?? null, page.caseId ?? null, page.limit + 1],
    })
    return pageOf(rows.map(holdOf), page.limit)
  }

  /** The signed copy of a hold's rows; undefined where it has none. */
  async document(id: number): Promise<string | undefined> {
    const rows = await this.#database.query<{ document: string | null }>('read a hold', {
      text: 'select document from cases.hold where id = $1',
      values: [id],
    })
    if (rows[0] === undefined) throw unknownHold(id)
    return rows[0].document ?? undefined
  }

  /**
   * Ends a hold.
   *
   * @throws FlowledgerError `hold-unknown`, `case-conflict` where it is released already
   */
  async release(id: number, reason: string, entry: Omit<NewEntry, 'kind'>): Promise<Hold> {
    await this.read(id)
    await this.#database.transaction('release a hold', async (client) => {
      const { rows } = await client.query<{ case_id: string | null }>(
        `update cases.hold set released_at = now(), released_by = $2, release_reason = $3
         where id = $1 and released_at is null returning case_id`,
        [id, entry.actor, reason]
      )
      const [row] = rows
      if (row === undefined) {
        throw new FlowledgerError('case-conflict', `The hold ${id} is released already.`)
      }
      if (row.case_id === null) return
      const caseId = Number(row.case_id)
      await takeCase(client, caseId, { evenClosed: true })
      await insertEntry(client, caseId, { ...entry, kind: 'hold-released' })
    })
    return await this.read(id)
  }
}
