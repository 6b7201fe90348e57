/** Random numbers that are the same for the same seed (xorshift32), cheaper than fast-check's. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0 || 0x9e3779b9
    for (let i = 0; i < 4; i++) this.next()
  }

  /** Below 2^32. */
  next(): number {
    let { state } = this
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.state = state
    return state >>> 0
  }

  /** Below `bound`; 0 where that is 0. */
  below(bound: number): number {
    return bound <= 1 ? 0 : this.next() % bound
  }

  /** A length: mostly short. */
  length(most: number): number {
    return Math.min(most, 1 + this.below(1 << (1 + this.below(9))))
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)]
    if (one === undefined) throw new Error('nothing to pick from')
    return one
  }

  /** The place of one of a list: of three the shortest, so that most are short; at times of any. */
  mostlyShort(list: readonly { readonly length: number }[]): number {
    let best = this.below(list.length)
    if (this.below(8) === 0) return best
    for (let left = 2; left > 0; left--) {
      const other = this.below(list.length)
      if ((list[other]?.length ?? 0) < (list[best]?.length ?? 0)) best = other
    }
    return best
  }

  chance(oneIn: number): boolean {
    return this.next() % oneIn === 0
  }
}
