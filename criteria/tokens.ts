import { maxExpressionLetters } from './limits.ts'
import { CriteriaError } from './problem.ts'
import type { Place } from './problem.ts'

export type TokenKind = 'word' | 'text' | 'operator' | 'end'

/** A piece of an expression. `text` of kind `text` is what stands between its quotes. */
export interface Token extends Place {
  readonly kind: TokenKind
  readonly text: string
}

/*
 *   word      letters, digits and _ . : / - @ * , so that names, numbers, addresses, prefixes,
 *             Ethernet addresses, times and ranges of times are one word each
 *   text      '...' or "...", \ before a quote or another \
 *   operator  == != >= <= > < && || ! ( ) [ ] { } , ;
 *   #         to the end of the line is a remark
 */
const pieces = new RegExp(
  [
    /(?<space>[ \t\r\n]+|#[^\n]*)/,
    /(?<word>[\w.:/@*-]+)/,
    /(?<text>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")/,
    /(?<operator>==|!=|>=|<=|&&|\|\||[!<>()[\]{},;])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'y'
)

/** Cuts an expression into tokens, the last of which is of kind `end`. */
export function tokensOf(text: string): Token[] {
  if (text.length > maxExpressionLetters) {
    const place = { line: 1, column: 1 }
    throw new CriteriaError(`An expression has at most ${maxExpressionLetters} letters.`, place)
  }
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  let at = 0
  while (at < text.length) {
    pieces.lastIndex = at
    const groups = pieces.exec(text)?.groups
    const place = { line, column: at - lineStart + 1 }
    if (groups === undefined) throw new CriteriaError(unreadable(text, at), place)
    const { space, word, text: quoted, operator } = groups
    const piece = space ?? word ?? quoted ?? operator ?? ''
    if (word !== undefined) tokens.push({ kind: 'word', text: word, ...place })
    if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, ...place })
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unquoted(quoted), ...place })
    for (let i = 0; i < piece.length; i++) {
      if (piece[i] !== '\n') continue
      line++
      lineStart = at + i + 1
    }
    at += piece.length
  }
  tokens.push({ kind: 'end', text: '', line, column: at - lineStart + 1 })
  return tokens
}

/** A backslash stays where it stands before anything but a quote or itself: patterns need it. */
function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(['"])/g, '$1')
}

function unreadable(text: string, at: number): string {
  const letter = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (letter === "'" || letter === '"') return 'This quote is not closed.'
  if (letter === '=') return 'A comparison is written ==.'
  if (letter === '&' || letter === '|') return `"And" is written &&, "or" is written ||.`
  return `${JSON.stringify(letter)} has no meaning here.`
}
