import { extraFields, fields } from '../model/fields.ts'
import type { ExtraName, Field, FieldName } from '../model/fields.ts'
import type { Column } from './column-writers.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { formatInstant } from '../model/time.ts'
import { addressText, counterOf } from './text-format.ts'
import type { TextContext } from './text-format.ts'

/** `postNatSourceAddress` is `post_nat_source_address`. */
export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Rows of the table that texts tell, in its order. */
export const textFields: readonly Field[] = [...fields, ...extraFields]

/** A value as a person or a program reads it; undefined where nobody can tell. */
export function textValue(
  batch: FlowBatch,
  row: number,
  { name, kind }: Field,
  { unknown }: Pick<TextContext, 'unknown'>
): string | number | bigint | undefined {
  if (unknown.includes(name)) return undefined
  const column: Column | undefined =
    batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
  if (column === undefined) return undefined
  if (kind === 'address') return addressText(column as Uint32Array, row)
  if (kind === 'u64') return counterOf(column as Uint32Array, row)
  const value = column[row] ?? 0
  if (kind === 'time') return formatInstant(value)
  if (kind !== 'text') return value
  // Nobody is called by no letters at all: that is what a column holds where nothing is known.
  return batch.texts.textOf(value) || undefined
}
