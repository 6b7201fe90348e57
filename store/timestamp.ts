/** The years 1 and 9999, between which a text is the same to everyone. */
const earliestUs = Date.parse('0001-01-01T00:00:00Z') * 1000
const latestUs = Date.parse('9999-12-31T00:00:00Z') * 1000

/**
 * Microseconds since 1970 as the text of a timestamptz. The driver's own Date has milliseconds
 * only, and float8 arithmetic in SQL rounds; a text is exact both ways. What lies outside the years
 * 1 to 9999 is moved to their ends.
 */
export function toTimestamp(us: number): string {
  const bounded = Math.min(latestUs, Math.max(earliestUs, us))
  const ms = Math.floor(bounded / 1000)
  const rest = Math.floor(bounded - ms * 1000)
  return new Date(ms).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** SQL that gives a timestamptz as microseconds since 1970, as int8. */
export function microseconds(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000000)::int8`
}

/** An int8 of {@link microseconds} as the driver hands it over. */
export function fromInt8(text: string): number {
  return Number(text)
}

/** As {@link fromInt8}, for a column that may be null. */
export function fromNullableInt8(text: string | null): number | undefined {
  return text === null ? undefined : Number(text)
}
