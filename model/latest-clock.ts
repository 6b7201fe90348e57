/** How far the wall clock has been ahead of the monotonic one at the most (ms). */
let aheadMs = -Infinity

/**
 * Now (us since 1970), or, where the clock was set back while this process ran, what it would be
 * without: what is true by either is in no future.
 */
export function latestUs(): number {
  const monotonicMs = performance.now()
  aheadMs = Math.max(aheadMs, Date.now() - monotonicMs)
  return Math.floor(aheadMs + monotonicMs) * 1000
}
