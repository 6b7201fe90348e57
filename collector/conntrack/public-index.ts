import { mix, rowLayout as at, rowWords } from './open-row.ts'

const none = -1

/**
 * Finds open flows by what the world may have seen of them. Each row is in one or two lists, linked
 * both ways through the row's own words, so that taking one out is quick however many flows share a
 * popular endpoint. A link is row * 2 + which of the row's two endpoints it stands for.
 */
export class PublicIndex {
  private heads: Int32Array

  constructor(buckets: number) {
    this.heads = new Int32Array(buckets).fill(none)
  }

  /** Empties the index, for a table that has grown. */
  clear(buckets: number): void {
    this.heads = new Int32Array(buckets).fill(none)
  }

  /** Calls `visit` with each row whose endpoint has this hash's bucket. */
  each(words: Int32Array, hash: number, visit: (row: number) => void): void {
    let link = this.heads[hash & (this.heads.length - 1)] ?? none
    let last = none
    while (link !== none) {
      // A link is row * 2 + which of its two endpoints.
      const row = link >> 1
      if (row !== last) visit(row)
      last = row
      link = words[row * rowWords + linkOf(link)] ?? none
    }
  }

  /**
   * A flow is found by what the world may have seen: the source after translation, and the original
   * destination where that was translated (port forward) or nothing was (either end may be ours).
   */
  link(words: Int32Array, row: number): void {
    const base = row * rowWords
    const ports = words[base + at.ports] ?? 0
    const natPorts = words[base + at.natPorts] ?? 0
    this.linkEndpoint(words, row, at.firstLink, 0, base + 8, natPorts & 0xffff)
    const sourceKept = sameWords(words, base, base + 8) && (ports & 0xffff) === (natPorts & 0xffff)
    const destinationKept =
      sameWords(words, base + 4, base + 12) && ports >>> 16 === natPorts >>> 16
    if (sourceKept || !destinationKept) {
      this.linkEndpoint(words, row, at.secondLink, 1, base + 4, ports >>> 16)
    } else {
      words[base + at.secondLink + 2] = none
    }
  }

  private linkEndpoint(
    words: Int32Array,
    row: number,
    field: number,
    which: number,
    address: number,
    port: number
  ): void {
    const base = row * rowWords
    const bucket =
      endpointHash(
        words[address] ?? 0,
        words[address + 1] ?? 0,
        words[address + 2] ?? 0,
        words[address + 3] ?? 0,
        port
      ) &
      (this.heads.length - 1)
    const head = this.heads[bucket] ?? none
    const link = row * 2 + which
    words[base + field] = head
    words[base + field + 1] = none
    words[base + field + 2] = bucket
    if (head !== none) words[(head >> 1) * rowWords + linkOf(head) + 1] = link
    this.heads[bucket] = link
  }

  /** Takes a row out of its lists. */
  unlink(words: Int32Array, row: number): void {
    this.unlinkEndpoint(words, row, at.firstLink)
    this.unlinkEndpoint(words, row, at.secondLink)
  }

  private unlinkEndpoint(words: Int32Array, row: number, field: number): void {
    const base = row * rowWords
    const bucket = words[base + field + 2] ?? none
    if (bucket === none) return
    const next = words[base + field] ?? none
    const previous = words[base + field + 1] ?? none
    if (next !== none) words[(next >> 1) * rowWords + linkOf(next) + 1] = previous
    if (previous === none) this.heads[bucket] = next
    else words[(previous >> 1) * rowWords + linkOf(previous)] = next
  }
}

function sameWords(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + 3] === words[b + 3] &&
    words[a + 2] === words[b + 2] &&
    words[a + 1] === words[b + 1] &&
    words[a] === words[b]
  )
}

/** The word of a row that a link continues from. */
function linkOf(link: number): number {
  return (link & 1) === 0 ? at.firstLink : at.secondLink
}

/** Hash of an address and a port. */
export function endpointHash(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = mix(0x1b873593, w3)
  hash = mix(hash, port)
  if (w0 !== 0) {
    hash = mix(hash, w0)
    hash = mix(hash, w1)
    hash = mix(hash, w2)
  }
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
