const slots = 1 << 10
const keyWords = 4

/**
 * The groups of keys that came lately, each key of four integers (-1 to 2^32 - 1) at one place:
 * where two keys meet, the later one stays. Traffic is of few kinds, so that nearly every row finds
 * its group here instead of by one table for each part of its key.
 */
export class GroupCache {
  /** The group at a slot; -1 where it is not known and is to be put there. */
  readonly groups = new Int32Array(slots).fill(-1)
  readonly #keys = new Float64Array(keyWords * slots)

  /** The slot of a key, which is its own from then on. */
  find(a: number, b: number, c: number, d: number): number {
    const hash = Math.imul(b ^ (a << 6), 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ (d << 12)
    const slot = (hash ^ (hash >>> 15)) & (slots - 1)
    const keys = this.#keys
    const at = slot * keyWords
    if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) {
      return slot
    }
    keys[at] = a
    keys[at + 1] = b
    keys[at + 2] = c
    keys[at + 3] = d
    this.groups[slot] = -1
    return slot
  }

  /** Forgets every group. */
  clear(): void {
    this.groups.fill(-1)
  }
}
