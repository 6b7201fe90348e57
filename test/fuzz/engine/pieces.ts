/** Lines that a piece has at most; a section that is longer is cut behind them. */
const mostLines = 6

/**
 * Texts and the sections of each, which begin where a line is not indented: most of what a decoder
 * is given should be short, since time grows with length and what breaks it seldom does.
 */
export function withPieces(texts: readonly string[]): string[] {
  const pieces = texts.flatMap((text) => {
    const sections = text.split(/\n(?=[^\s}\])])/)
    return sections.map((section) => {
      const lines = section.trimEnd().split('\n').slice(0, mostLines)
      return `${lines.join('\n')}\n`
    })
  })
  return [...new Set([...texts, ...pieces])]
}
