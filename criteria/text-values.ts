import { compilePattern } from './pattern.ts'
import type { Pattern } from './pattern.ts'
import { CriteriaError } from './problem.ts'
import type { Value } from './syntax.ts'

/**
 * Tests a text against values: letters in any case, `*.example.com` (that name and all below it),
 * or a pattern behind `rx:`.
 */
export function textTest(values: readonly Value[]): (text: string) => boolean {
  const whole = new Set<string>()
  const suffixes: string[] = []
  const patterns: Pattern[] = []
  for (const value of values) {
    const { text } = value
    if (text.startsWith('rx:')) patterns.push(patternOf(value))
    else if (text.startsWith('*.')) suffixes.push(text.slice(1).toLowerCase())
    else whole.add(text.toLowerCase())
  }
  return (text) => {
    const lower = text.toLowerCase()
    if (whole.has(lower)) return true
    return (
      suffixes.some((suffix) => lower.endsWith(suffix) || lower === suffix.slice(1)) ||
      patterns.some((pattern) => pattern.test(text))
    )
  }
}

function patternOf(value: Value): Pattern {
  const pattern = compilePattern(value.text.slice(3), { ignoreCase: true })
  if (typeof pattern === 'string') throw new CriteriaError(pattern, value)
  return pattern
}
