/** Numbers of a record: its key, six sums, and the hash that it is found by. */
export const hostNumbers = 8
const hashAt = 7

/**
 * Sums of the hosts of one hour: an open-addressing table of records that fill a line of the
 * processor's cache each, since with many hosts the way to memory is what a row costs.
 *
 * ```
 * | key, not 0 | octets | answered | packets | answered | connections | slices | hash |
 * ```
 */
export class HostHour {
  count = 0
  data = new Float64Array(hostNumbers << 10)
  #mask = (1 << 10) - 1

  /** Where the record of a key is; else ~where it would be. */
  find(key: number, hash: number): number {
    const { data } = this
    const mask = this.#mask
    let slot = hash & mask
    for (;;) {
      const place = slot * hostNumbers
      const found = data[place]
      if (found === key) return place
      if (found === 0) return ~place
      slot = (slot + 1) & mask
    }
  }

  /** Puts a key where {@link find} said that it would be; gives where it is. */
  add(key: number, hash: number, at: number): number {
    let place = at
    if (2 * ++this.count > this.#mask) {
      this.#grow()
      place = ~this.find(key, hash)
    }
    this.data[place] = key
    this.data[place + hashAt] = hash
    return place
  }

  /** Forgets its hosts, and keeps its room: the next hour has about as many. */
  clear(): void {
    this.data.fill(0)
    this.count = 0
  }

  #grow(): void {
    const old = this.data
    this.data = new Float64Array(2 * old.length)
    this.#mask = 2 * this.#mask + 1
    for (let from = 0; from < old.length; from += hostNumbers) {
      const key = old[from] ?? 0
      if (key === 0) continue
      const place = ~this.find(key, old[from + hashAt] ?? 0)
      for (let i = 0; i < hostNumbers; i++) this.data[place + i] = old[from + i] ?? 0
    }
  }
}
