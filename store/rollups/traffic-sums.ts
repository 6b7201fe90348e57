import type { FlowBatch } from '../../model/flow-batch.ts'
import { HourBlocks } from './hour-blocks.ts'
import { GroupCache } from './group-cache.ts'
import { Items } from './items.ts'
import { spreadCounters } from './pieces.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'

/** Numbers of a minute in a block: octets, answered octets, packets, answered packets, … */
export const minuteNumbers = 6
/** … connections begun, and slices. */
export const connectionsAt = 4
export const slicesAt = 5

const minutesOfHour = 60

/** Names of one kind that get rows of their own in a day. */
const maxNames = 2000
const maxInterfaces = 4000

/** What a group of names is: source, IP protocol, items of application, category, protocol. */
export interface NameGroup {
  readonly source: number
  readonly transport: number
  readonly application: number
  readonly category: number
  readonly protocol: number
}

/** What a group of ways is: its source, and items of both interfaces. */
export interface WayGroup {
  readonly source: number
  readonly ingress: number
  readonly egress: number
}

/** What groups are, by their numbers. */
class Groups<T> {
  readonly list: T[] = []
  readonly #numbers = new PairTable()

  /** @param high @param low together they are the group */
  numberOf(high: number, low: number): number {
    return this.#numbers.numberOf(high, low)
  }

  clear(): void {
    this.list.length = 0
    this.#numbers.clear()
  }
}

/**
 * Sums by minute of what traffic is (names) and which way it went (interfaces). A row is added to
 * one group of each; dimensions are made of them when they are written.
 */
export class TrafficSums {
  readonly applications = new Items(maxNames)
  readonly categories = new Items(maxNames)
  readonly protocols = new Items(maxNames)
  readonly interfaces = new Items(maxInterfaces)
  readonly names = new Groups<NameGroup>()
  readonly ways = new Groups<WayGroup>()
  readonly nameBlocks = new HourBlocks(minutesOfHour * minuteNumbers)
  readonly wayBlocks = new HourBlocks(minutesOfHour * minuteNumbers)
  readonly #nameCache = new GroupCache()
  readonly #wayCache = new GroupCache()
  #application = new Int32Array(0)
  #category = new Int32Array(0)
  #protocol = new Int32Array(0)

  /** The rows that follow are of this batch: its texts have other numbers. */
  beginBatch({ texts, extras }: FlowBatch): void {
    const size = texts.size
    this.#nameCache.clear()
    if (this.#application.length < size) {
      this.#application = new Int32Array(2 * size)
      this.#category = new Int32Array(2 * size)
      this.#protocol = new Int32Array(2 * size)
    }
    if (extras.applicationName !== undefined) this.#application.fill(-1, 0, size)
    if (extras.applicationCategoryName !== undefined) this.#category.fill(-1, 0, size)
    if (extras.protocolName !== undefined) this.#protocol.fill(-1, 0, size)
  }

  /** Adds a row; `begun` is 1 where its connection began with it. */
  add(batch: FlowBatch, row: number, source: number, pieces: Pieces, begun: number): void {
    const { extras } = batch
    const transport = batch.columns.protocolIdentifier[row] ?? 0
    const application = extras.applicationName?.[row] ?? 0
    const category = extras.applicationCategoryName?.[row] ?? 0
    const spoken = extras.protocolName?.[row] ?? 0
    const cache = this.#nameCache
    const slot = cache.find(source * 256 + transport, application, category, spoken)
    let name = cache.groups[slot] ?? -1
    if (name < 0) cache.groups[slot] = name = this.#nameOf(batch, row, source, transport)
    const { ingressInterface, egressInterface } = extras
    if (ingressInterface === undefined && egressInterface === undefined) {
      addPieces(this.nameBlocks, name, pieces, begun)
      return
    }
    const ingress = ingressInterface?.[row] ?? -1
    const egress = egressInterface?.[row] ?? -1
    const ways = this.#wayCache
    const at = ways.find(source, ingress, egress, 0)
    let way = ways.groups[at] ?? -1
    if (way < 0) ways.groups[at] = way = this.#wayOf(source, ingress, egress)
    if (pieces.minute + pieces.count <= minutesOfHour) this.#addBoth(name, way, pieces, begun)
    else {
      addPieces(this.nameBlocks, name, pieces, begun)
      addPieces(this.wayBlocks, way, pieces, begun)
    }
  }

  /** Adds a row of one hour to both of its groups, in one go through its minutes. */
  #addBoth(name: number, way: number, pieces: Pieces, begun: number): void {
    const { count, hour, minute, amounts } = pieces
    const { nameBlocks, wayBlocks } = this
    const skipped = minute * minuteNumbers
    let at = nameBlocks.blockOf(hour, name) * nameBlocks.stride + skipped
    let wayAt = wayBlocks.blockOf(hour, way) * wayBlocks.stride + skipped
    const names = nameBlocks.data
    const ways = wayBlocks.data
    names[at + connectionsAt] = (names[at + connectionsAt] ?? 0) + begun
    names[at + slicesAt] = (names[at + slicesAt] ?? 0) + 1
    ways[wayAt + connectionsAt] = (ways[wayAt + connectionsAt] ?? 0) + begun
    ways[wayAt + slicesAt] = (ways[wayAt + slicesAt] ?? 0) + 1
    for (let from = 0; from < count * spreadCounters; from += spreadCounters) {
      const octets = amounts[from] ?? 0
      const answered = amounts[from + 1] ?? 0
      const packets = amounts[from + 2] ?? 0
      const packetsBack = amounts[from + 3] ?? 0
      names[at] = (names[at] ?? 0) + octets
      names[at + 1] = (names[at + 1] ?? 0) + answered
      names[at + 2] = (names[at + 2] ?? 0) + packets
      names[at + 3] = (names[at + 3] ?? 0) + packetsBack
      ways[wayAt] = (ways[wayAt] ?? 0) + octets
      ways[wayAt + 1] = (ways[wayAt + 1] ?? 0) + answered
      ways[wayAt + 2] = (ways[wayAt + 2] ?? 0) + packets
      ways[wayAt + 3] = (ways[wayAt + 3] ?? 0) + packetsBack
      at += minuteNumbers
      wayAt += minuteNumbers
    }
  }

  /** Blocks in use. */
  get blocks(): number {
    return this.nameBlocks.count + this.wayBlocks.count
  }

  clear(): void {
    for (const part of [this.names, this.ways, this.nameBlocks, this.wayBlocks]) part.clear()
    this.#nameCache.clear()
    this.#wayCache.clear()
    const nowMs = Date.now()
    const items = [this.applications, this.categories, this.protocols, this.interfaces]
    for (const each of items) each.renew(nowMs)
  }

  /** The group of names of a row. */
  #nameOf({ extras, texts }: FlowBatch, row: number, source: number, transport: number): number {
    const { applicationName, applicationCategoryName, protocolName } = extras
    const application = itemOf(this.applications, this.#application, applicationName, row, texts)
    const category = itemOf(this.categories, this.#category, applicationCategoryName, row, texts)
    const protocol = itemOf(this.protocols, this.#protocol, protocolName, row, texts)
    const name = this.names.numberOf(
      (source * 256 + transport) * 128 + (category >> 5),
      ((category & 31) * 4096 + application) * 4096 + protocol
    )
    if (name === this.names.list.length) {
      this.names.list.push({ source, transport, application, category, protocol })
    }
    return name
  }

  /** The group of a way, by the indexes of its interfaces. */
  #wayOf(source: number, ingressIndex: number, egressIndex: number): number {
    const ingress = this.#interfaceOf(ingressIndex)
    const egress = this.#interfaceOf(egressIndex)
    const way = this.ways.numberOf(source, ingress * 8192 + egress)
    if (way === this.ways.list.length) this.ways.list.push({ source, ingress, egress })
    return way
  }

  /** 1, `unknown`, where the source does not tell interfaces (-1). */
  #interfaceOf(index: number): number {
    return index < 0 ? 1 : this.interfaces.numberOf(String(index))
  }
}

/** The item of a text of the batch; 1, `unknown`, where the source does not tell. */
function itemOf(
  items: Items,
  known: Int32Array,
  column: Uint32Array | undefined,
  row: number,
  texts: FlowBatch['texts']
): number {
  const number = column?.[row] ?? 0
  if (number === 0) return 1
  let item = known[number] ?? -1
  if (item < 0) known[number] = item = items.numberOf(texts.textOf(number))
  return item
}

function addPieces(blocks: HourBlocks, group: number, pieces: Pieces, begun: number): void {
  const { count, minute, amounts } = pieces
  let { hour } = pieces
  let at = blocks.blockOf(hour, group) * blocks.stride + minute * minuteNumbers
  let { data } = blocks
  data[at + connectionsAt] = (data[at + connectionsAt] ?? 0) + begun
  data[at + slicesAt] = (data[at + slicesAt] ?? 0) + 1
  let left = minutesOfHour - minute
  for (let from = 0; from < count * spreadCounters; from += spreadCounters) {
    if (left-- === 0) {
      left = minutesOfHour - 1
      at = blocks.blockOf(++hour, group) * blocks.stride
      data = blocks.data
    }
    data[at] = (data[at] ?? 0) + (amounts[from] ?? 0)
    data[at + 1] = (data[at + 1] ?? 0) + (amounts[from + 1] ?? 0)
    data[at + 2] = (data[at + 2] ?? 0) + (amounts[from + 2] ?? 0)
    data[at + 3] = (data[at + 3] ?? 0) + (amounts[from + 3] ?? 0)
    at += minuteNumbers
  }
}
