import type { AddressWords } from '../../model/address.ts'
import { hashAddress } from './sketch.ts'

const wordsOfKey = 5

/**
 * Numbers for addresses of sources, in the order in which they came: an open-addressing table whose
 * keys are words, so that no text is made of an address on the way in.
 */
export class AddressTable {
  /** Addresses in it. */
  count = 0
  #keys = new Uint32Array(wordsOfKey * 1024)
  #slots = new Int32Array(4096).fill(-1)

  /** The number of an address of a source; it gets one where it has none. */
  numberOf(source: number, w0: number, w1: number, w2: number, w3: number, hash: number): number {
    const mask = this.#slots.length - 1
    let slot = (hash + Math.imul(source, 0x9e3779b1)) & mask
    for (;;) {
      const number = this.#slots[slot] ?? -1
      if (number < 0) return this.#add(slot, source, w0, w1, w2, w3)
      const at = wordsOfKey * number
      if (
        this.#keys[at + 4] === w3 &&
        this.#keys[at] === source &&
        this.#keys[at + 3] === w2 &&
        this.#keys[at + 2] === w1 &&
        this.#keys[at + 1] === w0
      ) {
        return number
      }
      slot = (slot + 1) & mask
    }
  }

  /** True where the address at word `at` has a number. */
  has(source: number, words: ArrayLike<number>, at: number, hash: number): boolean {
    const mask = this.#slots.length - 1
    let slot = (hash + Math.imul(source, 0x9e3779b1)) & mask
    for (;;) {
      const number = this.#slots[slot] ?? -1
      if (number < 0) return false
      const key = wordsOfKey * number
      let isSame = this.#keys[key] === source
      for (let i = 0; i < 4; i++) isSame &&= this.#keys[key + 1 + i] === words[at + i]
      if (isSame) return true
      slot = (slot + 1) & mask
    }
  }

  sourceOf(number: number): number {
    return this.#keys[wordsOfKey * number] ?? 0
  }

  wordsOf(number: number): AddressWords {
    const at = wordsOfKey * number
    const keys = this.#keys
    return [keys[at + 1] ?? 0, keys[at + 2] ?? 0, keys[at + 3] ?? 0, keys[at + 4] ?? 0]
  }

  clear(): void {
    this.count = 0
    this.#slots.fill(-1)
  }

  #add(slot: number, source: number, w0: number, w1: number, w2: number, w3: number): number {
    const number = this.count++
    if (this.count * wordsOfKey > this.#keys.length) {
      const larger = new Uint32Array(2 * this.#keys.length)
      larger.set(this.#keys)
      this.#keys = larger
    }
    this.#keys.set([source, w0, w1, w2, w3], wordsOfKey * number)
    this.#slots[slot] = number
    if (2 * this.count > this.#slots.length) this.#rehash()
    return number
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1)
    const mask = slots.length - 1
    for (let number = 0; number < this.count; number++) {
      const hash = hashAddress(...this.wordsOf(number))
      let slot = (hash + Math.imul(this.sourceOf(number), 0x9e3779b1)) & mask
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      slots[slot] = number
    }
    this.#slots = slots
  }
}
