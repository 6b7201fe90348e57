/** Numbers for pairs of small integers, in the order in which they came. */
export class PairTable {
  count = 0
  #keys = new Int32Array(2 * 512)
  #slots = new Int32Array(2048).fill(-1)

  /** The number of a pair of integers of 31 bits; `count` grows where it is new. */
  numberOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    let slot = mix(high, low) & mask
    for (;;) {
      const number = this.#slots[slot] ?? -1
      if (number < 0) return this.#add(slot, high, low)
      if (this.#keys[2 * number] === high && this.#keys[2 * number + 1] === low) return number
      slot = (slot + 1) & mask
    }
  }

  clear(): void {
    this.count = 0
    this.#slots.fill(-1)
  }

  #add(slot: number, high: number, low: number): number {
    const number = this.count++
    if (2 * this.count > this.#keys.length) {
      const larger = new Int32Array(2 * this.#keys.length)
      larger.set(this.#keys)
      this.#keys = larger
    }
    this.#keys[2 * number] = high
    this.#keys[2 * number + 1] = low
    this.#slots[slot] = number
    if (2 * this.count > this.#slots.length) this.#rehash()
    return number
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1)
    const mask = slots.length - 1
    for (let number = 0; number < this.count; number++) {
      let slot = mix(this.#keys[2 * number] ?? 0, this.#keys[2 * number + 1] ?? 0) & mask
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      slots[slot] = number
    }
    this.#slots = slots
  }
}

function mix(high: number, low: number): number {
  const hash = Math.imul(Math.imul(high, 0x9e3779b1) ^ low, 0x85ebca6b)
  return hash ^ (hash >>> 15)
}
