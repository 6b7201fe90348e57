/**
 * Edits (insert, delete, replace, swap of neighbours) between two words: Damerau-Levenshtein in
 * its optimal string alignment form, over three rows. Given up where two rows in a row show that
 * there are as many as `bound` at least, which then is what it gives.
 */
function distance(a: string, b: string, bound: number): number {
  // Each letter that one has more than the other is an edit.
  if (Math.abs(a.length - b.length) >= bound) return bound
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  let leastAbove = 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
      if (best < least) least = best
    }
    // A swap reaches over one row, and no edit over two.
    if (least >= bound && leastAbove >= bound) return bound
    leastAbove = least
    before = above
    above = row
  }
  return above[b.length] ?? 0
}

/** The known word that was probably meant, or undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // The bound keeps a hostile word from costing anything; no known word is half as long.
  if (word.length > 64) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  const lower = word.toLowerCase()
  for (const candidate of known) {
    const edits = distance(lower, candidate.toLowerCase(), bestDistance)
    if (edits < bestDistance) {
      bestDistance = edits
      best = candidate
    }
  }
  return best
}

/** ` Did you mean X?` with its leading space, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}
