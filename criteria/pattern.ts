import { RE2JS } from 're2js'
import {
  maxPatternInstructions,
  maxPatternLetters,
  maxSubjectLetters,
  maxWideRanges,
} from './limits.ts'

/** A range that ends beyond ASCII, as a letter or by its number. */
const wideRange = /-(?:\P{ASCII}|\\x)/gu

/** A compiled pattern. */
export interface Pattern {
  /** True where it matches somewhere in the text. */
  test(text: string): boolean
  /** The text with the first match replaced (`$1`, `$&`); undefined where there is none. */
  replace(text: string, replacement: string): string | undefined
}

/**
 * Compiles a regular expression in RE2's syntax, which covers POSIX extended ones but for back
 * references. Matching takes time linear in the text, whatever the pattern: none can explode.
 *
 * @returns the pattern, or what is wrong with it as a sentence
 */
export function compilePattern(source: string, { ignoreCase = false } = {}): Pattern | string {
  if (source.length > maxPatternLetters) {
    return `A pattern has at most ${maxPatternLetters} letters.`
  }
  if ((source.match(wideRange)?.length ?? 0) > maxWideRanges) {
    return `A pattern has at most ${maxWideRanges} ranges of letters beyond ASCII.`
  }
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return `The pattern cannot be used: ${message.replace('error parsing regexp: ', '')}.`
  }
  if (compiled.programSize() > maxPatternInstructions) {
    return 'The pattern is too large once its repetitions are written out.'
  }
  const first = firstLetter(source)
  return {
    test(text: string) {
      if (first !== '' && isOther(text, first)) return false
      return text.length <= maxSubjectLetters && compiled.test(text)
    },
    replace(text: string, replacement: string) {
      const matcher = compiled.matcher(text)
      if (text.length > maxSubjectLetters || !matcher.find()) return undefined
      const filled = replacement.replaceAll(/\$(\d|&)/g, (_, what: string) => {
        const group = what === '&' ? 0 : Number(what)
        return group <= compiled.groupCount() ? (matcher.group(group) ?? '') : ''
      })
      return text.slice(0, matcher.start()) + filled + text.slice(matcher.end())
    },
  }
}

/** The letter, in lower case, that each text begins with that the pattern matches; or none. */
function firstLetter(source: string): string {
  const found = /^\^([A-Za-z])(?![*?{])[^|]*$/.exec(source)
  return found?.[1]?.toLowerCase() ?? ''
}

/** True of a text that begins with another octet of ASCII than the letter, in any case. */
function isOther(text: string, letter: string): boolean {
  const code = text.charCodeAt(0)
  return code < 0x80 && (code | 0x20) !== letter.charCodeAt(0)
}
