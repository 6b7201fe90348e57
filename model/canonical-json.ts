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
  if (typeof value === 'string') return quote(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return ofArray(value)
  if (typeof value !== 'object') {
    throw new TypeError(`JSON cannot hold this ${typeof value}.`)
  }
  return ofObject(value as Readonly<Record<string, unknown>>)
}

/** Most texts need no escapes, and to see that is cheaper than to hand them to JSON.stringify. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

function quote(text: string): string {
  return text.length < 100 && plain.test(text) ? `"${text}"` : JSON.stringify(text)
}

function ofArray(values: readonly unknown[]): string {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    text += i === 0 ? canonicalJson(values[i]) : `,${canonicalJson(values[i])}`
  }
  return `${text}]`
}

/** Its members are put together one by one: every answer is written this way, and hashed. */
function ofObject(value: Readonly<Record<string, unknown>>): string {
  // Without a function to compare them, sort() goes by UTF-16 code units.
  const keys = Object.keys(value).sort()
  let text = '{'
  for (const key of keys) {
    const member = value[key]
    if (member === undefined) continue
    if (text.length > 1) text += ','
    text += `${quote(key)}:${canonicalJson(member)}`
  }
  return `${text}}`
}
