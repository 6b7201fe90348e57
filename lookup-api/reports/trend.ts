/** A straight line through points: y = at(x). */
export interface Trend {
  /** How much y grows for 1 of x. */
  readonly slope: number
  at(x: number): number
}

/** A trend of fewer points than this is chance. */
export const leastPoints = 3

/** Ordinary least squares; undefined for fewer than {@link leastPoints} or all at one x. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend | undefined {
  const count = points.length
  if (count < leastPoints) return undefined
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count
  let products = 0
  let squares = 0
  for (const [x, y] of points) {
    products += (x - meanX) * (y - meanY)
    squares += (x - meanX) ** 2
  }
  if (squares === 0) return undefined
  const slope = products / squares
  return { slope, at: (x) => meanY + slope * (x - meanX) }
}

/**
 * How far from `x` the trend reaches `ceiling`: 0 where it is there already, null where it does not
 * grow, so that nobody can say.
 */
export function untilFull(trend: Trend | undefined, x: number, ceiling: number): number | null {
  if (trend === undefined || trend.slope <= 0) return null
  return Math.max(0, (ceiling - trend.at(x)) / trend.slope)
}
