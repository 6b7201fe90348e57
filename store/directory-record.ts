import { keyColumns } from '../model/directory-sources.ts'
import type { DirectoryColumns } from '../model/directory-sources.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { SubscriberKey, SubscriberKeyType } from '../model/identity.ts'
import { parseInstant } from '../model/time.ts'
import { foldKey } from './directory-key.ts'
import { digestOf, keptText } from './identity-text.ts'

/** What one row of a directory says. */
export interface DirectoryRecord {
  readonly id: string
  readonly name: string | undefined
  readonly contact: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly shared: boolean
  /** Folded, each once. */
  readonly keys: readonly SubscriberKey[]
  /** Where the directory says since when and until when (us). */
  readonly validFromUs: number | undefined
  readonly validToUs: number | undefined
  /** Of all of the above. */
  readonly digest: string
}

/** Why a row was not taken. */
export type RecordRefusal = 'no-id' | 'no-key' | 'bad-time' | 'bad-shared'

/** Gives the text of a column, and undefined where it is empty or missing. */
export type Cell = (column: string) => string | undefined

/** A MAC, prefix or identifier holds no such character, so a cell may list several of them. */
const listSeparators = /[\s,;|]+/
const listed: ReadonlySet<string> = new Set(['mac', 'duid', 'client-id', 'prefix'])

/** Keys of one record that are taken. */
const maxKeys = 256

const keyTypes = Object.entries(keyColumns) as [keyof typeof keyColumns, SubscriberKeyType][]

/** @param badKeys counts keys that are none of their type */
export function keysOfRow(
  columns: DirectoryColumns,
  cell: Cell,
  badKeys: { count: number }
): SubscriberKey[] {
  const found = new Map<string, SubscriberKey>()
  for (const [name, type] of keyTypes) {
    for (const column of [columns[name] ?? []].flat()) {
      const text = cell(column)
      if (text === undefined) continue
      const values = listed.has(type) ? text.split(listSeparators) : [text]
      for (const value of values) {
        if (value === '') continue
        const folded = foldKey({ type, value })
        if (folded === undefined) badKeys.count++
        else if (found.size < maxKeys) found.set(`${type} ${folded}`, { type, value: folded })
      }
    }
  }
  return [...found.values()]
}

const yes: ReadonlySet<string> = new Set(['1', 't', 'true', 'y', 'yes'])
const no: ReadonlySet<string> = new Set(['', '0', 'f', 'false', 'n', 'no'])

/**
 * Reads a time of a directory: with a zone, or a date alone, which is midnight UTC.
 *
 * @returns NaN where it cannot be read
 */
export function timeOfCell(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^-?infinity$/i.test(text)) return undefined
  try {
    const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
    return parseInstant(full.replace(/([+-]\d{2})$/, '$1:00'), { nowUs: 0 }).atUs
  } catch (error) {
    if (error instanceof FlowledgerError) return NaN
    throw error
  }
}

/** Reads a row by what the configuration says of its columns. */
export function recordOf(
  columns: DirectoryColumns,
  cell: Cell,
  badKeys: { count: number }
): DirectoryRecord | RecordRefusal {
  const text = (column: string | undefined): string | undefined =>
    column === undefined ? undefined : keptText(cell(column)?.trim())
  const id = text(columns.id)
  if (id === undefined) return 'no-id'
  const keys = keysOfRow(columns, cell, badKeys)
  if (keys.length === 0) return 'no-key'
  const said = (text(columns.shared) ?? '').toLowerCase()
  if (!yes.has(said) && !no.has(said)) return 'bad-shared'
  const validFromUs = timeOfCell(text(columns.valid_from))
  const validToUs = timeOfCell(text(columns.valid_to))
  if (Number.isNaN(validFromUs) || Number.isNaN(validToUs)) return 'bad-time'
  const pairs = (columns.attributes ?? []).map((column) => [column, text(column)] as const)
  const attributes = Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
  const [name, contact, shared] = [text(columns.name), text(columns.contact), yes.has(said)]
  const all = [id, name, contact, shared, attributes, keys, validFromUs, validToUs]
  return {
    id,
    name,
    contact,
    attributes: attributes as Record<string, string>,
    shared,
    keys,
    validFromUs,
    validToUs,
    digest: digestOf(JSON.stringify(all)),
  }
}

/** The records of a directory at one moment, and what of it could not be taken. */
export interface DirectoryState {
  readonly records: readonly DirectoryRecord[]
  readonly refused: Readonly<Partial<Record<RecordRefusal, number>>>
  /** The first row that was refused, counted from 1 without the header. */
  readonly firstRefused: number | undefined
  readonly badKeys: number
}

/** Reads all rows; a row that cannot be taken is counted and passed over. */
export function readState(columns: DirectoryColumns, rows: Iterable<Cell>): DirectoryState {
  const records = new Map<string, DirectoryRecord>()
  const refused: Partial<Record<RecordRefusal, number>> = {}
  const badKeys = { count: 0 }
  let firstRefused: number | undefined
  let number = 0
  for (const cell of rows) {
    number++
    const record = recordOf(columns, cell, badKeys)
    if (typeof record !== 'string') records.set(record.digest, record)
    else {
      refused[record] = (refused[record] ?? 0) + 1
      firstRefused ??= number
    }
  }
  return { records: [...records.values()], refused, firstRefused, badKeys: badKeys.count }
}
