/**
 * Texts read lately, each at the place that its octets lead to: the same hosts, programs and words
 * come again and again, and need not be made anew for each connection, nor be kept once for each.
 */
const slots = 8192
const recent: string[] = Array.from({ length: slots }, () => '')
/** Longer ones are made each time; so all of this stays below 2 MB. */
const longestKept = 256

type Latin1Slice = (this: Uint8Array, from: number, to: number) => string
const { latin1Slice } = Buffer.prototype as unknown as { readonly latin1Slice: Latin1Slice }

/** Octets `from` .. `to`, which are there, as text, one character each. */
export function latin1(buffer: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length > longestKept) return latin1Slice.call(buffer, from, to)
  let hash = length
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0
  const slot = (hash ^ (hash >>> 13)) & (slots - 1)
  const known = recent[slot] as string
  if (known.length === length && isText(known, buffer, from)) return known
  const made = latin1Slice.call(buffer, from, to)
  recent[slot] = made
  return made
}

function isText(text: string, buffer: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== buffer[from + i]) return false
  }
  return true
}
