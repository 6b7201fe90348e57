/**
 * A checksum over rows in any order: each row, as PostgreSQL's binary COPY writes it, is hashed to
 * 64 bits, and the hashes are added up, each half by itself. It finds what a program or a disk does
 * wrong. It is no proof against people: that is the SHA-256 of the file.
 */
export class RowChecksum {
  rows = 0
  #low = 0
  #high = 0

  /** Takes the row in octets [from, to) of a buffer. */
  add(view: DataView, from: number, to: number): void {
    let a = 0x811c9dc5 ^ (to - from)
    let b = 0x1b873593
    let at = from
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, true)
      a = Math.imul(a ^ word, 0x9e3779b1)
      a ^= a >>> 15
      b = Math.imul((b + word) | 0, 0x85ebca6b)
      b ^= b >>> 13
    }
    for (; at < to; at++) {
      const octet = view.getUint8(at)
      a = Math.imul(a ^ octet, 0x9e3779b1)
      b = Math.imul((b + octet) | 0, 0x85ebca6b)
    }
    a = Math.imul(a ^ (b >>> 16), 0xc2b2ae35)
    b = Math.imul(b ^ (a >>> 16), 0x27d4eb2f)
    this.#low = (this.#low + (a ^ (a >>> 16))) >>> 0
    this.#high = (this.#high + (b ^ (b >>> 15))) >>> 0
    this.rows++
  }

  /** The sums, 8 octets in network order. */
  digest(): Buffer {
    const octets = Buffer.alloc(8)
    octets.writeUInt32BE(this.#high, 0)
    octets.writeUInt32BE(this.#low, 4)
    return octets
  }
}
