import { sheetCell } from '../../model/sheet-cell.ts'
import { snakeCase, textFields, textValue } from '../text-fields.ts'
import type { TextFormat } from '../text-format.ts'

/** RFC 4180: a value with a comma, a quote or a line end stands in quotes, its quotes doubled. */
function cell(value: Value): string {
  const text = value === undefined ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

type Value = string | number | bigint | undefined

/** A table whose values pass through `of` on their way into cells. */
const tableOf = (of: (value: Value) => Value): TextFormat => ({
  head: `${textFields.map(({ name }) => snakeCase(name)).join(',')}\r\n`,
  lines: (batch, row, context) =>
    `${textFields.map((field) => cell(of(textValue(batch, row, field, context)))).join(',')}\r\n`,
})

/** A table with a head of names and a line a row (RFC 4180), every value as it is: for programs. */
export const csv: TextFormat = tableOf((value) => value)

/** The same for spreadsheets: no value runs as a formula. */
export const csvSheet: TextFormat = tableOf((value) =>
  typeof value === 'string' ? sheetCell(value) : value
)
