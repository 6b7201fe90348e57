import type { DecodeCounters } from './decode-counters.ts'

/** A part of an IP packet: what its header says, and where its octets lie. */
export interface Fragment {
  readonly key: string
  readonly protocol: number
  readonly buffer: Uint8Array
  readonly at: number
  readonly end: number
  /** Place of its first octet in the whole. */
  readonly offset: number
  readonly isLast: boolean
  readonly timeUs: number
}

/** What is known of a packet that came in parts. */
export interface Gathered {
  readonly protocol: number
  readonly buffer: Uint8Array
  /** Octets from the beginning on without a hole, and how many there are in the whole. */
  readonly length: number
  readonly wireLength: number
}

interface Piece {
  from: number
  to: number
}

interface Entry {
  readonly protocol: number
  readonly sinceUs: number
  buffer: Uint8Array
  readonly pieces: Piece[]
  /** Length of the whole; 0 until the last fragment came. */
  total: number
}

const maxPacketBytes = 65_535
const maxPieces = 64
/** Packets that wait for parts; above it the one that waits longest is given up. */
const maxWaiting = 256
/** RFC 8200 §4.5: what is not whole after a minute is given up. */
const patienceUs = 60e6

/**
 * Puts IP packets together of their fragments: bounded, and with overlapping parts refused, since
 * who looks and who receives may then read different packets (RFC 5722).
 *
 * A packet that is given up is handed over as far as it is there from its beginning on.
 */
export class Fragments {
  private readonly waiting = new Map<string, Entry>()
  private readonly counters: DecodeCounters

  constructor(counters: DecodeCounters) {
    this.counters = counters
  }

  /** Takes a fragment; `done` gets its packet once it is whole, and those that are given up. */
  add(fragment: Fragment, done: (key: string, gathered: Gathered) => void): void {
    this.counters.fragments++
    this.expire(fragment.timeUs, done)
    const entry = this.entryOf(fragment)
    if (!this.place(entry, fragment)) {
      this.counters.drops['fragment-bad']++
      this.waiting.delete(fragment.key)
      return
    }
    const first = entry.pieces[0]
    if (entry.total === 0 || entry.pieces.length !== 1 || first?.from !== 0) return
    if (first.to < entry.total) return
    this.waiting.delete(fragment.key)
    this.counters.reassembled++
    done(fragment.key, { ...entry, length: entry.total, wireLength: entry.total })
  }

  /** Gives up all that wait, as at the end of a capture. */
  flush(done: (key: string, gathered: Gathered) => void): void {
    for (const key of this.waiting.keys()) this.giveUp(key, 'fragment-expired', done)
  }

  private expire(nowUs: number, done: (key: string, gathered: Gathered) => void): void {
    for (const [key, entry] of this.waiting) {
      const isOld = nowUs - entry.sinceUs > patienceUs
      if (!isOld && this.waiting.size <= maxWaiting) return
      this.giveUp(key, isOld ? 'fragment-expired' : 'fragment-overflow', done)
    }
  }

  private giveUp(
    key: string,
    reason: 'fragment-expired' | 'fragment-overflow',
    done: (key: string, gathered: Gathered) => void
  ): void {
    const entry = this.waiting.get(key)
    this.waiting.delete(key)
    this.counters.drops[reason]++
    const first = entry?.pieces[0]
    if (entry === undefined || first?.from !== 0) return
    const wireLength = entry.total === 0 ? maxPacketBytes : entry.total
    done(key, { ...entry, length: first.to, wireLength })
  }

  private entryOf({ key, protocol, timeUs }: Fragment): Entry {
    const known = this.waiting.get(key)
    if (known !== undefined) return known
    const buffer = new Uint8Array(4096)
    const entry: Entry = { protocol, sinceUs: timeUs, buffer, pieces: [], total: 0 }
    this.waiting.set(key, entry)
    return entry
  }

  /** Copies a part to its place; false where it cannot be a part of this packet. */
  private place(entry: Entry, fragment: Fragment): boolean {
    const { offset, isLast } = fragment
    const to = offset + fragment.end - fragment.at
    if (to > maxPacketBytes || to === offset || entry.pieces.length >= maxPieces) return false
    if (isLast && entry.total !== 0 && entry.total !== to) return false
    if (entry.total !== 0 && to > entry.total) return false
    // The same part again, as a retransmission or a second interface brings it.
    if (entry.pieces.some((piece) => piece.from <= offset && to <= piece.to)) return true
    if (entry.pieces.some((piece) => piece.from < to && offset < piece.to)) return false
    if (isLast) entry.total = to
    if (to > entry.buffer.length) {
      const larger = new Uint8Array(Math.min(maxPacketBytes, Math.max(to, 2 * entry.buffer.length)))
      larger.set(entry.buffer)
      entry.buffer = larger
    }
    entry.buffer.set(fragment.buffer.subarray(fragment.at, fragment.end), offset)
    join(entry.pieces, { from: offset, to })
    return true
  }
}

/** Puts a piece among others in order, and makes one of those that touch. */
function join(pieces: Piece[], piece: Piece): void {
  pieces.push(piece)
  pieces.sort((a, b) => a.from - b.from)
  for (let i = pieces.length - 1; i > 0; i--) {
    const before = pieces[i - 1]
    const after = pieces[i]
    if (before === undefined || after === undefined || before.to !== after.from) continue
    before.to = after.to
    pieces.splice(i, 1)
  }
}
