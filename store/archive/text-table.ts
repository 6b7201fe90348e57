/** Entries of the table, a power of two. */
const places = 1 << 12

/** Longer values are seldom the same. */
const longest = 64

/**
 * Values that come again and again, each as one array: names of applications stand in every row,
 * and a copy for each of them takes long. The table forgets what is in the way.
 */
export class TextTable {
  readonly #values: (Uint8Array | undefined)[] = Array.from({ length: places })

  /** The value in octets [at, at + length) of a buffer that is used again. */
  of(buffer: Uint8Array, at: number, length: number): Uint8Array {
    if (length > longest) return buffer.slice(at, at + length)
    let hash = length
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (buffer[at + i] ?? 0), 0x9e3779b1)
    const place = (hash ^ (hash >>> 15)) & (places - 1)
    const known = this.#values[place]
    if (known?.length === length && isSame(known, buffer, at)) return known
    return (this.#values[place] = buffer.slice(at, at + length))
  }
}

function isSame(known: Uint8Array, buffer: Uint8Array, at: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== buffer[at + i]) return false
  return true
}
