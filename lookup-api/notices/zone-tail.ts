import { parseZone } from '../../model/time-zone.ts'
import { abbreviationMeanings, phraseAt } from './zone-names.ts'
import type { ZoneMeaning } from './zone-names.ts'

/** One zone as it stands behind a time. `sure` is false where it is not written as any zone is. */
export interface ZoneToken {
  readonly text: string
  readonly meanings: readonly ZoneMeaning[]
  /** An offset or UTC outranks a name: `-0700 (pdt)`. */
  readonly kind: 'offset' | 'name'
  readonly sure: boolean
}

/** All that follows a time about its zone, and where it ends. */
export interface ZoneTail {
  readonly tokens: readonly ZoneToken[]
  readonly end: number
}

const relative = /(?:UTC|GMT|UT) ?([+-])(\d{1,2})(?::?(\d{2}))?(?![\d:]|\.\d)/iy
const offset = /([+-])(\d{2}):?(\d{2})(?![\d:]|\.\d)/y
const hours = /([+-])(\d{1,2})(?![\d:]|\.\d|[/-]\d)/y
const odd = /([+-])(\d{2})(\d{2})\d(?!\d|[.:]\d)/y
const region = /[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){1,2}/y
const word = /[A-Za-z]{1,5}(?![\w/])/y
const filler = /(?:hours|hour|hrs|uhr|time|h)\b\.?/iy

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const minutesOf = (sign: string, hour: string, minute = '0'): number =>
  (sign === '-' ? -1 : 1) * (60 * Number(hour) + Number(minute))

/** No clock was ever set to anything else: quarters of an hour, from -12:00 to +14:00. */
const isOffset = (minutes: number): boolean =>
  minutes % 15 === 0 && minutes >= -12 * 60 && minutes <= 14 * 60

function offsetToken(found: RegExpExecArray, sure: boolean): ZoneToken {
  const [text, sign = '+', hour = '0', minute] = found
  const minutes = minutesOf(sign, hour, minute)
  const valid = isOffset(minutes)
  return {
    text: text.trim(),
    meanings: valid ? [{ minutes }] : [],
    kind: 'offset',
    sure: sure && valid,
  }
}

function regionToken(text: string): ZoneToken | undefined {
  try {
    parseZone(text)
  } catch {
    return undefined
  }
  return { text, meanings: [{ region: text }], kind: 'name', sure: true }
}

/**
 * A zone that begins exactly here.
 *
 * @param anyCase whether `pdt` counts: in brackets and at the end of a field, where it is no word
 */
function tokenAt(text: string, at: number, anyCase: boolean): [ZoneToken, number] | undefined {
  const spelt = match(relative, text, at)
  if (spelt !== null) return [offsetToken(spelt, true), at + spelt[0].length]
  const numeric = match(offset, text, at) ?? match(hours, text, at)
  if (numeric !== null) return [offsetToken(numeric, true), at + numeric[0].length]
  const typo = match(odd, text, at)
  if (typo !== null) return [offsetToken(typo, false), at + typo[0].length]
  const place = match(region, text, at)
  const known = place === null ? undefined : regionToken(place[0])
  if (known !== undefined) return [known, at + known.text.length]
  const phrase = phraseAt(text.slice(at, at + 60))
  if (phrase !== undefined) {
    const { words, meanings } = phrase
    return [{ text: words, meanings, kind: 'name', sure: true }, at + words.length]
  }
  const short = match(word, text, at)?.[0]
  if (short === undefined) return undefined
  const end = at + short.length
  const standsAlone = anyCase || /^\s*(?:[.,;)\]|]|$)/.test(text.slice(end, end + 20))
  if (short !== short.toUpperCase() && !standsAlone) return undefined
  const meanings = abbreviationMeanings(short)
  if (meanings === undefined) return undefined
  const universal = meanings.length === 1 && meanings[0]?.minutes === 0 && short.length <= 4
  const kind = universal && meanings[0]?.region === undefined ? 'offset' : 'name'
  return [{ text: short, meanings, kind, sure: true }, end]
}

const maxTokens = 3

/**
 * Reads the zones behind a time: `Z`, `+02:00`, `-0700 (pdt)`, `GMT+8`, `UTC Time`, `.000Z GMT`,
 * `Europe/Berlin`, `North American Eastern Time`. Words that are no zone end it.
 *
 * @param at index right behind the time of day
 */
export function readZoneTail(text: string, at: number): ZoneTail {
  const tokens: ZoneToken[] = []
  let end = at
  let next = at
  while (tokens.length < maxTokens) {
    while (text[next] === ' ' || text[next] === '\t') next++
    const filled = match(filler, text, next)
    if (filled !== null) {
      next += filled[0].length
      if (tokens.length > 0) end = next
      continue
    }
    const bracket = { '(': ')', '[': ']' }[text[next] ?? '']
    const start = bracket === undefined ? next : next + 1
    const found = tokenAt(text, start, bracket !== undefined)
    if (found === undefined) break
    let [token, stop] = found
    if (bracket !== undefined) {
      const close = /^(?: *(?:time|hours|hrs))? *[)\]]/i.exec(text.slice(stop, stop + 12))
      if (close === null) break
      stop += close[0].length
      token = { ...token, text: `(${token.text})` }
    }
    tokens.push(token)
    end = stop
    next = stop
  }
  return { tokens, end }
}
