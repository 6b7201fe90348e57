import type { Bytes } from '../model/bytes.ts'

/** Octets of a piece of memory, which what is kept at about one time shares. */
const pieceBytes = 16_384
/** What is longer gets memory of its own. */
const longestShared = 4096

let piece = new Uint8Array(pieceBytes)
let used = 0

/**
 * Copies octets to where they stay, one behind the other in pieces of memory: an array of its own
 * for the few octets of most packets costs more than they do.
 *
 * @param from whose first `length` octets are copied
 * @param into looks at the copy afterwards; may be `from`
 * @param room octets to set aside for it, `length` at least
 */
export function keepOctets(from: Bytes, length: number, into: Bytes, room: number): void {
  const { buffer, start } = from
  const wireLength = Math.max(from.wireLength, length)
  if (room > longestShared) {
    const own = new Uint8Array(room)
    own.set(buffer.subarray(start, start + length))
    into.set(own, 0, length, wireLength)
    return
  }
  if (used + room > pieceBytes) {
    piece = new Uint8Array(pieceBytes)
    used = 0
  }
  // Few octets are copied sooner than a view of them is made.
  if (length > 96) piece.set(buffer.subarray(start, start + length), used)
  else for (let i = 0; i < length; i++) piece[used + i] = buffer[start + i] as number
  into.set(piece, used, length, wireLength)
  used += room
}
