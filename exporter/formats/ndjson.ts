import { snakeCase, textFields, textValue } from '../text-fields.ts'
import type { TextFormat } from '../text-format.ts'

/**
 * One JSON object a line, by the names of the field table in snake_case. Counters are exact: a
 * number of JSON may have as many digits as it needs (RFC 8259 §6), what a reader makes of those
 * past 2^53 is the reader's.
 */
export const ndjson: TextFormat = {
  head: '',
  lines(batch, row, context) {
    const members = textFields.flatMap((field) => {
      const value = textValue(batch, row, field, context)
      if (value === undefined) return []
      const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
      return [`"${snakeCase(field.name)}":${text}`]
    })
    return `{${members.join(',')}}\n`
  },
}
