import type pg from 'pg'
import { FlowledgerError } from '../model/errors.ts'
import type { SpoolPosition } from './spool-position.ts'

/**
 * Where the database says a spool was read to.
 *
 * @param lock `for update` keeps it until the end of the transaction
 */
export async function selectCursor(
  client: pg.ClientBase,
  source: number,
  spool: string,
  lock: 'for update' | '' = ''
): Promise<SpoolPosition | undefined> {
  const { rows } = await client.query<{ segment: string; byte_offset: string }>({
    name: `cursor ${lock}`,
    text: `select segment, byte_offset from ledger.cursor where source = $1 and spool = $2 ${lock}`,
    values: [source, spool],
  })
  const row = rows[0]
  if (row === undefined) return undefined
  return { segment: Number(row.segment), offset: Number(row.byte_offset) }
}

/**
 * Moves the cursor in the transaction that writes what it moves over. The first cursor of a spool
 * is an insert and nothing else: of two writers that begin at the same time, one fails.
 */
export async function writeCursor(
  client: pg.ClientBase,
  source: number,
  spool: string,
  from: SpoolPosition | undefined,
  to: SpoolPosition
): Promise<void> {
  const isFirst = from === undefined
  const text = isFirst
    ? 'insert into ledger.cursor (source, spool, segment, byte_offset) values ($1, $2, $3, $4)'
    : 'update ledger.cursor set segment = $3, byte_offset = $4 where source = $1 and spool = $2'
  const values = [source, spool, to.segment, to.offset]
  await client.query({ name: isFirst ? 'first cursor' : 'move cursor', text, values })
}

function isSame(a: SpoolPosition | undefined, b: SpoolPosition | undefined): boolean {
  return a?.segment === b?.segment && a?.offset === b?.offset
}

function isForward(from: SpoolPosition | undefined, to: SpoolPosition): boolean {
  if (from === undefined || to.segment > from.segment) return true
  return to.segment === from.segment && to.offset >= from.offset
}

/**
 * Sees that a commit goes on from where the writer thinks the database is.
 *
 * @param found what the database says
 * @param known what the writer read or wrote last
 * @throws FlowledgerError `database-failed`
 */
export function requireNext(
  spool: string,
  found: SpoolPosition | undefined,
  known: SpoolPosition | undefined,
  to: SpoolPosition
): void {
  if (!isSame(found, known)) {
    throw new FlowledgerError('database-failed', `Another writer moved the cursor of "${spool}".`, {
      fix: 'Let one collector alone write a source, or give each a name of its own.',
    })
  }
  if (!isForward(found, to)) {
    throw new FlowledgerError('database-failed', `The cursor of "${spool}" would move backwards.`, {
      fix: 'The spool is older than the database; give the collector a new data directory.',
    })
  }
}

/** The error of a writer that was not told to read the cursor first. */
export function cursorUnknown(spool: string): FlowledgerError {
  return new FlowledgerError('database-failed', `The cursor of "${spool}" was not read.`, {
    fix: 'After a failed commit the cursor is read from the database before the next one.',
  })
}
