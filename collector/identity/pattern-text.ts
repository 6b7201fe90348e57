import { FlowledgerError } from '../../model/errors.ts'

/** Placeholders that take any text, up to the literal text behind them. */
const freeNames = ['user', 'session', 'nas', 'station', '*'] as const
/** Placeholders that know by themselves where they end. */
const formedNames = ['time', 'ip', 'mac'] as const

export type FreeName = (typeof freeNames)[number]
export type FormedName = (typeof formedNames)[number]

/** A piece of a pattern. */
export type PatternPart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'free'; readonly name: FreeName }
  | { readonly kind: 'formed'; readonly name: FormedName }

/** What a line that matches states. */
export interface LinePattern {
  readonly what: 'start' | 'alive' | 'end'
  readonly parts: readonly PatternPart[]
}

const maxPattern = 500
const maxParts = 40

function bad(text: string, why: string): FlowledgerError {
  return new FlowledgerError('usage', `The pattern "${text.slice(0, 80)}" ${why}.`, {
    fix:
      'Write the line with {time}, {ip} or {mac}, {user} and {*} for the rest, such as ' +
      '"{time} {*} login {user} from {ip}".',
  })
}

/**
 * Reads a declared pattern: the line as it stands, with placeholders for what differs.
 *
 * ```
 * {time} {*} sshd[{*}]: Accepted {*} for {user} from {ip} port {*}
 * end:{time} {*} logout {user} {ip}
 * ```
 * `{time}`, `{ip}` and `{mac}` end where their form does; `{user}`, `{session}`, `{nas}`,
 * `{station}` and `{*}` (which is not kept) at the text behind them, so that one of these always
 * follows them or the line ends. `{{` and `}}` are braces. `start:` and `end:` before it say what a
 * line states; without, the user was seen. There is nothing in it that could take long to match.
 *
 * @throws FlowledgerError `usage`
 */
export function parsePattern(given: string): LinePattern {
  const prefix = /^(start|end|seen):/.exec(given)
  const what = prefix === null || prefix[1] === 'seen' ? 'alive' : (prefix[1] as 'start' | 'end')
  const text = prefix === null ? given : given.slice(prefix[0].length)
  if (text.length > maxPattern) throw bad(given, `is longer than ${maxPattern} characters`)
  const parts = cut(given, Buffer.from(text, 'utf8').toString('latin1'))
  check(given, parts)
  return { what, parts }
}

function cut(given: string, text: string): PatternPart[] {
  const parts: PatternPart[] = []
  let literal = ''
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    const doubled = text.charAt(at + 1) === char
    if ((char === '{' || char === '}') && doubled) {
      literal += char
      at++
    } else if (char === '{') {
      const close = text.indexOf('}', at)
      if (close < 0) throw bad(given, 'has a brace that is not closed')
      if (literal !== '') parts.push({ kind: 'literal', text: literal })
      literal = ''
      parts.push(placeholder(given, text.slice(at + 1, close)))
      at = close
    } else if (char === '}') throw bad(given, 'has a closing brace alone')
    else literal += char
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal })
  return parts
}

function placeholder(given: string, name: string): PatternPart {
  const formed = formedNames.find((each) => each === name)
  if (formed !== undefined) return { kind: 'formed', name: formed }
  const free = freeNames.find((each) => each === name)
  if (free === undefined) throw bad(given, `has {${name.slice(0, 20)}}, which is no placeholder`)
  return { kind: 'free', name: free }
}

function check(given: string, parts: readonly PatternPart[]): void {
  const names = parts.flatMap((part) => (part.kind === 'literal' ? [] : [part.name]))
  const named = names.filter((name) => name !== '*')
  if (parts.length > maxParts) throw bad(given, 'has too many parts')
  if (new Set(named).size < named.length) throw bad(given, 'has a placeholder twice')
  if (!named.includes('time')) throw bad(given, 'has no {time}')
  if (!named.includes('ip') && !named.includes('mac')) throw bad(given, 'has no {ip} or {mac}')
  if (!named.includes('user') && !named.includes('mac')) throw bad(given, 'has no {user} or {mac}')
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    if (part.kind === 'free' && next !== undefined && next.kind !== 'literal') {
      throw bad(given, `has no text between {${part.name}} and {${next.name}}`)
    }
  }
}
