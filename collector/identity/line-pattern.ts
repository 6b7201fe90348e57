import { normaliseMac } from '../../model/mac.ts'
import type { LogClock, LogTimeReason } from './log-clock.ts'
import type { FormedName, LinePattern, PatternPart } from './pattern-text.ts'
import { hostPrefix } from './prefix-text.ts'

/** Places that are tried in one line; more, and the line counts as one of several meanings. */
const maxSteps = 2000

/** What a line told, text as it stands there; the time stands in the clock. */
export type Captured = Partial<
  Record<'user' | 'session' | 'nas' | 'station' | 'ip' | 'mac', string>
>

/** Why a line that looks right tells nothing. */
export type MatchReason = 'unmatched' | 'ambiguous' | Exclude<LogTimeReason, 'time-missing'>

/**
 * Matches lines against a declared pattern. A user's name may hold any text, also such as looks
 * like the rest of the line (`bob from 192.0.2.66`): a line that can be read in two ways is told as
 * `ambiguous`, whichever of them is the wanted one.
 */
export class LineMatcher {
  readonly what: LinePattern['what']
  private readonly parts: readonly PatternPart[]
  private readonly clock: LogClock
  private line = ''
  private steps = 0
  private found: { captured: Captured; timeAt: number } | undefined
  private several = false
  private timeAt = -1
  private timeReason: MatchReason | undefined

  constructor({ what, parts }: LinePattern, clock: LogClock) {
    this.what = what
    this.parts = parts
    this.clock = clock
  }

  match(line: string): Captured | MatchReason {
    this.begin(line)
    this.from(0, 0, {})
    if (this.several) return 'ambiguous'
    if (this.found === undefined) return this.timeReason ?? 'unmatched'
    this.clock.read(line, this.found.timeAt)
    return this.found.captured
  }

  private begin(line: string): void {
    this.line = line
    this.steps = 0
    this.found = undefined
    this.several = false
    this.timeReason = undefined
  }

  private from(index: number, at: number, captured: Captured): void {
    if (this.several) return
    if (++this.steps > maxSteps) {
      this.several = true
      return
    }
    const part = this.parts[index]
    if (part === undefined) {
      if (at === this.line.length) this.keep(captured)
    } else if (part.kind === 'literal') {
      if (this.line.startsWith(part.text, at)) this.from(index + 1, at + part.text.length, captured)
    } else if (part.kind === 'formed') this.formed(index, part.name, at, captured)
    else this.free(index, part.name, at, captured)
  }

  private keep(captured: Captured): void {
    const found = { captured, timeAt: this.timeAt }
    if (this.found === undefined) this.found = found
    else if (JSON.stringify(this.found) !== JSON.stringify(found)) this.several = true
  }

  private free(index: number, name: string, at: number, captured: Captured): void {
    const next = this.parts[index + 1]
    const take = (end: number): void => {
      const text = this.line.slice(at, end)
      if (name === '*') this.from(index + 1, end, captured)
      else if (text !== '') this.from(index + 1, end, { ...captured, [name]: text })
    }
    if (next?.kind !== 'literal') return take(this.line.length)
    let end = this.line.indexOf(next.text, at)
    while (end >= 0 && !this.several) {
      take(end)
      end = this.line.indexOf(next.text, end + 1)
    }
  }

  private formed(index: number, name: FormedName, at: number, captured: Captured): void {
    if (name === 'time') {
      const reason = this.clock.read(this.line, at)
      if (reason !== undefined) {
        if (reason !== 'time-missing') this.timeReason = reason
        return
      }
      this.timeAt = at
      return this.from(index + 1, this.clock.end, captured)
    }
    const end = name === 'ip' ? addressEnd(this.line, at) : macEnd(this.line, at)
    if (end < 0) return
    this.from(index + 1, end, { ...captured, [name]: this.line.slice(at, end) })
  }
}

function runEnd(line: string, from: number, chars: RegExp): number {
  let at = from
  while (at < line.length && at - from < 46 && chars.test(line.charAt(at))) at++
  return at
}

/** Where the address at `from` ends; -1 where there is none. A port may follow one of IPv4. */
function addressEnd(line: string, from: number): number {
  let end = runEnd(line, from, /[0-9a-fA-F:.]/)
  // A full stop or colon that ends a sentence is no part of it.
  while (end > from && /[.:]/.test(line.charAt(end - 1)) && !line.startsWith('::', end - 2)) end--
  if (hostPrefix(line.slice(from, end)) !== undefined) return end
  const colon = line.indexOf(':', from)
  const isV4 = colon > from && colon < end && hostPrefix(line.slice(from, colon)) !== undefined
  return isV4 ? colon : -1
}

function macEnd(line: string, from: number): number {
  let end = runEnd(line, from, /[0-9a-fA-F:.-]/)
  while (end > from && /[.:-]/.test(line.charAt(end - 1))) end--
  return normaliseMac(line.slice(from, end)) === undefined ? -1 : end
}
