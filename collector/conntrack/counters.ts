/**
 * Takes a 64-bit number off row `row` of a u64 column, exactly (two 32-bit halves with a borrow). A
 * counter that went back was reset; it then stands for itself.
 *
 * @param base words `at` and `at + 1` are the low and the high half of what is taken off
 */
export function subtractCounter(
  column: Uint32Array,
  row: number,
  base: Int32Array,
  at: number
): void {
  const low = column[2 * row] ?? 0
  const high = column[2 * row + 1] ?? 0
  const baseLow = (base[at] ?? 0) >>> 0
  const baseHigh = (base[at + 1] ?? 0) >>> 0
  if (high < baseHigh || (high === baseHigh && low < baseLow)) return
  column[2 * row] = low - baseLow
  column[2 * row + 1] = high - baseHigh - (low < baseLow ? 1 : 0)
}
