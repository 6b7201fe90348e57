/** Puts octets into `into` from `at` on; returns how many there were, 0 at the end. */
export type ReadInto = (into: Uint8Array, at: number) => number

/** Octets asked for at a time. */
const windowBytes = 1 << 20

/**
 * A moving window over a file: the octets `at` .. `end` of `buffer` are next. The buffer stays the
 * same, so that frames can be looked at where they lie.
 */
export class Window {
  readonly buffer = new Uint8Array(windowBytes)
  readonly view = new DataView(this.buffer.buffer)
  at = 0
  end = 0
  /** Place in the file of the octet `at`. */
  offset = 0
  private readonly read: ReadInto

  constructor(read: ReadInto) {
    this.read = read
  }

  /** True where `bytes` octets are there, reading on as far as needed. */
  has(bytes: number): boolean {
    return this.end - this.at >= bytes || this.fill(bytes)
  }

  private fill(bytes: number): boolean {
    if (bytes > windowBytes) return false
    this.buffer.copyWithin(0, this.at, this.end)
    this.end -= this.at
    this.at = 0
    while (this.end < bytes) {
      const count = this.read(this.buffer, this.end)
      if (count <= 0) return false
      this.end += count
    }
    return true
  }

  /** Passes over octets, however many; false where the file ends before. */
  skip(bytes: number): boolean {
    let left = bytes
    while (left > 0) {
      if (!this.has(1)) return false
      const step = Math.min(left, this.end - this.at)
      this.at += step
      this.offset += step
      left -= step
    }
    return true
  }
}
