import { formatWords } from '../../model/address.ts'
import { otherItem, rollupDimensions, widthUs } from '../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../model/rollup.ts'
import type { RollupAggregate } from './aggregate.ts'
import { hostNumbers } from './host-hour.ts'
import type { HostHour } from './host-hour.ts'
import type { HourBlocks } from './hour-blocks.ts'
import { RowTable } from './row-table.ts'
import type { TrafficKey } from './row-table.ts'
import { minuteNumbers, slicesAt } from './traffic-sums.ts'

/** Rows of each width. */
export type TrafficTables = Readonly<Record<RollupWidth, RowTable>>

/** Inside hosts that have rows of their own, of each hour that is written. */
export const hostsPerHour = 300

const minutesOfHour = 60
const hourSeconds = widthUs.hour / 1e6
const daySeconds = widthUs.day / 1e6

/** An hour of one item: six numbers for each of its minutes. */
interface HourOfItem {
  readonly key: TrafficKey
  readonly hour: number
  readonly minutes: Float64Array
}

/** Gathers blocks of groups into hours of items. */
class Fold {
  readonly hours = new Map<number, HourOfItem>()

  /** @param number of the item within its dimension and source, below 8192 */
  add(
    block: { readonly data: Float64Array; readonly at: number; readonly hour: number },
    dimension: RollupDimension,
    source: number,
    number: number,
    textOf: (number: number) => string
  ): void {
    const place = (rollupDimensions[dimension] * 32_768 + source) * 8192 + number
    const key = place * 2 ** 20 + (block.hour % 2 ** 20)
    let hour = this.hours.get(key)
    if (hour === undefined) {
      const names = { dimension: rollupDimensions[dimension], source, item: textOf(number) }
      const minutes = new Float64Array(minutesOfHour * minuteNumbers)
      hour = { key: names, hour: block.hour, minutes }
      this.hours.set(key, hour)
    }
    const { minutes } = hour
    const { data, at } = block
    for (let i = 0; i < minutes.length; i++) minutes[i] = (minutes[i] ?? 0) + (data[at + i] ?? 0)
  }
}

function* blocksOf(blocks: HourBlocks) {
  for (let block = 0; block < blocks.count; block++) {
    const hour = blocks.hours[block] ?? 0
    const group = blocks.groups[block] ?? 0
    yield { data: blocks.data, at: block * blocks.stride, hour, group }
  }
}

/** 1 is `unknown`: a source that does not tell interfaces has no rows of them. */
const noInterface = 1

function foldTraffic({ traffic }: RollupAggregate): Fold {
  const fold = new Fold()
  const { applications, categories, protocols, interfaces, names, ways } = traffic
  for (const block of blocksOf(traffic.nameBlocks)) {
    const group = names.list[block.group]
    if (group === undefined) continue
    const { source, transport, application, category, protocol } = group
    fold.add(block, 'total', source, 0, () => '')
    fold.add(block, 'transport', source, transport, String)
    fold.add(block, 'application', source, application, (item) => applications.textOf(item))
    fold.add(block, 'category', source, category, (item) => categories.textOf(item))
    fold.add(block, 'protocol', source, protocol, (item) => protocols.textOf(item))
  }
  const interfaceText = (item: number): string => interfaces.textOf(item)
  for (const block of blocksOf(traffic.wayBlocks)) {
    const group = ways.list[block.group]
    if (group === undefined) continue
    const { source, ingress, egress } = group
    if (ingress !== noInterface) fold.add(block, 'ingress', source, ingress, interfaceText)
    if (egress !== noInterface) fold.add(block, 'egress', source, egress, interfaceText)
  }
  return fold
}

/** Adds the six numbers at `at` to those of a sum; true where any of them is not 0. */
function addNumbers(sum: Float64Array, numbers: Float64Array, at: number): boolean {
  let any = false
  for (let k = 0; k < minuteNumbers; k++) {
    const number = numbers[at + k] ?? 0
    sum[k] = (sum[k] ?? 0) + number
    any ||= number !== 0
  }
  return any
}

/** Days of items, which several hours add to. */
class Days {
  readonly #days = new Map<string, { key: TrafficKey; seconds: number; sums: Float64Array }>()

  add(key: TrafficKey, hour: number, sums: Float64Array, at = 0): void {
    const seconds = Math.floor((hour * hourSeconds) / daySeconds) * daySeconds
    const name = `${key.dimension} ${key.source} ${seconds} ${key.item}`
    const day = this.#days.get(name) ?? { key, seconds, sums: new Float64Array(minuteNumbers) }
    this.#days.set(name, day)
    addNumbers(day.sums, sums, at)
  }

  addTo(table: RowTable): void {
    for (const { key, seconds, sums } of this.#days.values()) table.add(key, seconds, sums)
  }
}

function addHour({ key, hour, minutes }: HourOfItem, tables: TrafficTables, days: Days): void {
  const startSeconds = hour * hourSeconds
  const all = new Float64Array(minuteNumbers)
  for (let five = 0; five < minutesOfHour; five += 5) {
    const sum = new Float64Array(minuteNumbers)
    let any = false
    for (let minute = five; minute < five + 5; minute++) {
      const at = minute * minuteNumbers
      if (!addNumbers(sum, minutes, at)) continue
      any = true
      tables.minute.add(key, startSeconds + minute * 60, minutes, at)
    }
    if (!any) continue
    tables.five_minutes.add(key, startSeconds + five * 60, sum)
    addNumbers(all, sum, 0)
  }
  if (all.every((number) => number === 0)) return
  tables.hour.add(key, startSeconds, all)
  days.add(key, hour, all)
}

const octetsOf = (data: Float64Array, place: number): number =>
  (data[place + 1] ?? 0) + (data[place + 2] ?? 0)

/** Weights by exponent and the first four bits behind it: enough to find the greatest by. */
const buckets = 8192
const bitsBelow = 19
const asFloat = new Float32Array(1)
const asWord = new Uint32Array(asFloat.buffer)

function bucketOf(weight: number): number {
  asFloat[0] = weight
  return (asWord[0] ?? 0) >>> bitsBelow
}

/** The bucket from which on hosts have rows of their own: some {@link hostsPerHour} of them. */
function boundOf({ data, count }: HostHour): number {
  if (count <= hostsPerHour) return 0
  const hostsIn = new Int32Array(buckets)
  for (let place = 0; place < data.length; place += hostNumbers) {
    if (data[place] === 0) continue
    const bucket = bucketOf(octetsOf(data, place))
    hostsIn[bucket] = (hostsIn[bucket] ?? 0) + 1
  }
  let hosts = 0
  for (let bucket = buckets - 1; bucket > 0; bucket--) {
    hosts += hostsIn[bucket] ?? 0
    if (hosts >= hostsPerHour) return bucket
  }
  return 0
}

function addHosts({ hosts }: RollupAggregate, tables: TrafficTables, days: Days): void {
  const dimension = rollupDimensions.inside
  for (const [hour, table] of hosts.hours) {
    const bound = boundOf(table)
    const others = new Map<number, Float64Array>()
    const { data } = table
    for (let place = 0; place < data.length; place += hostNumbers) {
      const key = data[place] ?? 0
      if (key === 0) continue
      const host = bucketOf(octetsOf(data, place)) < bound ? undefined : hosts.hostOf(key)
      if (host !== undefined) {
        const row = { dimension, source: host.source, item: formatWords(host.words) }
        tables.hour.add(row, hour * hourSeconds, data, place + 1)
        days.add(row, hour, data, place + 1)
        continue
      }
      const source = hosts.sourceOf(key)
      let other = others.get(source)
      if (other === undefined) others.set(source, (other = new Float64Array(minuteNumbers)))
      addNumbers(other, data, place + 1)
    }
    for (const [source, sums] of others) {
      const row = { dimension, source, item: otherItem }
      tables.hour.add(row, hour * hourSeconds, sums)
      days.add(row, hour, sums)
    }
  }
}

function addEvents({ events }: RollupAggregate, tables: TrafficTables, days: Days): void {
  for (const { data, at, hour, group } of blocksOf(events.blocks)) {
    const source = events.sourceOf(group)
    const key = { dimension: rollupDimensions.natEvent, source, item: events.nameOf(group) }
    const minutes = new Float64Array(minutesOfHour * minuteNumbers)
    for (let minute = 0; minute < minutesOfHour; minute++) {
      minutes[minute * minuteNumbers + slicesAt] = data[at + minute] ?? 0
    }
    addHour({ key, hour, minutes }, tables, days)
  }
}

/** Everything that an aggregate holds of traffic, as rows of each width. */
export function trafficTables(aggregate: RollupAggregate): TrafficTables {
  const tables: TrafficTables = {
    minute: new RowTable(),
    five_minutes: new RowTable(),
    hour: new RowTable(),
    day: new RowTable(),
  }
  const days = new Days()
  for (const hour of foldTraffic(aggregate).hours.values()) addHour(hour, tables, days)
  addHosts(aggregate, tables, days)
  addEvents(aggregate, tables, days)
  days.addTo(tables.day)
  return tables
}
