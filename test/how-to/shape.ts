/**
 * What two outputs of one command have in common on any machine: words. What has a digit in it
 * (numbers, addresses, times, identifiers) is another one each time, and marks are laid out.
 */
function wordsOf(line: string): string[] {
  return line
    .split(/[^\p{L}\p{N}_.:/+-]+/u)
    .filter((word) => /^[^\p{N}]*\p{L}[^\p{N}]*$/u.test(word))
}

/**
 * The first line of a page's output whose words do not stand in this order in what was printed
 * behind those of the lines before it; undefined where all do.
 */
export function firstMissingLine(shown: string, printed: string): string | undefined {
  const words = wordsOf(printed)
  let at = 0
  for (const line of shown.split('\n')) {
    for (const word of wordsOf(line)) {
      const found = words.indexOf(word, at)
      if (found === -1) return line
      at = found + 1
    }
  }
  return undefined
}
