import type pg from 'pg'
import { ruleFor } from '../../model/retention.ts'
import type { RetentionRule } from '../../model/retention.ts'
import type { RetentionField } from '../../model/retention-kinds.ts'
import { fileColumns, fileOf } from '../archive/catalogue.ts'
import type { FileRow, SealedFile } from '../archive/catalogue.ts'
import type { Database } from '../database.ts'
import type { PastSource } from './edges.ts'
import type { RowSource } from './partitions.ts'

/** A sealed file, and what it lost already, as {@link droppedName} names it. */
export interface KeptFile extends SealedFile {
  readonly dropped: ReadonlySet<string>
}

type Row = FileRow & { readonly dropped_fields: readonly string[] }

const kept = (row: Row): KeptFile => ({ ...fileOf(row), dropped: new Set(row.dropped_fields) })

/** Files that are answered from, oldest first. */
export async function readKeptFiles(
  database: Pick<Database, 'query'>
): Promise<readonly KeptFile[]> {
  const rows = await database.query<Row>('read the catalogue', {
    text: `select ${fileColumns}, f.dropped_fields from ledger.sealed_file f
           where f.state = 'sealed' order by f.first_start, f.id`,
  })
  return rows.map(kept)
}

/** The file that a file was written anew as last, locked; undefined: it is purged. */
export async function lockFile(client: pg.ClientBase, id: number): Promise<KeptFile | undefined> {
  const { rows } = await client.query<Row>(
    `with recursive line (id) as (
       select $1::bigint
       union select o.replaced_by from ledger.sealed_file o join line on line.id = o.id
         where o.replaced_by is not null)
     select ${fileColumns}, f.dropped_fields from ledger.sealed_file f
     where f.id in (select id from line) and f.state = 'sealed' for update`,
    [id]
  )
  return rows[0] === undefined ? undefined : kept(rows[0])
}

/** `destination:hash:3`: how the catalogue says that a field of a source is gone in a file. */
export const droppedName = (
  field: RetentionField,
  leave: 'nothing' | 'hash',
  source: number
): string => `${field}:${leave}:${source}`

/** True where rows of the source have nothing more to lose; what is gone leaves nothing to hash. */
export const hasDropped = (
  { dropped }: KeptFile,
  field: RetentionField,
  leave: 'nothing' | 'hash',
  source: number
): boolean =>
  dropped.has(droppedName(field, leave, source)) ||
  (leave === 'hash' && dropped.has(droppedName(field, 'nothing', source)))

/** The sources of a file whose rows in it, or a field of them, are past: all of them have ended. */
export function pastInFile(
  file: KeptFile,
  field: RetentionField | undefined,
  sources: readonly RowSource[],
  rules: readonly RetentionRule[],
  nowUs: number
): readonly PastSource[] {
  return sources.flatMap((source) => {
    const rule = ruleFor(rules, 'flows', field, source.name)
    const isPast = rule !== undefined && file.lastEndUs <= nowUs - rule.keepUs
    return isPast && file.sources.includes(source.id) ? [{ ...source, rule }] : []
  })
}
