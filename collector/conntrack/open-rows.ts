import { v4MappedWord } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { Columns } from '../../model/flow-batch.ts'
import { GrowingMemory } from './growing-memory.ts'
import { coldLayout, coldWords, isV4At, natPortsOf, portsOf, protocolOf } from './open-row.ts'
import { rowFlags, rowLayout, rowWords } from './open-row.ts'

const at = rowLayout

/** Which address of a row: its place among the four. */
type Which = 0 | 1 | 2 | 3

/** The rows of the open flows, as open-row.ts draws them; what few need in a memory of its own. */
export class OpenRows {
  /** Word w of row r is at r * rowWords + w. Replaced when the rows grow. */
  words = new Int32Array(0)
  private doubles = new Float64Array(0)
  private cold = new Int32Array(0)
  private coldDoubles = new Float64Array(0)
  private readonly coldMemory = new GrowingMemory()

  /**
   * Makes room; untouched pages of it cost nothing until rows reach them.
   *
   * @param memory where the rows are, from `from` on
   */
  protected growRows(capacity: number, memory: ArrayBuffer, from: number): void {
    this.words = new Int32Array(memory, from, capacity * rowWords)
    this.doubles = new Float64Array(memory, from, (capacity * rowWords) / 2)
    const cold = this.coldMemory.grow(capacity * coldWords * 4)
    this.cold = new Int32Array(cold)
    this.coldDoubles = new Float64Array(cold)
  }

  /** Upper half of the zone word: {@link rowFlags}. */
  flags(row: number): number {
    return this.words[row * rowWords + at.zoneFlags] ?? 0
  }

  setFlags(row: number, set: number, clear: number): void {
    const place = row * rowWords + at.zoneFlags
    this.words[place] = ((this.words[place] ?? 0) & ~clear) | set
  }

  connectionStart(row: number): number {
    return this.doubles[(row * rowWords) / 2 + at.connectionStart] ?? 0
  }

  setConnectionStart(row: number, us: number): void {
    this.doubles[(row * rowWords) / 2 + at.connectionStart] = us
  }

  /** The connection began at another time than was thought, and its first slice with it. */
  moveStart(row: number, us: number): void {
    this.setConnectionStart(row, us)
    if ((this.flags(row) & rowFlags.aged) !== 0) this.setSliceStart(row, us)
  }

  /** Start of the current slice. */
  sliceStart(row: number): number {
    if ((this.flags(row) & rowFlags.aged) === 0) return this.connectionStart(row)
    return this.coldDoubles[(row * coldWords) / 2 + coldLayout.sliceStart] ?? 0
  }

  setSliceStart(row: number, us: number): void {
    this.age(row)
    this.coldDoubles[(row * coldWords) / 2 + coldLayout.sliceStart] = us
  }

  /** The last time it is known to have been alive. */
  lastAlive(row: number): number {
    if ((this.flags(row) & rowFlags.aged) === 0) return this.connectionStart(row)
    return this.coldDoubles[(row * coldWords) / 2 + coldLayout.lastAlive] ?? 0
  }

  setLastAlive(row: number, us: number): void {
    this.age(row)
    this.coldDoubles[(row * coldWords) / 2 + coldLayout.lastAlive] = us
  }

  /** IPS_* status | TCP state << 24, where somebody keeps it; 0 at first. */
  status(row: number): number {
    return (this.flags(row) & rowFlags.aged) === 0 ? 0 : this.coldWord(row, coldLayout.status)
  }

  setStatus(row: number, status: number): void {
    this.age(row)
    this.cold[row * coldWords + coldLayout.status] = status
  }

  /** Word `index` of the four u64 counters at the last cut, low half first. */
  counterWord(row: number, index: number): number {
    if ((this.flags(row) & rowFlags.aged) === 0) return 0
    return this.coldWord(row, coldLayout.counters + index)
  }

  setCounterWord(row: number, index: number, word: number): void {
    this.age(row)
    this.cold[row * coldWords + coldLayout.counters + index] = word
  }

  /** Serial of the connection within its source. */
  flowId(row: number): number {
    const base = row * rowWords + at.flowId
    return ((this.words[base] ?? 0) >>> 0) + ((this.words[base + 1] ?? 0) >>> 0) * 4294967296
  }

  setFlowId(row: number, id: number): void {
    const base = row * rowWords + at.flowId
    this.words[base] = id >>> 0
    this.words[base + 1] = Math.floor(id / 4294967296)
  }

  /** Number of what it was found to be, in the table's book; 0: not known. */
  verdict(row: number): number {
    return this.words[row * rowWords + at.verdict] ?? 0
  }

  /** One of source, destination, postNatSource, postNatDestination. */
  address(row: number, which: Which): AddressWords {
    const last = (this.words[row * rowWords + which] ?? 0) >>> 0
    if ((this.flags(row) & rowFlags.wide) === 0) return [0, 0, v4MappedWord, last]
    const upper = 3 * which
    return [this.upper(row, upper), this.upper(row, upper + 1), this.upper(row, upper + 2), last]
  }

  private upper(row: number, index: number): number {
    return this.coldWord(row, index) >>> 0
  }

  private coldWord(row: number, index: number): number {
    return this.cold[row * coldWords + index] ?? 0
  }

  /** Makes the cold part say what a row without one says. */
  private age(row: number): void {
    if ((this.flags(row) & rowFlags.aged) !== 0) return
    const start = this.connectionStart(row)
    const base = row * coldWords
    this.cold.fill(0, base + coldLayout.status, base + coldWords)
    this.coldDoubles[base / 2 + coldLayout.sliceStart] = start
    this.coldDoubles[base / 2 + coldLayout.lastAlive] = start
    this.setFlags(row, rowFlags.aged, 0)
  }

  /** Writes tuples, protocol, zone, id and mark of a batch row; all else becomes zero. */
  protected writeTuple(row: number, columns: Columns, batchRow: number): void {
    const { words } = this
    const base = row * rowWords
    const word = 4 * batchRow
    const { sourceAddress, destinationAddress } = columns
    const { postNatSourceAddress, postNatDestinationAddress } = columns
    words[base] = sourceAddress[word + 3] ?? 0
    words[base + 1] = destinationAddress[word + 3] ?? 0
    words[base + 2] = postNatSourceAddress[word + 3] ?? 0
    words[base + 3] = postNatDestinationAddress[word + 3] ?? 0
    words[base + at.ports] = portsOf(columns, batchRow)
    words[base + at.natPorts] = natPortsOf(columns, batchRow)
    words[base + at.protocol] = protocolOf(columns, batchRow)
    words[base + at.zoneFlags] = (columns.ingressVrfId[batchRow] ?? 0) & 0xffff
    words[base + at.conntrackId] = columns.conntrackId[batchRow] ?? 0
    words[base + at.mark] = columns.conntrackMark[batchRow] ?? 0
    words[base + at.dump] = 0
    words[base + at.verdict] = 0
    if (!isNarrow(columns, word)) this.writeUpper(row, columns, word)
  }

  private writeUpper(row: number, columns: Columns, word: number): void {
    for (let i = 0; i < 3; i++) {
      const place = row * coldWords + i
      this.cold[place] = columns.sourceAddress[word + i] ?? 0
      this.cold[place + 3] = columns.destinationAddress[word + i] ?? 0
      this.cold[place + 6] = columns.postNatSourceAddress[word + i] ?? 0
      this.cold[place + 9] = columns.postNatDestinationAddress[word + i] ?? 0
    }
    this.setFlags(row, rowFlags.wide, 0)
  }

  /** Writes tuples, protocol, zone, ids and mark of a row into a batch row. */
  read(row: number, columns: Columns, batchRow: number): void {
    const { words } = this
    const base = row * rowWords
    columns.sourceAddress.set(this.address(row, 0), 4 * batchRow)
    columns.destinationAddress.set(this.address(row, 1), 4 * batchRow)
    columns.postNatSourceAddress.set(this.address(row, 2), 4 * batchRow)
    columns.postNatDestinationAddress.set(this.address(row, 3), 4 * batchRow)
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

  /** True where a row has the original tuple and zone of a batch row. */
  protected sameTuple(row: number, columns: Columns, batchRow: number): boolean {
    const { words } = this
    const base = row * rowWords
    const word = 4 * batchRow
    const zoneFlags = words[base + at.zoneFlags] ?? 0
    return (
      words[base + at.ports] === portsOf(columns, batchRow) &&
      words[base] === (columns.sourceAddress[word + 3] ?? 0) >> 0 &&
      words[base + 1] === (columns.destinationAddress[word + 3] ?? 0) >> 0 &&
      words[base + at.protocol] === protocolOf(columns, batchRow) &&
      (zoneFlags & 0xffff) === columns.ingressVrfId[batchRow] &&
      ((zoneFlags & rowFlags.wide) === 0
        ? isNarrow(columns, word)
        : this.sameUpper(row, 0, columns.sourceAddress, columns.destinationAddress, word))
    )
  }

  /**
   * Whether id and reply tuple are those of the row. The id alone would not do: the kernel makes it
   * without the translation, and a later entry may have the same id and another port.
   */
  sameTranslation(row: number, columns: Columns, batchRow: number): boolean {
    const id = (columns.conntrackId[batchRow] ?? 0) >> 0
    return (
      this.words[row * rowWords + at.conntrackId] === id && this.sameReply(row, columns, batchRow)
    )
  }

  /** True where a row has the reply tuple of a batch row: the same translation. */
  sameReply(row: number, columns: Columns, batchRow: number): boolean {
    const { words } = this
    const { postNatSourceAddress: source, postNatDestinationAddress: destination } = columns
    const base = row * rowWords
    const word = 4 * batchRow
    return (
      words[base + at.natPorts] === natPortsOf(columns, batchRow) &&
      words[base + 2] === (source[word + 3] ?? 0) >> 0 &&
      words[base + 3] === (destination[word + 3] ?? 0) >> 0 &&
      ((this.flags(row) & rowFlags.wide) === 0
        ? isNarrow(columns, word)
        : this.sameUpper(row, 6, source, destination, word))
    )
  }

  /**
   * True where a row stands between the source and the destination of a batch row at the forward
   * hook; zones are not compared.
   */
  protected sameForward(row: number, columns: Columns, batchRow: number): boolean {
    const { words } = this
    const base = row * rowWords
    const word = 4 * batchRow
    return (
      ((words[base + at.ports] ?? 0) & 0xffff) === columns.sourceTransportPort[batchRow] &&
      (words[base + at.natPorts] ?? 0) >>> 16 === columns.destinationTransportPort[batchRow] &&
      words[base + at.protocol] === protocolOf(columns, batchRow) &&
      this.address(row, 0).every((part, i) => part === columns.sourceAddress[word + i]) &&
      this.address(row, 3).every((part, i) => part === columns.destinationAddress[word + i])
    )
  }

  private sameUpper(row: number, from: number, a: Uint32Array, b: Uint32Array, word: number) {
    for (let i = 0; i < 3; i++) {
      if (this.upper(row, from + i) !== a[word + i]) return false
      if (this.upper(row, from + 3 + i) !== b[word + i]) return false
    }
    return true
  }
}

/** True where the destination of a batch row is translated. */
export function isForwarded(columns: Columns, batchRow: number): boolean {
  const { destinationAddress: before, postNatDestinationAddress: after } = columns
  const word = 4 * batchRow
  return (
    before[word + 3] !== after[word + 3] ||
    columns.destinationTransportPort[batchRow] !==
      columns.postNaptDestinationTransportPort[batchRow] ||
    before[word + 2] !== after[word + 2] ||
    before[word + 1] !== after[word + 1] ||
    before[word] !== after[word]
  )
}

/** True where all four addresses are IPv4. */
function isNarrow(columns: Columns, word: number): boolean {
  return (
    isV4At(columns.sourceAddress, word) &&
    isV4At(columns.destinationAddress, word) &&
    isV4At(columns.postNatSourceAddress, word) &&
    isV4At(columns.postNatDestinationAddress, word)
  )
}
