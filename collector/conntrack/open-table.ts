import type { Columns } from '../../model/flow-batch.ts'

/**
 * The connections that are open now. A row is 48 words of one growing memory (192 octets), so that
 * working on one touches three cache lines; with the buckets, about 210 octets an open flow.
 *
 * ```
 *  word  0  source                 16  source port | destination port << 16
 *        4  destination            17  post-NAT source port | post-NAT destination port << 16
 *        8  postNatSource          18  protocol | icmpTypeCode << 8
 *       12  postNatDestination     19  zone | flags << 16
 *       20  conntrack id           21  mark
 *       22  last dump that saw it  23  next row with the same tuple bucket
 *       24  connection start f64   26  start of the current slice f64
 *       28  last time known to be alive f64
 *       30  flow id u64
 *       32  octets, packets, reverse octets, reverse packets at the last cut, u64 each
 *       40  hash of tuple and zone
 *       41  next, 42 previous in the list of its first public endpoint, 43 that endpoint's bucket
 *       44  next, 45 previous in the list of its second one, 46 that bucket (-1: it has none)
 *       47  IPS_* status | TCP state << 24
 * ```
 * Rows that are free form a list through word 23.
 */
export const rowWords = 48

const at = {
  ports: 16,
  natPorts: 17,
  protocol: 18,
  zoneFlags: 19,
  conntrackId: 20,
  mark: 21,
  dump: 22,
  next: 23,
  connectionStart: 12,
  sliceStart: 13,
  lastAlive: 14,
  flowId: 30,
  counters: 32,
  hash: 40,
  firstLink: 41,
  secondLink: 44,
  status: 47,
} as const

export { at as rowLayout }

const none = -1
const firstCapacity = 4096

/** Mixes one word into a hash; the finaliser of MurmurHash3 cut to one multiplication. */
function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x9e3779b1)
  h ^= h >>> 15
  return h
}

export class OpenTable {
  /** Rows that hold an open flow. */
  size = 0
  /** All rows; word w of row r is at r * rowWords + w. Replaced when the table grows. */
  words: Int32Array
  /** The same memory as doubles: the times of row r are at r * rowWords / 2 + connectionStart … */
  doubles: Float64Array
  private capacity = firstCapacity
  private used = 0
  private free = none
  /** Hash of the tuple that was looked for last. */
  private soughtHash = 0
  private tupleHeads: Int32Array
  private publicHeads: Int32Array

  constructor() {
    const memory = new ArrayBuffer(firstCapacity * rowWords * 4)
    this.words = new Int32Array(memory)
    this.doubles = new Float64Array(memory)
    this.tupleHeads = new Int32Array(firstCapacity).fill(none)
    this.publicHeads = new Int32Array(firstCapacity).fill(none)
  }

  /** Rows ever used; every open flow's row is below. Free rows have `isOpen` false. */
  get rowsUsed(): number {
    return this.used
  }

  isOpen(row: number): boolean {
    return this.words[row * rowWords + at.firstLink + 2] !== none
  }

  /** Finds the open flow with the original tuple and zone of a batch row; -1 where there is none. */
  find(columns: Columns, batchRow: number): number {
    const hash = hashOf(columns, batchRow)
    this.soughtHash = hash
    const { words } = this
    let row = this.tupleHeads[hash & (this.capacity - 1)] ?? none
    while (row !== none) {
      const base = row * rowWords
      if (words[base + at.hash] === hash && this.sameTuple(base, columns, batchRow)) return row
      row = words[base + at.next] ?? none
    }
    return none
  }

  /**
   * Takes a flow in: tuples, protocol, zone, id and mark come from the batch row, the rest is zero.
   * The caller has just looked for this tuple and zone with {@link find}, and none is open.
   *
   * @returns its row
   */
  insert(columns: Columns, batchRow: number): number {
    const row = this.takeRow()
    const { words } = this
    const base = row * rowWords
    words.fill(0, base, base + rowWords)
    const word = 4 * batchRow
    for (let i = 0; i < 4; i++) {
      words[base + i] = columns.sourceAddress[word + i] ?? 0
      words[base + 4 + i] = columns.destinationAddress[word + i] ?? 0
      words[base + 8 + i] = columns.postNatSourceAddress[word + i] ?? 0
      words[base + 12 + i] = columns.postNatDestinationAddress[word + i] ?? 0
    }
    words[base + at.ports] = portsOf(columns, batchRow)
    words[base + at.natPorts] =
      (columns.postNaptSourceTransportPort[batchRow] ?? 0) |
      ((columns.postNaptDestinationTransportPort[batchRow] ?? 0) << 16)
    words[base + at.protocol] =
      (columns.protocolIdentifier[batchRow] ?? 0) | ((columns.icmpTypeCode[batchRow] ?? 0) << 8)
    words[base + at.zoneFlags] = (columns.ingressVrfId[batchRow] ?? 0) & 0xffff
    words[base + at.conntrackId] = columns.conntrackId[batchRow] ?? 0
    words[base + at.mark] = columns.conntrackMark[batchRow] ?? 0
    words[base + at.hash] = this.soughtHash
    this.linkTuple(row)
    this.linkPublic(row)
    this.size++
    return row
  }

  /** Lets a flow go; its row is used again. */
  remove(row: number): void {
    this.unlinkTuple(row)
    this.unlinkPublic(row, at.firstLink)
    this.unlinkPublic(row, at.secondLink)
    const base = row * rowWords
    this.words[base + at.firstLink + 2] = none
    this.words[base + at.next] = this.free
    this.free = row
    this.size--
  }

  /** Writes the tuples, protocol, zone, ids and mark of an open flow into a batch row. */
  read(row: number, columns: Columns, batchRow: number): void {
    const { words } = this
    const base = row * rowWords
    const word = 4 * batchRow
    for (let i = 0; i < 4; i++) {
      columns.sourceAddress[word + i] = words[base + i] ?? 0
      columns.destinationAddress[word + i] = words[base + 4 + i] ?? 0
      columns.postNatSourceAddress[word + i] = words[base + 8 + i] ?? 0
      columns.postNatDestinationAddress[word + i] = words[base + 12 + i] ?? 0
    }
    const ports = words[base + at.ports] ?? 0
    columns.sourceTransportPort[batchRow] = ports & 0xffff
    columns.destinationTransportPort[batchRow] = ports >>> 16
    const natPorts = words[base + at.natPorts] ?? 0
    columns.postNaptSourceTransportPort[batchRow] = natPorts & 0xffff
    columns.postNaptDestinationTransportPort[batchRow] = natPorts >>> 16
    const protocol = words[base + at.protocol] ?? 0
    columns.protocolIdentifier[batchRow] = protocol & 0xff
    columns.icmpTypeCode[batchRow] = (protocol >>> 8) & 0xffff
    columns.ingressVrfId[batchRow] = (words[base + at.zoneFlags] ?? 0) & 0xffff
    columns.conntrackId[batchRow] = words[base + at.conntrackId] ?? 0
    columns.conntrackMark[batchRow] = words[base + at.mark] ?? 0
    columns.flowId[2 * batchRow] = words[base + at.flowId] ?? 0
    columns.flowId[2 * batchRow + 1] = words[base + at.flowId + 1] ?? 0
  }

  /** Calls `visit` with each open flow that may hold the endpoint; the visitor compares it. */
  eachWithPublic(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    port: number,
    visit: (row: number) => void
  ): void {
    const bucket = endpointHash(w0, w1, w2, w3, port) & (this.capacity - 1)
    let link = this.publicHeads[bucket] ?? none
    let last = none
    while (link !== none) {
      // A link is row * 2 + which of its two endpoints.
      const row = link >> 1
      if (row !== last) visit(row)
      last = row
      link = this.words[row * rowWords + linkOf(link)] ?? none
    }
  }

  private takeRow(): number {
    if (this.free !== none) {
      const row = this.free
      this.free = this.words[row * rowWords + at.next] ?? none
      return row
    }
    if (this.used === this.capacity) this.grow()
    return this.used++
  }

  /** Doubles the memory; untouched pages of the new half cost nothing until rows reach them. */
  private grow(): void {
    this.capacity *= 2
    const memory = new ArrayBuffer(this.capacity * rowWords * 4)
    const words = new Int32Array(memory)
    words.set(this.words)
    this.words = words
    this.doubles = new Float64Array(memory)
    this.tupleHeads = new Int32Array(this.capacity).fill(none)
    this.publicHeads = new Int32Array(this.capacity).fill(none)
    for (let row = 0; row < this.used; row++) {
      if (!this.isOpen(row)) continue
      this.linkTuple(row)
      this.linkPublic(row)
    }
  }

  private sameTuple(base: number, columns: Columns, batchRow: number): boolean {
    const { words } = this
    const word = 4 * batchRow
    const { sourceAddress, destinationAddress } = columns
    if (words[base + at.ports] !== portsOf(columns, batchRow)) return false
    const protocol =
      (columns.protocolIdentifier[batchRow] ?? 0) | ((columns.icmpTypeCode[batchRow] ?? 0) << 8)
    if (words[base + at.protocol] !== protocol) return false
    if (((words[base + at.zoneFlags] ?? 0) & 0xffff) !== columns.ingressVrfId[batchRow])
      return false
    for (let i = 0; i < 4; i++) {
      if (words[base + i] !== (sourceAddress[word + i] ?? 0) >> 0) return false
      if (words[base + 4 + i] !== (destinationAddress[word + i] ?? 0) >> 0) return false
    }
    return true
  }

  private linkTuple(row: number): void {
    const base = row * rowWords
    const bucket = (this.words[base + at.hash] ?? 0) & (this.capacity - 1)
    this.words[base + at.next] = this.tupleHeads[bucket] ?? none
    this.tupleHeads[bucket] = row
  }

  private unlinkTuple(row: number): void {
    const { words } = this
    const base = row * rowWords
    const next = words[base + at.next] ?? none
    const bucket = (words[base + at.hash] ?? 0) & (this.capacity - 1)
    let other = this.tupleHeads[bucket] ?? none
    if (other === row) {
      this.tupleHeads[bucket] = next
      return
    }
    while (other !== none) {
      const otherBase = other * rowWords
      const after = words[otherBase + at.next] ?? none
      if (after === row) {
        words[otherBase + at.next] = next
        return
      }
      other = after
    }
  }

  /**
   * A flow is found by what the world may have seen: the source after translation, and the original
   * destination where that was translated (port forward) or nothing was (either end may be ours).
   */
  private linkPublic(row: number): void {
    const { words } = this
    const base = row * rowWords
    const ports = words[base + at.ports] ?? 0
    const natPorts = words[base + at.natPorts] ?? 0
    this.linkEndpoint(row, at.firstLink, 0, base + 8, natPorts & 0xffff)
    const sourceKept = sameWords(words, base, base + 8) && (ports & 0xffff) === (natPorts & 0xffff)
    const destinationKept =
      sameWords(words, base + 4, base + 12) && ports >>> 16 === natPorts >>> 16
    if (sourceKept || !destinationKept) {
      this.linkEndpoint(row, at.secondLink, 1, base + 4, ports >>> 16)
    } else {
      words[base + at.secondLink + 2] = none
    }
  }

  private linkEndpoint(
    row: number,
    field: number,
    which: number,
    address: number,
    port: number
  ): void {
    const { words } = this
    const base = row * rowWords
    const bucket =
      endpointHash(
        words[address] ?? 0,
        words[address + 1] ?? 0,
        words[address + 2] ?? 0,
        words[address + 3] ?? 0,
        port
      ) &
      (this.capacity - 1)
    const head = this.publicHeads[bucket] ?? none
    const link = row * 2 + which
    words[base + field] = head
    words[base + field + 1] = none
    words[base + field + 2] = bucket
    if (head !== none) words[(head >> 1) * rowWords + linkOf(head) + 1] = link
    this.publicHeads[bucket] = link
  }

  private unlinkPublic(row: number, field: number): void {
    const { words } = this
    const base = row * rowWords
    const bucket = words[base + field + 2] ?? none
    if (bucket === none) return
    const next = words[base + field] ?? none
    const previous = words[base + field + 1] ?? none
    if (next !== none) words[(next >> 1) * rowWords + linkOf(next) + 1] = previous
    if (previous === none) this.publicHeads[bucket] = next
    else words[(previous >> 1) * rowWords + linkOf(previous)] = next
  }
}

function hashOf(columns: Columns, batchRow: number): number {
  const word = 4 * batchRow
  const { sourceAddress, destinationAddress } = columns
  let hash = mix(0x2545f491, sourceAddress[word + 3] ?? 0)
  hash = mix(hash, destinationAddress[word + 3] ?? 0)
  hash = mix(hash, portsOf(columns, batchRow))
  hash = mix(
    hash,
    (columns.protocolIdentifier[batchRow] ?? 0) |
      (((columns.icmpTypeCode[batchRow] ?? 0) << 8) ^ ((columns.ingressVrfId[batchRow] ?? 0) << 16))
  )
  if (sourceAddress[word] !== 0) {
    for (let i = 0; i < 3; i++) {
      hash = mix(hash, sourceAddress[word + i] ?? 0)
      hash = mix(hash, destinationAddress[word + i] ?? 0)
    }
  }
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

function portsOf(columns: Columns, row: number): number {
  return (
    (columns.sourceTransportPort[row] ?? 0) | ((columns.destinationTransportPort[row] ?? 0) << 16)
  )
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

function endpointHash(w0: number, w1: number, w2: number, w3: number, port: number): number {
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
