import { formatWords } from '../../model/address.ts'
import { otherItem, rollupDimensions, widthUs } from '../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../model/rollup.ts'
import type { RollupAggregate } from './aggregate.ts'
import type { HourBlocks } from './hour-blocks.ts'
import { RowTable } from './row-table.ts'
import type { TrafficKey } from './row-table.ts'
import { minuteNumbers, slicesAt } from './traffic-sums.ts'

/** Rows of each width. */
export type TrafficTables = Readonly<Record<RollupWidth, RowTable>>

/** Inside hosts that have rows of their own, of each source and hour that is written. */
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
    const { source, application, category, protocol } = group
    fold.add(block, 'application', source, application, (item) => applications.textOf(item))
    fold.add(block, 'category', source, category, (item) => categories.textOf(item))
    fold.add(block, 'protocol', source, protocol, (item) => protocols.textOf(item))
  }
  const interfaceText = (item: number): string => interfaces.textOf(item)
  for (const block of blocksOf(traffic.wayBlocks)) {
    const group = ways.list[block.group]
    if (group === undefined) continue
    const { source, transport, ingress, egress } = group
    fold.add(block, 'total', source, 0, () => '')
    fold.add(block, 'transport', source, transport, String)
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

/** Octets of both directions at least which a host has rows of its own, of each source and hour. */
function hostBounds({ hosts }: RollupAggregate): ReadonlyMap<number, number> {
  const weights = new Map<number, number[]>()
  for (const { data, at, hour, group } of blocksOf(hosts.blocks)) {
    const key = hosts.hosts.sourceOf(group) * 2 ** 20 + (hour % 2 ** 20)
    const known = weights.get(key)
    const weight = (data[at] ?? 0) + (data[at + 1] ?? 0)
    if (known === undefined) weights.set(key, [weight])
    else known.push(weight)
  }
  return new Map(
    [...weights].map(([key, all]) => {
      if (all.length <= hostsPerHour) return [key, 0]
      return [key, Float64Array.from(all).sort()[all.length - hostsPerHour] ?? 0]
    })
  )
}

function addHosts(aggregate: RollupAggregate, tables: TrafficTables, days: Days): void {
  const { hosts } = aggregate
  const bounds = hostBounds(aggregate)
  const dimension = rollupDimensions.inside
  const others = new Map<number, { key: TrafficKey; hour: number; sums: Float64Array }>()
  for (const { data, at, hour, group } of blocksOf(hosts.blocks)) {
    const source = hosts.hosts.sourceOf(group)
    const place = source * 2 ** 20 + (hour % 2 ** 20)
    const words = hosts.hosts.wordsOf(group)
    const isRest = words.every((word) => word === 0)
    if (!isRest && (data[at] ?? 0) + (data[at + 1] ?? 0) >= (bounds.get(place) ?? 0)) {
      const key = { dimension, source, item: formatWords(words) }
      tables.hour.add(key, hour * hourSeconds, data, at)
      days.add(key, hour, data, at)
      continue
    }
    const key = { dimension, source, item: otherItem }
    const other = others.get(place) ?? { key, hour, sums: new Float64Array(minuteNumbers) }
    others.set(place, other)
    addNumbers(other.sums, data, at)
  }
  for (const { key, hour, sums } of others.values()) {
    tables.hour.add(key, hour * hourSeconds, sums)
    days.add(key, hour, sums)
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
