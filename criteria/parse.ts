import { maxDepth, maxNodes } from './limits.ts'
import { CriteriaError } from './problem.ts'
import type { Place } from './problem.ts'
import { comparisons } from './syntax.ts'
import type { Comparison, Node, Value, Warning } from './syntax.ts'
import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'

/*
 *   program := { or ';' } [ or ]              the last one counts, as in Netify's agent
 *   or      := and { ('||' | 'or') and }
 *   and     := not { ('&&' | 'and') not }
 *   not     := ('!' | 'not') not | '(' or ')' | short | test
 *   test    := '*' | FIELD | FIELD op VALUE | FIELD ['not'] 'in' list
 *   list    := VALUE | '(' VALUE { ',' VALUE } ')'      [ ] and { } do as well
 *   short   := ('ai' | 'pi' | 'ac' | 'pc') ':' VALUE
 */

/** An expression as it was written, and what about it may surprise. */
export interface Parsed {
  readonly node: Node
  readonly warnings: readonly Warning[]
}

const brackets: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** The short forms: what each tests. */
const shortFields: Readonly<Record<string, string>> = {
  ai: 'application',
  pi: 'protocol',
  ac: 'application_category',
  pc: 'protocol_category',
}

const netifyGroups =
  '&& binds tighter than || here; Netify reads a && b || c as a && (b || c). Put parentheses.'

class Parser {
  readonly warnings: Warning[] = []
  private readonly tokens: readonly Token[]
  private at = 0
  private nodes = 0
  private depth = 0
  /** True where what was read last is joined by && without parentheses around it. */
  private isJoined = false

  constructor(text: string) {
    this.tokens = tokensOf(text)
  }

  program(): Node {
    let last: Node | undefined
    while (!this.isAtEnd) {
      if (last !== undefined) this.warn('Of several expressions only the last one counts.', last)
      last = this.or()
      if (this.isAtEnd) break
      this.expect(';', 'Here the expression could end with a semicolon')
    }
    if (last === undefined) throw new CriteriaError('The expression is empty.', this.next)
    return last
  }

  private get next(): Token {
    return this.tokens[this.at] as Token
  }

  private get isAtEnd(): boolean {
    return this.next.kind === 'end'
  }

  private isNext(...texts: string[]): boolean {
    const { kind, text } = this.next
    if (kind === 'operator') return texts.includes(text)
    return kind === 'word' && texts.includes(text.toLowerCase())
  }

  private expect(text: string, why: string): void {
    if (!this.isNext(text)) {
      const found = this.next.kind === 'end' ? 'ends' : `has ${JSON.stringify(this.next.text)}`
      throw new CriteriaError(`${why}, but it ${found}.`, this.next)
    }
    this.at++
  }

  private warn(text: string, { line, column }: Place): void {
    this.warnings.push({ text, line, column })
  }

  private made<T extends Node>(node: T): T {
    if (++this.nodes > maxNodes) {
      throw new CriteriaError(`An expression has at most ${maxNodes} parts.`, node)
    }
    return node
  }

  private or(): Node {
    const { line, column } = this.next
    const parts = [this.and()]
    while (this.isNext('||', 'or')) {
      if (this.isJoined) this.warn(netifyGroups, this.next)
      this.at++
      parts.push(this.and())
    }
    this.isJoined = false
    if (parts.length === 1) return parts[0] as Node
    return this.made({ kind: 'or', parts, line, column })
  }

  private and(): Node {
    const { line, column } = this.next
    const parts = [this.not()]
    while (this.isNext('&&', 'and')) {
      this.at++
      parts.push(this.not())
    }
    this.isJoined = parts.length > 1
    if (!this.isJoined) return parts[0] as Node
    return this.made({ kind: 'and', parts, line, column })
  }

  private not(): Node {
    const { line, column } = this.next
    if (++this.depth > maxDepth) {
      throw new CriteriaError(`Parentheses go at most ${maxDepth} deep.`, this.next)
    }
    const node = this.isNext('!', 'not') ? this.negated({ line, column }) : this.primary()
    this.depth--
    return node
  }

  private negated(place: Place): Node {
    this.at++
    return this.made({ kind: 'not', part: this.not(), ...place })
  }

  private primary(): Node {
    if (!this.isNext('(')) return this.test()
    this.at++
    const node = this.or()
    this.expect(')', 'A parenthesis is not closed')
    return node
  }

  private test(): Node {
    const token = this.next
    const place = { line: token.line, column: token.column }
    if (token.kind !== 'word') {
      const what = token.kind === 'end' ? 'but it ends' : `not ${JSON.stringify(token.text)}`
      throw new CriteriaError(`Here the name of a field is expected, ${what}.`, token)
    }
    this.at++
    if (token.text === '*') return this.made({ kind: 'all', ...place })
    const [prefix = '', ...rest] = token.text.split(':')
    const short = shortFields[prefix.toLowerCase()]
    if (short !== undefined && token.text.includes(':')) return this.short(short, rest, place)
    const field = token.text.toLowerCase()
    if (comparisons.includes(this.next.text as Comparison) && this.next.kind === 'operator') {
      const operator = this.next.text as Comparison
      this.at++
      const value = this.value()
      return this.made({ kind: 'compare', field, operator, value, ...place })
    }
    const isNegated = this.isNext('not') && this.tokens[this.at + 1]?.text.toLowerCase() === 'in'
    if (isNegated) this.at++
    if (!this.isNext('in')) return this.made({ kind: 'is', field, ...place })
    this.at++
    return this.made({ kind: 'in', field, isNegated, values: this.values(), ...place })
  }

  /** `ai:zoom` and `ai: 'zoom'`. */
  private short(field: string, rest: readonly string[], place: Place): Node {
    const text = rest.join(':')
    const value = text === '' ? this.value() : { text, isQuoted: false, ...place }
    return this.made({ kind: 'compare', field, operator: '==', value, ...place })
  }

  private values(): readonly Value[] {
    const close = this.next.kind === 'operator' ? brackets[this.next.text] : undefined
    if (close === undefined) return [this.value()]
    this.at++
    const values = [this.value()]
    while (this.isNext(',')) {
      this.at++
      values.push(this.value())
      if (++this.nodes > maxNodes) {
        throw new CriteriaError(`An expression has at most ${maxNodes} parts.`, this.next)
      }
    }
    this.expect(close, 'A list is not closed')
    return values
  }

  private value(): Value {
    const { kind, text, line, column } = this.next
    if (kind !== 'word' && kind !== 'text') {
      throw new CriteriaError('Here a value is expected.', this.next)
    }
    this.at++
    return { text, isQuoted: kind === 'text', line, column }
  }
}

/**
 * Reads an expression.
 *
 * @throws CriteriaError with the place of what cannot be read
 */
export function parseCriteria(text: string): Parsed {
  const parser = new Parser(text)
  const node = parser.program()
  return { node, warnings: parser.warnings }
}
