/** A value that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** Levels of nesting that are taken; deeper input is more likely an attack than data. */
const maxDepth = 64

/**
 * The one text that a value has under RFC 8785 (JSON Canonicalization Scheme): no white space, keys
 * sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. A key whose value is
 * undefined is left out.
 *
 * @throws TypeError for what has no such text: NaN, infinities, lone surrogates, bigint, functions
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > maxDepth) throw new TypeError('The value is nested too deeply for JSON.')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return canonicalNumber(value)
  if (typeof value === 'string') return canonicalString(value)
  if (typeof value !== 'object') throw new TypeError(`JSON cannot hold a ${typeof value}.`)
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${canonicalString(key)}:${canonicalJson(member, depth + 1)}`)
  return `{${members.join(',')}}`
}

/** RFC 8785 §3.2.2.3: as ECMAScript writes numbers. */
function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON cannot hold ${value}.`)
  return JSON.stringify(value)
}

/** RFC 8785 §3.2.2.2: as ECMAScript writes strings; a lone surrogate is no text. */
function canonicalString(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new TypeError('JSON text cannot hold a lone surrogate.')
  return JSON.stringify(value)
}
