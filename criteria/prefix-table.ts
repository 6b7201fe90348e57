import type { Prefix } from '../model/address.ts'

/** A prefix and what it stands for, a whole number from 0. */
export interface PrefixEntry {
  readonly prefix: Prefix
  readonly value: number
}

type PrefixEntries = readonly PrefixEntry[]

type Words = readonly [number, number, number, number]

function compare(a: Words, b: Words): number {
  for (let i = 0; i < 4; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** The last address of a prefix. */
function lastOf({ words, masks }: Prefix): Words {
  return words.map((word, i) => (word | ~(masks[i] ?? 0)) >>> 0) as unknown as Words
}

/** The address behind one; undefined behind the last there is. */
function after(words: Words): Words | undefined {
  const next = [...words] as [number, number, number, number]
  for (let i = 3; i >= 0; i--) {
    next[i] = ((next[i] as number) + 1) >>> 0
    if (next[i] !== 0) return next
  }
  return undefined
}

/**
 * The longest of many prefixes that holds an address. Prefixes are laid out once as ranges that do
 * not overlap, each with the value of the longest prefix there: 20 octets a range and at most two
 * ranges a prefix, found by halving. Of a prefix given twice the first counts.
 */
export class PrefixTable {
  private readonly starts: readonly Uint32Array[]
  private readonly values: Int32Array
  private readonly size: number

  constructor(entries: PrefixEntries) {
    const sorted = entries.toSorted(
      (a, b) => compare(a.prefix.words, b.prefix.words) || a.prefix.length - b.prefix.length
    )
    const starts = [0, 1, 2, 3].map(() => new Uint32Array(2 * sorted.length + 1))
    const values = new Int32Array(2 * sorted.length + 1)
    let size = 0
    const put = (words: Words, value: number): void => {
      const isSame = size > 0 && words.every((word, i) => starts[i]?.[size - 1] === word)
      if (!isSame) size++
      for (let i = 0; i < 4; i++) (starts[i] as Uint32Array)[size - 1] = words[i] as number
      values[size - 1] = value
    }
    put([0, 0, 0, 0], -1)
    const open: { readonly entry: PrefixEntry; readonly last: Words }[] = []
    const close = (): void => {
      const next = after((open.pop() as { last: Words }).last)
      if (next !== undefined) put(next, open.at(-1)?.entry.value ?? -1)
    }
    for (const entry of sorted) {
      const { words, length } = entry.prefix
      while (open.length > 0 && compare((open.at(-1) as { last: Words }).last, words) < 0) close()
      const around = open.at(-1)?.entry.prefix
      if (around?.length === length && compare(around.words, words) === 0) continue
      open.push({ entry, last: lastOf(entry.prefix) })
      put(words, entry.value)
    }
    while (open.length > 0) close()
    this.starts = starts.map((column) => column.slice(0, size))
    this.values = values.slice(0, size)
    this.size = size
  }

  /** Octets that it takes. */
  get bytes(): number {
    return this.size * 20
  }

  /** The value of the longest prefix that holds the address; -1 where none does. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    const [s0, s1, s2, s3] = this.starts as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
    let low = 0
    let high = this.size - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      let difference = (s0[middle] as number) - w0
      if (difference === 0) difference = (s1[middle] as number) - w1
      if (difference === 0) difference = (s2[middle] as number) - w2
      if (difference === 0) difference = (s3[middle] as number) - w3
      if (difference <= 0) low = middle
      else high = middle - 1
    }
    return this.values[low] ?? -1
  }
}
