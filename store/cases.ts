import type { CaseEntry, CaseFile, CaseStatus, Deadline } from '../model/case.ts'
import { FlowledgerError } from '../model/errors.ts'
import {
  caseColumns,
  caseOf,
  deadlineColumns,
  deadlineOf,
  entryColumns,
  entryOf,
} from './case-row.ts'
import type { CaseRow, DeadlineRow, EntryRow } from './case-row.ts'
import { insertEntry, takeCase, unknownCase } from './case-write.ts'
import type { NewEntry } from './case-write.ts'
import type { Database } from './database.ts'
import { toTimestamp } from './timestamp.ts'

/** A page and, where more follows, the cursor of the next. */
export interface CasePage<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** SQLSTATE of a reference that is taken. */
const uniqueViolation = '23505'

/** Reads the cursor of a page: the number that the page before ended with. */
export function positionOf(cursor: string | undefined, otherwise: number): number {
  if (cursor === undefined) return otherwise
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
    fix: 'Take the cursor of the page before as it is.',
  })
}

/** The first `limit` of the items that were read, and where the next page begins. */
export function pageOf<T extends { readonly id: number }>(
  items: readonly T[],
  limit: number
): CasePage<T> {
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return items.length > limit && last !== undefined
    ? { items: page, next: String(last.id) }
    : { items: page }
}

/** Where cases are kept; errors are those of the database beside what each says. */
export class CaseStore {
  readonly #database: Database

  /** @param database a pool of the log-in `audit` */
  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Opens a case.
   *
   * @param wanted `reference` left out: one is made, FL-2026-000001
   * @throws FlowledgerError `case-conflict` where the reference is taken
   */
  async open(
    wanted: { readonly reference?: string | undefined; readonly title: string },
    entry: Omit<NewEntry, 'kind'>
  ): Promise<CaseFile> {
    const { reference = null, title } = wanted
    const made = `'FL-' || to_char(now() at time zone 'UTC', 'YYYY') || '-' ||
      lpad(nextval('cases.reference')::text, 6, '0')`
    try {
      const id = await this.#database.transaction('open a case', async (client) => {
        const { rows } = await client.query<{ id: string }>(
          `insert into cases.case_file (reference, title, opened_by)
           values (coalesce($1, ${made}), $2, $3) returning id`,
          [reference, title, entry.actor]
        )
        const caseId = Number(rows[0]?.id)
        await insertEntry(client, caseId, { ...entry, kind: 'opened' })
        return caseId
      })
      return await this.read(id)
    } catch (error) {
      if ((error as FlowledgerError).details?.['sqlState'] !== uniqueViolation) throw error
      throw new FlowledgerError('case-conflict', `There is a case "${reference}" already.`, {
        fix: 'Choose another reference, or add to that case.',
      })
    }
  }

  /**
   * @param name number or reference
   * @throws FlowledgerError `case-unknown`
   */
  async read(name: number | string): Promise<CaseFile> {
    const column = typeof name === 'number' ? 'id' : 'reference'
    const rows = await this.#database.query<CaseRow>('read a case', {
      text: `select ${caseColumns} from cases.case_file c where c.${column} = $1`,
      values: [name],
    })
    if (rows[0] === undefined) throw unknownCase(name)
    return caseOf(rows[0])
  }

  /** Cases, newest first. */
  async list(page: {
    readonly status?: CaseStatus | undefined
    readonly reference?: string | undefined
    readonly limit: number
    readonly cursor?: string | undefined
  }): Promise<CasePage<CaseFile>> {
    const before = positionOf(page.cursor, Number.MAX_SAFE_INTEGER)
    const rows = await this.#database.query<CaseRow>('list the cases', {
      text: `select ${caseColumns} from cases.case_file c
             where c.id < $1 and ($2::text is null or c.status = $2)
               and ($3::text is null or c.reference = $3)
             order by c.id desc limit $4`,
      values: [before, page.status ?? null, page.reference ?? null, page.limit + 1],
    })
    return pageOf(rows.map(caseOf), page.limit)
  }

  /**
   * Changes the status; the history says from which to which.
   *
   * @param version of the case that the change was made on
   * @throws FlowledgerError `case-unknown`, `case-conflict`
   */
  async setStatus(
    id: number,
    version: number | undefined,
    status: CaseStatus,
    entry: Omit<NewEntry, 'kind'>
  ): Promise<CaseFile> {
    await this.#database.transaction('change a case', async (client) => {
      await takeCase(client, id, { version, evenClosed: true })
      await client.query('update cases.case_file set status = $2 where id = $1', [id, status])
      await insertEntry(client, id, { ...entry, kind: 'status' })
    })
    return await this.read(id)
  }

  /**
   * Adds to the history of a case that is not closed.
   *
   * @returns the number of the entry
   * @throws FlowledgerError `case-unknown`, `case-conflict`
   */
  async add(id: number, version: number | undefined, entry: NewEntry): Promise<number> {
    return await this.#database.transaction('add to a case', async (client) => {
      await takeCase(client, id, { version })
      return await insertEntry(client, id, entry)
    })
  }

  /**
   * Notes a look-up in the case that it names, where there is one of that reference; closed ones
   * too, since it took place. It does not count as a change, so that a batch is not held up by
   * the row of the case.
   */
  async link(reference: string, entry: Omit<NewEntry, 'kind' | 'document'>): Promise<void> {
    await this.#database.query('note a look-up in its case', {
      text: `insert into cases.entry (case_id, actor, kind, audit_id, detail)
             select id, $2, 'lookup', $3, $4 from cases.case_file where reference = $1`,
      values: [reference, entry.actor, entry.auditId ?? null, JSON.stringify(entry.detail)],
    })
  }

  /** Notes what took place whatever the state of the case, such as that it was given out. */
  async note(id: number, entry: NewEntry): Promise<void> {
    await this.#database.transaction('note in a case', (client) => insertEntry(client, id, entry))
  }

  /** Entries of the history, oldest first. */
  async entries(
    id: number,
    page: { readonly limit: number; readonly cursor?: string | undefined }
  ): Promise<CasePage<CaseEntry>> {
    const after = positionOf(page.cursor, 0)
    const rows = await this.#database.query<EntryRow>('read the history of a case', {
      text: `select ${entryColumns} from cases.entry
             where case_id = $1 and id > $2 order by id limit $3`,
      values: [id, after, page.limit + 1],
    })
    return pageOf(rows.map(entryOf), page.limit)
  }

  /** The signed file of an entry; undefined where it has none, or is of another case. */
  async document(id: number, entryId: number): Promise<string | undefined> {
    const rows = await this.#database.query<{ document: string | null }>('read evidence', {
      text: 'select document from cases.entry where case_id = $1 and id = $2',
      values: [id, entryId],
    })
    return rows[0]?.document ?? undefined
  }

  /** How many entries the history of a case has, and how many of them have a signed file. */
  async size(id: number): Promise<{ readonly entries: number; readonly files: number }> {
    const rows = await this.#database.query<{ entries: number; files: number }>('measure a case', {
      text: `select count(*)::float8 as entries, count(document)::float8 as files
             from cases.entry where case_id = $1`,
      values: [id],
    })
    return rows[0] ?? { entries: 0, files: 0 }
  }

  /** Signed files of a case, oldest first. */
  async documents(
    id: number,
    page: { readonly limit: number; readonly cursor?: string | undefined }
  ): Promise<CasePage<{ readonly id: number; readonly text: string }>> {
    const after = positionOf(page.cursor, 0)
    const rows = await this.#database.query<{ id: string; text: string }>('read evidence', {
      text: `select id, document as text from cases.entry
             where case_id = $1 and document is not null and id > $2 order by id limit $3`,
      values: [id, after, page.limit + 1],
    })
    const items = rows.map(({ text, ...row }) => ({ id: Number(row.id), text }))
    return pageOf(items, page.limit)
  }

  /** Sets a deadline; gives its number. */
  async setDeadline(
    id: number,
    deadline: Pick<Deadline, 'name' | 'preset' | 'dueUs' | 'basis'>,
    entry: Omit<NewEntry, 'kind'>
  ): Promise<number> {
    return await this.#database.transaction('set a deadline', async (client) => {
      await takeCase(client, id, {})
      const { rows } = await client.query<{ id: string }>(
        `insert into cases.deadline (case_id, name, preset, basis, due_at, set_by)
         values ($1, $2, $3, $4, $5, $6) returning id`,
        [
          id,
          deadline.name,
          deadline.preset ?? null,
          deadline.basis,
          toTimestamp(deadline.dueUs),
          entry.actor,
        ]
      )
      const deadlineId = Number(rows[0]?.id)
      const detail = { ...entry.detail, deadline: deadlineId }
      await insertEntry(client, id, { ...entry, detail, kind: 'deadline' })
      return deadlineId
    })
  }

  /**
   * Notes that a deadline was met.
   *
   * @throws FlowledgerError `case-conflict` where the case has no such open deadline
   */
  async meetDeadline(id: number, deadlineId: number, entry: Omit<NewEntry, 'kind'>): Promise<void> {
    await this.#database.transaction('meet a deadline', async (client) => {
      await takeCase(client, id, { evenClosed: true })
      const { rowCount } = await client.query(
        `update cases.deadline set met_at = now(), met_by = $3
         where case_id = $1 and id = $2 and met_at is null`,
        [id, deadlineId, entry.actor]
      )
      if (rowCount === 0) {
        throw new FlowledgerError('case-conflict', 'The case has no such deadline that is open.')
      }
      await insertEntry(client, id, { ...entry, kind: 'deadline-met' })
    })
  }

  /** Deadlines of a case, the next one first. */
  async deadlines(id: number): Promise<readonly Deadline[]> {
    const rows = await this.#database.query<DeadlineRow>('read the deadlines of a case', {
      text: `select ${deadlineColumns} from cases.deadline
             where case_id = $1 order by due_at, id limit 1000`,
      values: [id],
    })
    return rows.map(deadlineOf)
  }
}
