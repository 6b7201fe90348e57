import { v4MappedWord } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { AddressTable } from './address-table.ts'
import { HostHour, hostNumbers } from './host-hour.ts'
import { spreadCounters } from './pieces.ts'
import type { Pieces } from './pieces.ts'
import { connectionsAt, slicesAt } from './traffic-sums.ts'

/** Hosts of one hour that are told apart between two writes; those past it are one, `other`. */
const maxHosts = 1 << 17

/** One hour is usual, two where one ends. */
const spareTables = 2

/** Rows that wait for others, since one after another is quicker. */
const waitingRows = 512

const minutesOfHour = 60
const sourceStep = 2 ** 32

/** Sums by hour of each inside host. */
export class HostSums {
  /** Rows of hosts that there was no room for. */
  refused = 0
  /** Hosts of all hours. */
  count = 0
  readonly hours = new Map<number, HostHour>()
  readonly #most: number
  /** What is no IPv4 address is known by its number in here. */
  readonly #others = new AddressTable()
  /** Tables that were used and are empty again. */
  readonly #spare: HostHour[] = []
  readonly #waiting = { data: new Float64Array(hostNumbers * waitingRows) }
  readonly #hashes = new Int32Array(waitingRows)
  #waits = 0
  #hour = -1
  #table = new HostHour()

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
    const isV4 = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === v4MappedWord
    const key = isV4
      ? source * sourceStep + (words[at + 3] ?? 0) + 1
      : -1 - this.#numberOf(words, at, source, hash)
    const { count, hour, minute } = pieces
    const isWhole = minute + count <= minutesOfHour
    if (!isWhole) this.#addPieces(key, hour, source, hash, pieces, begun)
    else {
      if (hour !== this.#hour) this.#enter(hour)
      this.#wait(key, hash, pieces, begun)
    }
  }

  /** Adds those that wait, one right after the other: their ways to memory overlap. */
  settle(): void {
    const { data: waiting } = this.#waiting
    const table = this.#table
    for (let i = 0; i < this.#waits; i++) {
      const from = i * hostNumbers
      const key = waiting[from] ?? 0
      let place = table.find(key, this.#hashes[i] ?? 0)
      if (place < 0)
        place = this.#placeOf(this.#hour, key, this.sourceOf(key), this.#hashes[i] ?? 0)
      const { data } = table
      data[place + 1] = (data[place + 1] ?? 0) + (waiting[from + 1] ?? 0)
      data[place + 2] = (data[place + 2] ?? 0) + (waiting[from + 2] ?? 0)
      data[place + 3] = (data[place + 3] ?? 0) + (waiting[from + 3] ?? 0)
      data[place + 4] = (data[place + 4] ?? 0) + (waiting[from + 4] ?? 0)
      data[place + 5] = (data[place + 5] ?? 0) + (waiting[from + 5] ?? 0)
      data[place + 6] = (data[place + 6] ?? 0) + 1
    }
    this.#waits = 0
  }

  #wait(key: number, hash: number, { totals }: Pieces, begun: number): void {
    const at = this.#waits * hostNumbers
    const { data } = this.#waiting
    data[at] = key
    data[at + 1] = totals[0] ?? 0
    data[at + 2] = totals[1] ?? 0
    data[at + 3] = totals[2] ?? 0
    data[at + 4] = totals[3] ?? 0
    data[at + 5] = begun
    this.#hashes[this.#waits] = hash
    if (++this.#waits === waitingRows) this.settle()
  }

  /** Adds a row that goes on in another hour. */
  #addPieces(
    key: number,
    first: number,
    source: number,
    hash: number,
    pieces: Pieces,
    begun: number
  ): void {
    const { count, minute, amounts } = pieces
    let hour = first
    let left = minutesOfHour - minute
    let place = this.#placeOf(hour, key, source, hash) + 1
    let { data } = this.#table
    data[place + connectionsAt] = (data[place + connectionsAt] ?? 0) + begun
    data[place + slicesAt] = (data[place + slicesAt] ?? 0) + 1
    for (let i = 0; i < count; i++) {
      if (left-- === 0) {
        left = minutesOfHour - 1
        place = this.#placeOf(++hour, key, source, hash) + 1
        data = this.#table.data
      }
      for (let k = 0; k < spreadCounters; k++) {
        data[place + k] = (data[place + k] ?? 0) + (amounts[i * spreadCounters + k] ?? 0)
      }
    }
  }

  /** Who a key of a table is; undefined: all those that there was no room for. */
  hostOf(key: number): { source: number; words: AddressWords } | undefined {
    if (key < 0) {
      const number = -1 - key
      return { source: this.#others.sourceOf(number), words: this.#others.wordsOf(number) }
    }
    const source = Math.floor((key - 1) / sourceStep)
    const word = key - 1 - source * sourceStep
    return word === 0 ? undefined : { source, words: [0, 0, v4MappedWord, word] }
  }

  /** The source of a key. */
  sourceOf(key: number): number {
    return key < 0 ? this.#others.sourceOf(-1 - key) : Math.floor((key - 1) / sourceStep)
  }

  clear(): void {
    for (const table of this.hours.values()) {
      if (this.#spare.length >= spareTables) break
      table.clear()
      this.#spare.push(table)
    }
    this.hours.clear()
    this.#waits = 0
    this.#others.clear()
    this.count = 0
    this.#hour = -1
  }

  #numberOf(words: Uint32Array, at: number, source: number, hash: number): number {
    const [w0, w1, w2, w3] = [words[at], words[at + 1], words[at + 2], words[at + 3]]
    return this.#others.numberOf(source, w0 ?? 0, w1 ?? 0, w2 ?? 0, w3 ?? 0, hash)
  }

  /** Where the sums of a host stand; 0.0.0.0 stands for the rest of its source. */
  #placeOf(hour: number, key: number, source: number, hash: number): number {
    if (hour !== this.#hour) this.#enter(hour)
    const table = this.#table
    const place = table.find(key, hash)
    if (place >= 0) return place
    if (table.count < this.#most) {
      this.count++
      return table.add(key, hash, ~place)
    }
    this.refused++
    const rest = source * sourceStep + 1
    const known = table.find(rest, source)
    return known >= 0 ? known : table.add(rest, source, ~known)
  }

  #enter(hour: number): void {
    this.settle()
    this.#hour = hour
    this.#table = this.hours.get(hour) ?? this.#spare.pop() ?? new HostHour()
    this.hours.set(hour, this.#table)
  }
}
