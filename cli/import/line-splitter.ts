import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { maxLineBytes } from '../../model/limits.ts'

/** Receives a line without its end, and the octet of the text at which it begins. */
export type OnLine = (line: string, offset: number) => void

const newline = 10

/**
 * Cuts a text into lines, however it comes in chunks, and knows how many octets are taken and what
 * their SHA-256 is. A line above the bound is counted and passed over; memory stays bounded by one
 * chunk and one line.
 */
export class LineSplitter {
  /** Octets up to the end of the last whole line. */
  offset = 0
  private carry: Buffer = Buffer.alloc(0)
  private skipping = false
  private readonly hash: Hash = createHash('sha256')

  /** @param onTooLong is told where a line begins that is above the bound */
  push(chunk: Buffer, onLine: OnLine, onTooLong: (offset: number) => void): void {
    const block = this.carry.length === 0 ? chunk : Buffer.concat([this.carry, chunk])
    let from = 0
    for (let to = block.indexOf(newline); to >= 0; to = block.indexOf(newline, from)) {
      if (this.skipping) this.skipping = false
      else if (to - from > maxLineBytes) onTooLong(this.offset + from)
      else onLine(block.toString('latin1', from, to), this.offset + from)
      from = to + 1
    }
    // What is left is the beginning of a line; where it is too long already, it need not be kept.
    if (this.skipping || block.length - from > maxLineBytes) {
      if (!this.skipping) onTooLong(this.offset + from)
      this.skipping = true
      from = block.length
    }
    this.hash.update(block.subarray(0, from))
    this.offset += from
    // A copy: a slice would keep the whole chunk in memory.
    this.carry = Buffer.from(block.subarray(from))
  }

  /** What follows the last line end; empty where there is nothing. */
  get tail(): string {
    return this.carry.toString('latin1')
  }

  /** The tail counts as taken. */
  takeTail(): void {
    this.hash.update(this.carry)
    this.offset += this.carry.length
    this.carry = Buffer.alloc(0)
  }

  /** The first 48 bits of the SHA-256 of the octets taken. */
  digest(): number {
    return headOf(this.hash.copy())
  }
}

/** The first 48 bits of a hash, as a number. */
export function headOf(hash: Hash): number {
  return hash.digest().readUIntBE(0, 6)
}
