import type { RuleDraft } from './draft.ts'

const maxLineLetters = 65_536

/** Calls `take` with each line that says something, the draft's `line` set to its number. */
export function eachLine(text: string, draft: RuleDraft, take: (line: string) => void): void {
  let from = 0
  draft.line = 0
  while (from < text.length) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    draft.line++
    if (to - from > maxLineLetters) draft.error(`A line has at most ${maxLineLetters} letters.`)
    else {
      const line = text.slice(from, to).trimEnd()
      const first = line.trimStart()
      if (first !== '' && !first.startsWith('#')) take(line)
    }
    from = to + 1
  }
}

/** A word of a line, and its column, from 1. */
export interface Word {
  readonly text: string
  readonly column: number
}

/** The words of a line, up to a remark. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = []
  for (const { 0: text, index } of line.matchAll(/\S+/g)) {
    if (text.startsWith('#')) break
    words.push({ text, column: index + 1 })
  }
  return words
}
