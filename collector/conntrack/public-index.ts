import { GrowingMemory } from './growing-memory.ts'
import { mix, mixEnd, rowLayout as at, rowWords } from './open-row.ts'

const none = -1
/** Words of one endpoint's place in its list: next link, previous link, bucket. */
const placeWords = 3

/**
 * Finds open flows by what the world may have seen of them. Each row is in one or two lists, linked
 * both ways, so that taking one out is quick however many flows share a popular endpoint. A link is
 * row * 2 + which of the row's two endpoints it stands for; its place is at link * placeWords.
 */
export class PublicIndex {
  private readonly memory = new GrowingMemory()
  private heads = new Int32Array(0)
  private places = new Int32Array(0)

  /** Empties the index and makes room for rows below `capacity`, a power of two. */
  clear(capacity: number): void {
    this.heads = new Int32Array(capacity).fill(none)
    this.places = new Int32Array(this.memory.grow(capacity * 2 * placeWords * 4))
  }

  /** Calls `visit` with each row one of whose endpoints falls on this hash. */
  each(hash: number, visit: (row: number) => void): void {
    let link = this.heads[hash & (this.heads.length - 1)] ?? none
    let last = none
    while (link !== none) {
      const row = link >> 1
      if (row !== last) visit(row)
      last = row
      link = this.places[link * placeWords] ?? none
    }
  }

  /**
   * Takes a row in by what the world may have seen: the source after translation, and the original
   * destination where that was translated (port forward) or nothing was (either end may be ours).
   */
  link(words: Int32Array, row: number): void {
    const base = row * rowWords
    const ports = words[base + at.ports] ?? 0
    const natPorts = words[base + at.natPorts] ?? 0
    this.linkEndpoint(2 * row, hashAt(words, base + at.postNatSource, natPorts & 0xffff))
    const sourceKept =
      sameWords(words, base, base + at.postNatSource) && (ports & 0xffff) === (natPorts & 0xffff)
    const destinationKept =
      sameWords(words, base + at.destination, base + at.postNatDestination) &&
      ports >>> 16 === natPorts >>> 16
    if (sourceKept || !destinationKept) {
      this.linkEndpoint(2 * row + 1, hashAt(words, base + at.destination, ports >>> 16))
    } else {
      this.places[(2 * row + 1) * placeWords + 2] = none
    }
  }

  /** Takes a row out of its lists. */
  unlink(row: number): void {
    this.unlinkEndpoint(2 * row)
    this.unlinkEndpoint(2 * row + 1)
  }

  /** Looks at the head of a hash's list: see Prefetch. */
  touchHead(hash: number): number {
    return this.heads[hash & (this.heads.length - 1)] ?? 0
  }

  /** Looks at a row's place in the list of its first endpoint. @returns its bucket */
  touchPlace(row: number): number {
    return this.places[2 * row * placeWords + 2] ?? 0
  }

  /** Looks at the neighbours of that place. */
  touchNeighbours(row: number): number {
    const { places } = this
    const place = 2 * row * placeWords
    const next = places[place] ?? none
    const previous = places[place + 1] ?? none
    return (
      (next < 0 ? 0 : (places[next * placeWords] ?? 0)) ^
      (previous < 0 ? 0 : (places[previous * placeWords] ?? 0))
    )
  }

  private linkEndpoint(link: number, hash: number): void {
    const { heads, places } = this
    const bucket = hash & (heads.length - 1)
    const head = heads[bucket] ?? none
    const place = link * placeWords
    places[place] = head
    places[place + 1] = none
    places[place + 2] = bucket
    if (head !== none) places[head * placeWords + 1] = link
    heads[bucket] = link
  }

  private unlinkEndpoint(link: number): void {
    const { heads, places } = this
    const place = link * placeWords
    const bucket = places[place + 2] ?? none
    if (bucket === none) return
    const next = places[place] ?? none
    const previous = places[place + 1] ?? none
    if (next !== none) places[next * placeWords + 1] = previous
    if (previous === none) heads[bucket] = next
    else places[previous * placeWords] = next
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

function hashAt(words: Int32Array, address: number, port: number): number {
  return endpointHash(
    words[address] ?? 0,
    words[address + 1] ?? 0,
    words[address + 2] ?? 0,
    words[address + 3] ?? 0,
    port
  )
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
  return mixEnd(hash)
}
