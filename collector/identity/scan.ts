/** Strict readers of parts of a line. They look at each character once and never throw. */

/** Decimal digits only, at most 15 of them; -1 where the text is something else. */
export function digits(text: string, from: number, to: number): number {
  if (from >= to || to - from > 15) return -1
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/** Seconds since 1970 that a computer can have shown: 1990 to 2100. */
export function isEpoch(seconds: number): boolean {
  return seconds >= 631_152_000 && seconds < 4_133_980_800
}

/** Index of the first character at or after `from` that is neither space nor tab. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 9) return at
    at++
  }
}

/** Index of the first space or tab at or after `from`; `to` where none is before it. */
export function wordEnd(text: string, from: number, to = text.length): number {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9) break
  }
  return at
}

const months: ReadonlyMap<string, number> = new Map(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map((name, i) => [name, i + 1])
)

/** 1 to 12 of `Jan` to `Dec` at `from`; 0 where it is none. */
export function monthAt(text: string, from: number): number {
  const first = text.charCodeAt(from)
  // Most words are none: they are not even cut out of the line.
  if (!(first >= 65 && first <= 83)) return 0
  return months.get(text.slice(from, from + 3)) ?? 0
}

/**
 * Octets of a string as C writes it: `\"`, `\\`, `\n`, `\t`, `\r`, and `\ooo` in octal.
 *
 * @param from after the opening quote
 * @returns the octets, one character each, and where the closing quote stands; undefined without it
 */
export function quoted(
  text: string,
  from: number
): { readonly value: string; readonly end: number } | undefined {
  const plain = text.indexOf('"', from)
  if (plain < 0) return undefined
  const slash = text.indexOf('\\', from)
  if (slash < 0 || slash > plain) return { value: text.slice(from, plain), end: plain }
  let value = ''
  let at = from
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return { value, end: at }
    if (char !== '\\') {
      value += char
      at++
      continue
    }
    const octal = octalAt(text, at + 1)
    if (octal >= 0) {
      value += String.fromCharCode(octal)
      at += 4
    } else {
      const next = text.charAt(at + 1)
      value += escapes[next] ?? next
      at += 2
    }
  }
  return undefined
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b' }

function octalAt(text: string, from: number): number {
  let value = 0
  for (let at = from; at < from + 3; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 7)) return -1
    value = value * 8 + digit
  }
  return value > 255 ? -1 : value
}

/** Hexadecimal with colons (or none) as hexadecimal alone; single digits get their zero. */
export function colonHex(text: string): string | undefined {
  const out = text
    .split(':')
    .map((part) => (part.length === 1 ? `0${part}` : part))
    .join('')
    .toLowerCase()
  return out.length > 0 && out.length % 2 === 0 && out.length <= 512 && /^[0-9a-f]+$/.test(out)
    ? out
    : undefined
}
