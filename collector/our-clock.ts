/** So long must our clock have gone on without being set to be compared with others (ms). */
const steadyMs = 60_000

/**
 * Whether our own clock can be compared with that of others. It cannot where it was set just now,
 * and after a start it may be soon: a gateway without a battery is set right by the network some
 * time after it starts. What is told of another's clock meanwhile would stay, since look-ups are
 * widened by the greatest skew that was ever told of a source.
 *
 * It goes by the monotonic clock, which nobody sets.
 */
export class OurClock {
  #setMs = -Infinity

  /** It was set just now, or may be soon. */
  set(atMs = performance.now()): void {
    this.#setMs = atMs
  }

  get isSteady(): boolean {
    return performance.now() - this.#setMs >= steadyMs
  }
}
