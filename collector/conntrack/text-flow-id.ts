/**
 * Serial numbers for connections that come out of a text: 63 bits, made from the text's identity
 * and the octet at which the line that began the connection stands. The same line gives the same
 * number in every run, and different lines of one text never share one: a Feistel network of four
 * rounds over 31 + 32 bits is a bijection.
 *
 * ```
 *  63 62                32 31                 0
 * +--+-------------------+--------------------+
 * | 0|   left, 31 bits   |   right, 32 bits   |
 * +--+-------------------+--------------------+
 * ```
 */
export class TextFlowIds {
  private readonly keys: readonly number[]

  /** @param identity at least 32 hexadecimal digits */
  constructor(identity: string) {
    this.keys = [0, 8, 16, 24].map((at) => Number.parseInt(identity.slice(at, at + 8), 16) | 0)
  }

  /** Writes the low and the high word of the number of the line at `offset` (< 2^53). */
  write(offset: number, target: Uint32Array | Int32Array, at: number): void {
    let right = (offset % 4294967296) | 0
    let left = Math.floor(offset / 4294967296)
    for (let round = 0; round < 4; round += 2) {
      left ^= scramble(right, this.keys[round] ?? 0) & 0x7fffffff
      right ^= scramble(left, this.keys[round + 1] ?? 0)
    }
    target[at] = right
    target[at + 1] = left
  }
}

function scramble(word: number, key: number): number {
  let hash = Math.imul(word ^ key, 0x9e3779b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
