import { TextTable } from '../model/text-table.ts'

/** The longest text that a variable length field can say the length of. */
export const maxTextBytes = 65_535

/** Octets, at most `limit` of them, without half of a character at the end. */
export function cutUtf8(bytes: Uint8Array, start: number, length: number, limit: number): number {
  if (length <= limit) return length
  let end = limit
  // A continuation octet is 10xxxxxx: the character that it belongs to does not fit whole.
  while (end > 0 && ((bytes[start + end] ?? 0) & 0xc0) === 0x80) end--
  return end
}

/** The texts of a batch as UTF-8, each encoded when it is first asked for. */
export class TextPool {
  bytes = Buffer.alloc(64 << 10)
  private used = 0
  private texts = new TextTable()
  private starts = new Int32Array(1024)
  private lengths = new Int32Array(1024).fill(-1)

  /** Forgets the texts of the batch before. */
  begin(texts: TextTable): void {
    this.texts = texts
    this.used = 0
    const { size } = texts
    if (this.lengths.length < size) {
      this.starts = new Int32Array(2 * size)
      this.lengths = new Int32Array(2 * size)
    }
    // All of them: a number that no text has is of the empty one, not of one of the batch before.
    this.lengths.fill(-1)
  }

  /** Octets of a text, at most {@link maxTextBytes}. */
  lengthOf(number: number): number {
    const known = this.lengths[number] ?? 0
    return known < 0 ? this.encode(number) : known
  }

  /** Where its octets begin in `bytes`; only after {@link lengthOf} of it. */
  startOf(number: number): number {
    return this.starts[number] ?? 0
  }

  private encode(number: number): number {
    const text = this.texts.textOf(number)
    const most = this.used + 3 * text.length
    if (most > this.bytes.length) {
      const grown = Buffer.alloc(2 * most)
      this.bytes.copy(grown, 0, 0, this.used)
      this.bytes = grown
    }
    const written = this.bytes.write(text, this.used)
    const length = cutUtf8(this.bytes, this.used, written, maxTextBytes)
    this.starts[number] = this.used
    this.lengths[number] = length
    this.used += length
    return length
  }
}
