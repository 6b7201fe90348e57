/**
 * How much a value grows in an hour, by least squares; NaN where there are not two times.
 *
 * @param points pairs of seconds and value
 */
export function slopePerHour(
  points: readonly (readonly [seconds: number, value: number])[]
): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, one) => sum + one[of], 0) / points.length
  const [atMean, valueMean] = [mean(0), mean(1)]
  let [along, square] = [0, 0]
  for (const [at, value] of points) {
    along += (at - atMean) * (value - valueMean)
    square += (at - atMean) ** 2
  }
  return (3600 * along) / square
}
