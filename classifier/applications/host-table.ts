/** Rows of the table before it grows; a power of two. Most files of an operator have few. */
const firstRows = 64
const isExactBit = 0x8000_0000
const dot = 46

/**
 * Names of hosts, and the rule of each: which application, whether all below it is meant, where it
 * stands. Made for a million names in about 60 MB: letters in one buffer, numbers in typed arrays,
 * and a hash table of row numbers.
 *
 * A name is hashed from its end, so one walk over a host's letters yields the hash of each of its
 * suffixes on the way.
 */
export class HostTable {
  private letters = new Uint8Array(firstRows * 16)
  private lettersUsed = 0
  private ends = new Uint32Array(firstRows)
  private owners = new Uint32Array(firstRows)
  private lines = new Uint32Array(firstRows)
  private files = new Uint16Array(firstRows)
  private slots = new Int32Array(firstRows * 2).fill(-1)
  size = 0

  /** Octets that it takes. */
  get bytes(): number {
    const { letters, ends, owners, lines, files, slots } = this
    const columns = [letters, ends, owners, lines, files, slots]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /**
   * Adds a name: ASCII, lower case.
   *
   * @param owner number of what it stands for, below 2^31
   * @returns false where the name is there already: the first one counts
   */
  add(name: string, owner: number, isExact: boolean, file: number, line: number): boolean {
    const hash = hashOf(name)
    const slot = this.slotOf(hash, name, 0)
    if ((this.slots[slot] ?? -1) >= 0) return false
    if (this.size === this.ends.length) this.growRows()
    if (this.lettersUsed + name.length > this.letters.length) this.growLetters()
    for (let i = 0; i < name.length; i++) this.letters[this.lettersUsed++] = name.charCodeAt(i)
    const row = this.size++
    this.ends[row] = this.lettersUsed
    this.owners[row] = isExact ? owner | isExactBit : owner
    this.lines[row] = line
    this.files[row] = file
    this.slots[slot] = row
    if (this.size * 2 > this.slots.length) this.growSlots()
    return true
  }

  /** Row of the longest name that the host is or, where all below is meant, lies below; or -1. */
  find(host: string): number {
    let found = -1
    let hash = 0
    for (let at = host.length - 1; at >= 0; at--) {
      const code = host.charCodeAt(at)
      if (code === dot) {
        const row = this.slots[this.slotOf(finish(hash), host, at + 1)] ?? -1
        if (row >= 0 && (this.owners[row] as number) < isExactBit) found = row
      }
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    const whole = this.slots[this.slotOf(finish(hash), host, 0)] ?? -1
    return whole >= 0 ? whole : found
  }

  ownerOf(row: number): number {
    return (this.owners[row] as number) & 0x7fff_ffff
  }

  isExact(row: number): boolean {
    return (this.owners[row] as number) >= isExactBit
  }

  lineOf(row: number): number {
    return this.lines[row] as number
  }

  fileOf(row: number): number {
    return this.files[row] as number
  }

  nameOf(row: number): string {
    return Buffer.from(this.letters.subarray(this.startOf(row), this.ends[row])).toString('latin1')
  }

  private startOf(row: number): number {
    return row === 0 ? 0 : (this.ends[row - 1] as number)
  }

  /** The slot where `text` from `from` on stands, or the empty one where it would. */
  private slotOf(hash: number, text: string, from: number): number {
    const mask = this.slots.length - 1
    let slot = hash & mask
    for (;;) {
      const row = this.slots[slot] as number
      if (row < 0 || this.isName(row, text, from)) return slot
      slot = (slot + 1) & mask
    }
  }

  private isName(row: number, text: string, from: number): boolean {
    const start = this.startOf(row)
    const length = (this.ends[row] as number) - start
    if (length !== text.length - from) return false
    for (let i = length - 1; i >= 0; i--) {
      if (this.letters[start + i] !== text.charCodeAt(from + i)) return false
    }
    return true
  }

  private growRows(): void {
    const rows = Math.ceil(this.ends.length * 1.5)
    this.ends = enlarged(this.ends, new Uint32Array(rows))
    this.owners = enlarged(this.owners, new Uint32Array(rows))
    this.lines = enlarged(this.lines, new Uint32Array(rows))
    this.files = enlarged(this.files, new Uint16Array(rows))
  }

  private growLetters(): void {
    this.letters = enlarged(
      this.letters,
      new Uint8Array(Math.ceil(this.letters.length * 1.5) + 256)
    )
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1)
    const mask = this.slots.length - 1
    for (let row = 0; row < this.size; row++) {
      let slot = hashOf(this.nameOf(row)) & mask
      while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask
      this.slots[slot] = row
    }
  }
}

function hashOf(name: string): number {
  let hash = 0
  for (let i = name.length - 1; i >= 0; i--) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  }
  return finish(hash)
}

/** Spreads what the last letters changed over all bits. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function enlarged<T extends Uint32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
