/**
 * Takes a 64-bit number off row `row` of a u64 column, exactly (two 32-bit halves with a borrow). A
 * counter that went back was reset; it then stands for itself.
 *
 * @param low low half of what is taken off, whatever its sign
 * @param high its high half
 */
export function subtractCounter(column: Uint32Array, row: number, low: number, high: number): void {
  const [baseLow, baseHigh] = [low >>> 0, high >>> 0]
  const ownLow = column[2 * row] ?? 0
  const ownHigh = column[2 * row + 1] ?? 0
  if (ownHigh < baseHigh || (ownHigh === baseHigh && ownLow < baseLow)) return
  column[2 * row] = ownLow - baseLow
  column[2 * row + 1] = ownHigh - baseHigh - (ownLow < baseLow ? 1 : 0)
}
