/**
 * Numbers of groups by hour, in one typed array: a block of `stride` numbers for each group and
 * hour that something was added to. Late rows get blocks of their own hour.
 */
export class HourBlocks {
  readonly stride: number
  /** Grows: read it anew after {@link blockOf}. Block b stands at `b * stride`. */
  data: Float64Array
  /** Blocks in use. */
  count = 0
  /** Of each block, which hour (since 1970) and group it is of. */
  readonly hours: number[] = []
  readonly groups: number[] = []
  readonly #byHour = new Map<number, number[]>()
  #hour = -1
  #blocks: number[] = []

  constructor(stride: number, blocks = 64) {
    this.stride = stride
    this.data = new Float64Array(stride * blocks)
  }

  /** The block of a group in an hour; it is made, all zeros, where there is none. */
  blockOf(hour: number, group: number): number {
    if (hour !== this.#hour) this.#enter(hour)
    return this.#blocks[group] ?? this.#add(hour, group)
  }

  /** Forgets everything. */
  clear(): void {
    this.data.fill(0, 0, this.count * this.stride)
    this.count = 0
    this.hours.length = 0
    this.groups.length = 0
    this.#byHour.clear()
    this.#hour = -1
  }

  #enter(hour: number): void {
    this.#hour = hour
    this.#blocks = this.#byHour.get(hour) ?? []
    this.#byHour.set(hour, this.#blocks)
  }

  #add(hour: number, group: number): number {
    const block = this.count++
    if (this.count * this.stride > this.data.length) {
      const larger = new Float64Array(2 * this.data.length)
      larger.set(this.data)
      this.data = larger
    }
    this.hours.push(hour)
    this.groups.push(group)
    this.#blocks[group] = block
    return block
  }
}
