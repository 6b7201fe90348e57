import { widthUs } from '../../model/rollup.ts'
import { AddressTable } from './address-table.ts'
import { HourBlocks } from './hour-blocks.ts'
import { addToSketch, hashAddress, sketchRegisters } from './sketch.ts'

const minutesOfHour = 60
const minuteUs = widthUs.minute

/** Numbers of a minute: how long mappings, blocks and their ports were held; connections. */
export const poolNumbers = 4
export const poolAt = { held: 0, connections: 1, block: 2, blockPorts: 3 } as const

/** Sums by minute of each public address, and which inside hosts it had in each hour. */
export class PoolSums {
  readonly addresses = new AddressTable()
  readonly blocks = new HourBlocks(minutesOfHour * poolNumbers)
  /** Of each block, the inside hosts of its hour. */
  readonly sketches: Uint8Array[] = []

  /** Adds a mapping that was held in [startUs, endUs] for an inside host. */
  addMapping(
    words: Uint32Array,
    at: number,
    source: number,
    insideHash: number,
    startUs: number,
    endUs: number,
    begun: number
  ): void {
    const group = this.#groupOf(words, at, source)
    const minute = Math.floor(startUs / minuteUs)
    const hour = Math.floor(minute / minutesOfHour)
    const block = this.blocks.blockOf(hour, group)
    const base = block * this.blocks.stride
    const { data } = this.blocks
    let place = base + (minute - hour * minutesOfHour) * poolNumbers
    data[place + poolAt.connections] = (data[place + poolAt.connections] ?? 0) + begun
    addToSketch(this.#sketchOf(block), insideHash)
    if (endUs >= (hour + 1) * widthUs.hour) {
      this.#hold(group, startUs, endUs, poolAt.held, 1, insideHash)
      return
    }
    let untilUs = (minute + 1) * minuteUs
    let fromUs = startUs
    for (; untilUs < endUs; untilUs += minuteUs, place += poolNumbers) {
      data[place] = (data[place] ?? 0) + untilUs - fromUs
      fromUs = untilUs
    }
    data[place] = (data[place] ?? 0) + endUs - fromUs
  }

  /** Adds a block of ports that was held in [startUs, endUs]. */
  addBlock(
    words: Uint32Array,
    at: number,
    source: number,
    ports: number,
    startUs: number,
    endUs: number
  ): void {
    const group = this.#groupOf(words, at, source)
    this.#hold(group, startUs, endUs, poolAt.block, 1)
    this.#hold(group, startUs, endUs, poolAt.blockPorts, ports)
  }

  clear(): void {
    this.addresses.clear()
    this.blocks.clear()
    this.sketches.length = 0
  }

  /** Adds the time in each minute, times `factor`; a host is one of each hour's that it meets. */
  #hold(
    group: number,
    startUs: number,
    endUs: number,
    number: number,
    factor: number,
    insideHash?: number
  ): void {
    let minute = Math.floor(startUs / minuteUs)
    const last = Math.floor(endUs / minuteUs)
    let block = this.blocks.blockOf(Math.floor(minute / minutesOfHour), group)
    let fromUs = startUs
    for (; minute <= last; minute++) {
      if (fromUs !== startUs && minute % minutesOfHour === 0) {
        block = this.blocks.blockOf(minute / minutesOfHour, group)
        if (insideHash !== undefined) addToSketch(this.#sketchOf(block), insideHash)
      }
      const untilUs = minute === last ? endUs : (minute + 1) * minuteUs
      const place = this.#placeOf(block, minute) + number
      const { data } = this.blocks
      data[place] = (data[place] ?? 0) + (untilUs - fromUs) * factor
      fromUs = untilUs
    }
  }

  #groupOf(words: Uint32Array, at: number, source: number): number {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = [
      words[at],
      words[at + 1],
      words[at + 2],
      words[at + 3],
    ]
    return this.addresses.numberOf(source, w0, w1, w2, w3, hashAddress(w0, w1, w2, w3))
  }

  #placeOf(block: number, minute: number): number {
    return block * this.blocks.stride + (minute % minutesOfHour) * poolNumbers
  }

  #sketchOf(block: number): Uint8Array {
    return (this.sketches[block] ??= new Uint8Array(sketchRegisters))
  }
}
