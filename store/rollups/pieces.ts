import { widthUs } from '../../model/rollup.ts'

const minuteUs = widthUs.minute
const minuteMs = minuteUs / 1e3

/** Minutes that one slice can touch: an hour, and the minute that it begins in. */
const maxPieces = 64

/** What is spread: octets and packets of both directions. */
export const spreadCounters = 4

/**
 * A slice's counters, spread over the minutes from its start to its last packet in proportion to
 * the milliseconds in each. The pieces are whole numbers and add up to the counters exactly: what
 * rounding leaves over falls into the last minute.
 */
export class Pieces {
  /** Minutes that the slice touches. */
  count = 0
  /** The first of them, in minutes since 1970. */
  firstMinute = 0
  /** Piece i of counter k stands at `k * stride + i`. */
  readonly amounts = new Float64Array(spreadCounters * maxPieces)
  readonly stride = maxPieces
  #headMs = 0
  #spanMs = 0

  /** Begins with another slice. */
  begin(startUs: number, lastUs: number): void {
    this.firstMinute = Math.floor(startUs / minuteUs)
    this.count = Math.min(maxPieces, Math.floor(lastUs / minuteUs) - this.firstMinute + 1)
    const startMs = Math.floor(startUs / 1e3)
    this.#headMs = (this.firstMinute + 1) * minuteMs - startMs
    this.#spanMs = Math.floor(lastUs / 1e3) - startMs
  }

  /** Spreads counter k: a whole number below 2^53. */
  spread(k: number, total: number): void {
    const { amounts, count } = this
    const at = k * maxPieces
    if (count === 1) {
      amounts[at] = total
      return
    }
    // total * ms / span, rounded down, without a product that a double does not hold.
    const span = this.#spanMs
    const rest = total % span
    const each = (total - rest) / span
    const head = each * this.#headMs + Math.floor((rest * this.#headMs) / span)
    const whole = each * minuteMs + Math.floor((rest * minuteMs) / span)
    amounts[at] = head
    for (let i = 1; i < count - 1; i++) amounts[at + i] = whole
    amounts[at + count - 1] = total - head - (count - 2) * whole
  }
}
