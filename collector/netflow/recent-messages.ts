/**
 * So many messages back one is known again. What comes twice comes twice within milliseconds, but
 * where one of them waits in a queue: 32 were too few on such a path. Only what comes out of order
 * is looked for.
 */
const kept = 256
/** Words of a message that are looked at beside its head and its length. */
const looked = 6
/** Of IPFIX, whose head is the shortest (octets). */
const headLength = 16

/**
 * The last datagrams of an exporter, by number, length and words spread over them, so that one that
 * the network delivers again is known. Nothing is allocated for a datagram.
 */
export class RecentMessages {
  /** For each: sequence number, length, and a digest of what was looked at. */
  private readonly rows = new Uint32Array(3 * kept)
  private filled = 0
  private next = 0

  add(sequence: number, view: DataView, from: number, to: number): void {
    const { rows, next } = this
    rows[3 * next] = sequence
    rows[3 * next + 1] = to - from
    rows[3 * next + 2] = digestOf(view, from, to)
    this.next = (next + 1) % kept
    this.filled = Math.max(this.filled, next + 1)
  }

  has(sequence: number, view: DataView, from: number, to: number): boolean {
    const { rows, filled } = this
    for (let at = 0; at < 3 * filled; at += 3) {
      if (rows[at] !== sequence || rows[at + 1] !== to - from) continue
      if (rows[at + 2] === digestOf(view, from, to)) return true
    }
    return false
  }
}

const mixed = (digest: number, word: number): number => {
  const product = Math.imul(digest ^ word, 0x01000193)
  return product ^ (product >>> 15)
}

/** Of the whole head, which has the times, and of words spread over the records (as FNV-1a). */
function digestOf(view: DataView, from: number, to: number): number {
  let digest = 0x811c9dc5
  const last = to - 4
  const body = Math.min(from + headLength, last)
  for (let at = from; at < body; at += 4) digest = mixed(digest, view.getUint32(at))
  const step = Math.max(4, Math.floor((to - body) / looked))
  for (let at = body; at <= last; at += step) digest = mixed(digest, view.getUint32(at))
  return mixed(digest, view.getUint32(last)) >>> 0
}
