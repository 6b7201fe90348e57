const newline = '\n'

/** Receives a line without its end, and the octet of the source at which it begins. */
export type OnIdentityLine = (line: string, offset: number) => void

/**
 * Cuts octets into lines, however they come in chunks. Lines are one character an octet, so that no
 * octet can spoil another and places in them are places in the file. Memory is bounded by a chunk
 * and a line: of a longer one only its place is told.
 */
export class LineCutter {
  /** Octets up to the end of the last whole line. */
  offset = 0
  private readonly maxLine: number
  private carry = ''
  private skipping = false

  /** @param maxLine octets of the longest line that is handed out */
  constructor(maxLine: number) {
    this.maxLine = maxLine
  }

  /** @param onTooLong is told where a line begins that is above the bound, once it ends */
  push(chunk: Buffer, onLine: OnIdentityLine, onTooLong: (offset: number) => void): void {
    const text = this.carry + chunk.toString('latin1')
    const base = this.offset
    let from = 0
    for (let to = text.indexOf(newline); to >= 0; to = text.indexOf(newline, from)) {
      const start = base + from
      this.offset = base + to + 1
      if (this.skipping || to - from > this.maxLine) {
        this.skipping = false
        onTooLong(start)
      } else {
        onLine(text.slice(from, text.charCodeAt(to - 1) === 13 && to > from ? to - 1 : to), start)
      }
      from = to + 1
    }
    this.carry = from === 0 ? text : text.slice(from)
    if (this.skipping || this.carry.length > this.maxLine) {
      // The rest of that line need not be kept, however long it is.
      this.skipping = true
      this.offset += this.carry.length
      this.carry = ''
    }
  }

  /** Octets that follow the last line end: the beginning of a line, or nothing. */
  get waiting(): number {
    return this.skipping ? 1 : this.carry.length
  }
}
