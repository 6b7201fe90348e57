import { minuteNumbers } from './traffic-sums.ts'

/** A row of sums of one width, before it is written. */
export interface TrafficKey {
  readonly dimension: number
  readonly source: number
  readonly item: string
}

const literal = (numbers: readonly number[]): string => `{${numbers.join(',')}}`

/** Past this a sum is cut, so that it fits int8 whatever it is added to. */
const maxSum = 2 ** 62

/** Columns of rows for one statement; those of numbers go to the server as one text each. */
export class RowTable {
  readonly #seconds: number[] = []
  readonly #sums: number[][] = Array.from({ length: minuteNumbers }, () => [])
  readonly #keys: TrafficKey[] = []

  get length(): number {
    return this.#keys.length
  }

  /** @param sums the six numbers of a row stand from `at` on */
  add(key: TrafficKey, seconds: number, sums: Float64Array, at = 0): void {
    this.#keys.push(key)
    this.#seconds.push(seconds)
    for (let k = 0; k < minuteNumbers; k++) {
      this.#sums[k]?.push(Math.min(maxSum, sums[at + k] ?? 0))
    }
  }

  /** Values of {@link trafficSql}. */
  values(): unknown[] {
    return [
      literal(this.#seconds),
      ...this.#sums.map((column) => `{${column.map((sum) => sum.toFixed(0)).join(',')}}`),
      literal(this.#keys.map(({ dimension }) => dimension)),
      literal(this.#keys.map(({ source }) => source)),
      this.#keys.map(({ item }) => item),
    ]
  }
}
