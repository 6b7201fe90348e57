import { Bytes } from '../../model/bytes.ts'

/** Room for hellos with several post-quantum key shares; RFC 9000 §7.5 asks for 4096 at least. */
const maxBytes = 16_384
const maxPieces = 64

/** Octets that come in pieces, in any order and more than once, put together from place 0 on. */
export class CryptoStream {
  private octets = new Uint8Array(2048)
  /** Ranges that are there, each `from` .. `to`, neither touching the next. */
  private ranges: [from: number, to: number][] = []

  /** Takes a piece; what lies beyond the limits is left out. */
  add(offset: number, piece: Uint8Array): void {
    const to = offset + piece.length
    if (piece.length === 0 || to > maxBytes || this.ranges.length >= maxPieces) return
    if (to > this.octets.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(to, 2 * this.octets.length)))
      larger.set(this.octets)
      this.octets = larger
    }
    this.octets.set(piece, offset)
    const apart = this.ranges.filter((range) => range[1] < offset || range[0] > to)
    const touched = this.ranges.filter((range) => range[1] >= offset && range[0] <= to)
    const from = Math.min(offset, ...touched.map((range) => range[0]))
    apart.push([from, Math.max(to, ...touched.map((range) => range[1]))])
    this.ranges = apart.sort((a, b) => a[0] - b[0])
  }

  /** What is there from the beginning on without a hole. */
  get contiguous(): Bytes {
    const first = this.ranges[0]
    return new Bytes(this.octets, 0, first?.[0] === 0 ? first[1] : 0)
  }
}
