import { widthUs } from '../../model/rollup.ts'

const minuteUs = widthUs.minute

/** Minutes that one slice can touch: an hour, and the minute that it begins in. */
const maxPieces = 64

/** What is spread: octets and packets of both directions. */
export const spreadCounters = 4

/**
 * A slice's counters, spread over the minutes from its start to its last packet in proportion to
 * the time in each. The pieces are whole numbers and add up to the counters exactly: what
 * rounding leaves over falls into the last minute.
 */
export class Pieces {
  /** Minutes that the slice touches. */
  count = 0
  /** The first of them, in minutes since 1970. */
  firstMinute = 0
  /** The same as an hour since 1970 and a minute of it. */
  hour = 0
  minute = 0
  /** Piece i of counter k stands at `i * spreadCounters + k`. */
  readonly amounts = new Float64Array(spreadCounters * maxPieces)
  /** What is spread, whole. */
  readonly totals = new Float64Array(spreadCounters)
  /** Shares of the first minute, and of each between it and the last. */
  #headShare = 0
  #wholeShare = 0

  /** Begins with another slice. */
  begin(startUs: number, lastUs: number): void {
    this.firstMinute = Math.floor(startUs / minuteUs)
    this.hour = Math.floor(this.firstMinute / 60)
    this.minute = this.firstMinute - this.hour * 60
    this.count = Math.min(maxPieces, Math.floor(lastUs / minuteUs) - this.firstMinute + 1)
    if (this.count === 1) return
    const spanUs = lastUs - startUs
    this.#headShare = ((this.firstMinute + 1) * minuteUs - startUs) / spanUs
    this.#wholeShare = minuteUs / spanUs
  }

  /** Spreads counter k: a whole number below 2^48. */
  spread(k: number, total: number): void {
    const { amounts, count } = this
    this.totals[k] = total
    if (count === 1) {
      amounts[k] = total
      return
    }
    const head = Math.floor(total * this.#headShare)
    const whole = Math.floor(total * this.#wholeShare)
    amounts[k] = head
    const last = (count - 1) * spreadCounters + k
    for (let at = spreadCounters + k; at < last; at += spreadCounters) amounts[at] = whole
    const tail = total - head - (count - 2) * whole
    amounts[last] = tail
    if (tail >= 0) return
    // A product was rounded up to the next whole number.
    amounts[last] = 0
    amounts[k] = head + tail
  }
}
