import type { FlowBatch } from '../../model/flow-batch.ts'
import { HourBlocks } from './hour-blocks.ts'
import { Items } from './items.ts'
import { spreadCounters } from './pieces.ts'
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

/** What a group of names is: its source, and items of application, category and protocol. */
export interface NameGroup {
  readonly source: number
  readonly application: number
  readonly category: number
  readonly protocol: number
}

/** What a group of ways is: its source, the IP protocol, and items of both interfaces. */
export interface WayGroup {
  readonly source: number
  readonly transport: number
  readonly ingress: number
  readonly egress: number
}

/** Numbers of groups, found by what they are, without an object a look-up. */
class Groups<T> {
  readonly list: T[] = []
  readonly #numbers = new Map<number, Map<number, number>>()
  #lastHigh = -1
  #lastLow = -1
  #last = 0

  /** @param high @param low together they are the group */
  numberOf(high: number, low: number, make: () => T): number {
    if (high === this.#lastHigh && low === this.#lastLow) return this.#last
    let inner = this.#numbers.get(high)
    if (inner === undefined) this.#numbers.set(high, (inner = new Map()))
    let number = inner.get(low)
    if (number === undefined) {
      number = this.list.push(make()) - 1
      inner.set(low, number)
    }
    this.#lastHigh = high
    this.#lastLow = low
    this.#last = number
    return number
  }

  clear(): void {
    this.list.length = 0
    this.#numbers.clear()
    this.#lastHigh = -1
  }
}

/**
 * Sums by minute of what traffic is (names) and which way it went (IP protocol, interfaces). A row
 * is added to one group of each; dimensions are made of them when they are written.
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
  #application = new Int32Array(0)
  #category = new Int32Array(0)
  #protocol = new Int32Array(0)
  #lastIndex = -1
  #lastItem = 0

  /** The rows that follow are of this batch: its texts have other numbers. */
  beginBatch({ texts, extras }: FlowBatch): void {
    const size = texts.size
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
    const { extras, texts } = batch
    const application = itemOf(
      this.applications,
      this.#application,
      extras.applicationName,
      row,
      texts
    )
    const category = itemOf(
      this.categories,
      this.#category,
      extras.applicationCategoryName,
      row,
      texts
    )
    const protocol = itemOf(this.protocols, this.#protocol, extras.protocolName, row, texts)
    const name = this.names.numberOf(
      source * 4096 + application,
      category * 4096 + protocol,
      () => ({ source, application, category, protocol })
    )
    addPieces(this.nameBlocks, name, pieces, begun)
    const transport = batch.columns.protocolIdentifier[row] ?? 0
    const ingress = this.#interfaceOf(extras.ingressInterface?.[row])
    const egress = this.#interfaceOf(extras.egressInterface?.[row])
    const way = this.ways.numberOf(source * 256 + transport, ingress * 8192 + egress, () => ({
      source,
      transport,
      ingress,
      egress,
    }))
    addPieces(this.wayBlocks, way, pieces, begun)
  }

  /** Blocks in use. */
  get blocks(): number {
    return this.nameBlocks.count + this.wayBlocks.count
  }

  clear(): void {
    for (const part of [this.names, this.ways, this.nameBlocks, this.wayBlocks]) part.clear()
    this.#lastIndex = -1
    const nowMs = Date.now()
    const items = [this.applications, this.categories, this.protocols, this.interfaces]
    for (const each of items) each.renew(nowMs)
  }

  /** 1, `unknown`, where the source does not tell interfaces. */
  #interfaceOf(index: number | undefined): number {
    if (index === undefined) return 1
    if (index === this.#lastIndex) return this.#lastItem
    this.#lastIndex = index
    this.#lastItem = this.interfaces.numberOf(String(index))
    return this.#lastItem
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
  const { count, firstMinute, amounts, stride } = pieces
  let hour = Math.floor(firstMinute / minutesOfHour)
  let minute = firstMinute - hour * minutesOfHour
  let base = blocks.blockOf(hour, group) * blocks.stride
  let { data } = blocks
  let at = base + minute * minuteNumbers
  data[at + connectionsAt] = (data[at + connectionsAt] ?? 0) + begun
  data[at + slicesAt] = (data[at + slicesAt] ?? 0) + 1
  for (let i = 0; i < count; i++) {
    if (minute === minutesOfHour) {
      minute = 0
      base = blocks.blockOf(++hour, group) * blocks.stride
      data = blocks.data
    }
    at = base + minute * minuteNumbers
    for (let k = 0; k < spreadCounters; k++) {
      data[at + k] = (data[at + k] ?? 0) + (amounts[k * stride + i] ?? 0)
    }
    minute++
  }
}
