import { natEvents } from '../../../model/nat-events.ts'
import type { DayBlock, DayFlow, RandomDay } from './random-day.ts'

/**
 * The sums of a day as docs/explanation/rollups.md defines them, the plain way: an entry a minute
 * and item, whole numbers without bound, and nothing of the program's own.
 */
export type Sums = Map<string, bigint[]>

const minuteUs = 60_000_000n

function add(sums: Sums, key: string, numbers: readonly bigint[]): void {
  const known = sums.get(key)
  if (known === undefined) sums.set(key, [...numbers])
  else for (const [k, number] of numbers.entries()) known[k] = (known[k] ?? 0n) + number
}

/** Why a row is in no sum, as it is in no table: of no source, or ends before it starts. */
export const isTaken = ({ sourceIndex, startUs, endUs }: DayFlow): boolean =>
  sourceIndex <= 2 && endUs >= startUs

/** A counter in the minutes of [start, last], in proportion; the last has what is left. */
function spread(total: bigint, startUs: bigint, lastUs: bigint): Map<bigint, bigint> {
  const first = startUs / minuteUs
  const last = lastUs / minuteUs
  const pieces = new Map<bigint, bigint>()
  let left = total
  for (let minute = first; minute < last; minute++) {
    const fromUs = minute === first ? startUs : minute * minuteUs
    const share = Number((minute + 1n) * minuteUs - fromUs) / Number(lastUs - startUs)
    const piece = BigInt(Math.floor(Number(total) * share))
    pieces.set(minute, piece)
    left -= piece
  }
  return pieces.set(last, left)
}

/** Items of a flow, by the number of the dimension. */
function itemsOf(flow: DayFlow): (readonly [dimension: number, item: string])[] {
  const named = (text: string): string =>
    text.replaceAll('\u0000', '').slice(0, 64).trim() || 'unknown'
  return [
    [0, ''],
    [1, named(flow.application)],
    [2, named(flow.category)],
    [3, named(flow.spoken)],
    [4, String(flow.protocol)],
    [5, String(flow.ingress)],
    [6, String(flow.egress)],
    [7, insideOf(flow)],
  ]
}

const address = (endpoint: string): string => endpoint.split(' ')[0] ?? ''

/** Who is inside: the source where it was translated, else who a port was forwarded to. */
function insideOf(flow: DayFlow): string {
  if (flow.postNatSource !== undefined) return address(flow.source)
  if (flow.postNatDestination !== undefined) return address(flow.postNatDestination)
  return address(flow.source)
}

/** `dimension source minute item` -> octets, answered, packets, answered, connections, slices. */
export function trafficByMinute({ flows, blocks }: RandomDay): Sums {
  const sums: Sums = new Map()
  for (const flow of flows.filter(isTaken)) {
    const startUs = BigInt(flow.startUs)
    const endUs = BigInt(flow.endUs)
    const lastPacket = BigInt(flow.lastPacketUs ?? 0)
    const lastUs = lastPacket > startUs && lastPacket < endUs ? lastPacket : endUs
    const began = flow.connectionStartUs === flow.startUs && ((flow.flags ?? 0) & 4) === 0
    const counters = [flow.octets, flow.reverseOctets, flow.packets, flow.reversePackets]
    const pieces = counters.map((total) => spread(total ?? 0n, startUs, lastUs))
    for (const [dimension, item] of itemsOf(flow)) {
      const key = (minute: bigint): string => `${dimension} ${flow.sourceIndex} ${minute} ${item}`
      const minutes = [...(pieces[0]?.keys() ?? [])]
      for (const minute of minutes) {
        const numbers = pieces.map((piece) => piece.get(minute) ?? 0n)
        add(sums, key(minute), [...numbers, 0n, 0n])
      }
      add(sums, key(startUs / minuteUs), [0n, 0n, 0n, 0n, began ? 1n : 0n, 1n])
    }
  }
  for (const { event, sourceIndex, startUs } of blocks) {
    const name = eventNames.get(event)
    if (name === undefined) continue
    const minute = BigInt(startUs) / minuteUs
    add(sums, `8 ${sourceIndex} ${minute} ${name}`, [0n, 0n, 0n, 0n, 0n, 1n])
  }
  return nonZero(sums)
}

const eventNames = new Map<number, string>([
  [natEvents.portsExhausted, 'ports-exhausted'],
  [natEvents.quotaExceeded, 'quota-exceeded'],
  [200, '31'],
])

/** Public addresses that a flow held: two where it was translated both ways. */
function publicsOf(flow: DayFlow): string[] {
  const held = []
  if (flow.postNatSource !== undefined) held.push(address(flow.postNatSource))
  if (flow.postNatDestination !== undefined) held.push(address(flow.destination))
  return held
}

function hold(sums: Sums, key: string, from: number, to: number, weights: readonly bigint[]): void {
  const [startUs, endUs] = [BigInt(from), BigInt(to)]
  for (let minute = startUs / minuteUs; minute <= endUs / minuteUs; minute++) {
    const since = minute * minuteUs > startUs ? minute * minuteUs : startUs
    const until = (minute + 1n) * minuteUs < endUs ? (minute + 1n) * minuteUs : endUs
    const us = until - since
    add(
      sums,
      key.replace('MINUTE', String(minute)),
      weights.map((weight) => weight * us)
    )
  }
}

const portsOf = ({ event, first, last, step }: DayBlock): bigint =>
  event === natEvents.addressBindingCreate ? 65_536n : BigInt(Math.floor((last - first) / step) + 1)

/** `source minute address` -> held, connections, blocks held, ports of blocks held. */
export function poolByMinute({ flows, blocks }: RandomDay): Sums {
  const sums: Sums = new Map()
  for (const flow of flows.filter(isTaken)) {
    const began = flow.connectionStartUs === flow.startUs && ((flow.flags ?? 0) & 4) === 0
    for (const outside of publicsOf(flow)) {
      const key = `${flow.sourceIndex} MINUTE ${outside}`
      hold(sums, key, flow.startUs, flow.endUs, [1n, 0n, 0n, 0n])
      const minute = String(BigInt(flow.startUs) / minuteUs)
      add(sums, key.replace('MINUTE', minute), [0n, began ? 1n : 0n, 0n, 0n])
    }
  }
  for (const block of blocks) {
    if (eventNames.has(block.event)) continue
    const key = `${block.sourceIndex} MINUTE ${block.address}`
    hold(sums, key, block.startUs, block.endUs, [0n, 0n, 1n, portsOf(block)])
  }
  return nonZero(sums)
}

/** Inside hosts by `source start address`, the start in minutes since 1970 of each hour or day. */
export function hostsOfAddresses({ flows }: RandomDay, minutes: number): Map<string, Set<string>> {
  const hosts = new Map<string, Set<string>>()
  const width = BigInt(minutes) * minuteUs
  for (const flow of flows.filter(isTaken)) {
    const insides = [
      ...(flow.postNatSource === undefined ? [] : [address(flow.source)]),
      ...(flow.postNatDestination === undefined ? [] : [address(flow.postNatDestination)]),
    ]
    for (const [i, outside] of publicsOf(flow).entries()) {
      const [startUs, endUs] = [BigInt(flow.startUs), BigInt(flow.endUs)]
      for (let slot = startUs / width; slot <= endUs / width; slot++) {
        const key = `${flow.sourceIndex} ${slot * BigInt(minutes)} ${outside}`
        const known = hosts.get(key) ?? new Set()
        hosts.set(key, known.add(insides[i] ?? ''))
      }
    }
  }
  return hosts
}

/** The same sums of longer intervals. The interval's start stands where the minute stood. */
export function widen(sums: Sums, minutes: number, place: number): Sums {
  const wide: Sums = new Map()
  for (const [key, numbers] of sums) {
    const parts = key.split(' ')
    const minute = Number(parts[place])
    parts[place] = String(Math.floor(minute / minutes) * minutes)
    add(wide, parts.join(' '), numbers)
  }
  return wide
}

const nonZero = (sums: Sums): Sums =>
  new Map([...sums].filter(([, numbers]) => numbers.some((number) => number !== 0n)))
