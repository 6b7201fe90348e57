import { snakeCase, textFields, textValue } from '../text-fields.ts'
import type { TextFormat } from '../text-format.ts'

/** RFC 4180: a value with a comma, a quote or a line end stands in quotes, its quotes doubled. */
function cell(value: string | number | bigint | undefined): string {
  const text = value === undefined ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A table with a head of names and a line a row (RFC 4180). */
export const csv: TextFormat = {
  head: `${textFields.map(({ name }) => snakeCase(name)).join(',')}\r\n`,
  lines: (batch, row, context) =>
    `${textFields.map((field) => cell(textValue(batch, row, field, context))).join(',')}\r\n`,
}
