import { AddressTable } from './address-table.ts'
import { HourBlocks } from './hour-blocks.ts'
import { spreadCounters } from './pieces.ts'
import type { Pieces } from './pieces.ts'
import { hashAddress } from './sketch.ts'
import { connectionsAt, minuteNumbers, slicesAt } from './traffic-sums.ts'

/** Hosts that are told apart between two writes; those past it are one, `other`. */
const maxHosts = 1 << 18

const minutesOfHour = 60

/** Sums by hour of each inside host. */
export class HostSums {
  /** Rows of hosts that there was no room for. */
  refused = 0
  readonly hosts = new AddressTable()
  readonly blocks = new HourBlocks(minuteNumbers, 4096)
  readonly #most: number

  constructor(most = maxHosts) {
    this.#most = most
  }

  /** Adds a row of the host at word `at` of `words`. */
  add(
    words: Uint32Array,
    at: number,
    source: number,
    hash: number,
    pieces: Pieces,
    begun: number
  ): void {
    const group = this.#groupOf(words, at, source, hash)
    const { count, firstMinute, amounts, stride } = pieces
    const { blocks } = this
    let minute = firstMinute
    let place = this.#placeOf(minute, group)
    let { data } = blocks
    data[place + connectionsAt] = (data[place + connectionsAt] ?? 0) + begun
    data[place + slicesAt] = (data[place + slicesAt] ?? 0) + 1
    for (let i = 0; i < count; i++, minute++) {
      if (i > 0 && minute % minutesOfHour === 0) {
        place = this.#placeOf(minute, group)
        data = blocks.data
      }
      for (let k = 0; k < spreadCounters; k++) {
        data[place + k] = (data[place + k] ?? 0) + (amounts[k * stride + i] ?? 0)
      }
    }
  }

  clear(): void {
    this.hosts.clear()
    this.blocks.clear()
  }

  #placeOf(minute: number, group: number): number {
    return this.blocks.blockOf(Math.floor(minute / minutesOfHour), group) * minuteNumbers
  }

  /** The unspecified address, `::`, stands for the rest of its source. */
  #groupOf(words: Uint32Array, at: number, source: number, hash: number): number {
    const { hosts } = this
    if (hosts.count >= this.#most && !hosts.has(source, words, at, hash)) {
      this.refused++
      return hosts.numberOf(source, 0, 0, 0, 0, hashAddress(0, 0, 0, 0))
    }
    const [w0, w1, w2, w3] = [words[at], words[at + 1], words[at + 2], words[at + 3]]
    return hosts.numberOf(source, w0 ?? 0, w1 ?? 0, w2 ?? 0, w3 ?? 0, hash)
  }
}
