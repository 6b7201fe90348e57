import { judgeLabel } from './labels.ts'

/** A name and its value on a line. */
export interface Pair {
  readonly name: string
  readonly value: string
  readonly start: number
}

const bullet = /^[\s*•·#>|–-]+/

/** A colon or equals sign, a run of dots, or a tab: what stands between a name and its value. */
const separator = /\s*(?::(?!\/\/)|=(?!=)|\.{3,}:?|\t+)\s*/g

/** The words right before a separator that are the name, up to six of them. */
function nameBefore(text: string, inside: boolean): { name: string; start: number } | undefined {
  const cut = Math.max(...[',', ';', '|', '\t', '  '].map((mark) => text.lastIndexOf(mark)))
  const from = cut < 0 ? 0 : cut + 1
  const words = [...text.slice(from).matchAll(/\S+/g)].slice(-7)
  for (const [i, word] of words.entries()) {
    const start = from + word.index
    const name = text.slice(start)
    // The longest run of words that is a name; figures belong to the value before.
    if (/^[\d[]|\d{3}|\d[.:]\d/.test(word[0])) continue
    if (
      words.slice(i).some((later) => /^[^(]*(?:\d[.:]\d|:[^:]|\[[\da-f:]{3})|^\d+$/.test(later[0]))
    ) {
      continue
    }
    // Where nothing stands before it, the name is all of it: `Infringement source` is no source.
    const figures = words.slice(0, i).some((before) => /\d/.test(before[0]))
    if (i > 0 && !inside && cut < 0 && !figures) break
    if (judgeLabel(name) !== undefined) return { name, start }
  }
  return undefined
}

/** The names with values on one line: `IP: 192.0.2.1, Port: 4711` has two. */
export function findPairs(line: string): Pair[] {
  const clean = line.replace(bullet, '').replaceAll('**', '')
  const names: { name: string; start: number; valueAt: number }[] = []
  let separators = 0
  for (const match of clean.matchAll(separator)) {
    const last = names.at(-1)
    const inside = separators++ > 0 || match[0].includes('=')
    const from = last?.valueAt ?? 0
    if (match.index < from) continue
    const found = nameBefore(clean.slice(from, match.index), inside)
    if (found === undefined) continue
    // A name in the middle of a sentence is none: it begins the line, or follows a value.
    names.push({
      name: found.name,
      start: from + found.start,
      valueAt: match.index + match[0].length,
    })
  }
  return names.map(({ name, start, valueAt }, i) => ({
    name,
    value: clean
      .slice(valueAt, names[i + 1]?.start ?? clean.length)
      .replace(/[\s,;|]+$/, '')
      .trim(),
    start,
  }))
}

/**
 * `Subject: …`: a name of whatever meaning begins the line. Figures before a colon are a time.
 */
export const isNamed = (line: string): boolean =>
  /^[\s*•·#|–-]*[A-Za-z][\w'’()/&. -]{0,50}?(?<!\d)\s*(?::(?!\/\/)|=|\t|\.{3,})/.test(line)
