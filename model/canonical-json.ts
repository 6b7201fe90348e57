/**
 * The one text form of a JSON value (RFC 8785): no white space, keys sorted by UTF-16 code units,
 * numbers and strings as ECMAScript writes them. What is hashed or signed is this text, so that a
 * reader who parsed the value can compute the hash again.
 *
 * Members that are undefined are left out, as JSON.stringify leaves them out.
 *
 * @throws TypeError for what JSON cannot hold: bigint, function, NaN, infinity, a bare undefined
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') {
    throw new TypeError(`JSON cannot hold this ${typeof value}.`)
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
