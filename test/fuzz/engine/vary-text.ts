import type { Dice } from './dice.ts'

/** What stands in for a number. */
const numbers = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  '1e309',
  '007',
  '0x10',
  '.5',
]
const marks = '()[]{}<>"\'\\/,;:=%&|!*#@-+.~^$ \t\n\r\0'
/** Letters that are more or less than they look; of surrogates, one without the other. */
const oddities = [
  '\ud800',
  '\udfff',
  '\ufeff',
  '\u2028',
  '\u0130',
  'ß',
  'é',
  '💥',
  '\u00a0',
  '\x7f',
]

/** A text that has grown to this length is not made longer. */
const most = 8192

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Where digits begin, near `at`, and how many. */
function digitsFrom(text: string, at: number): [at: number, count: number] {
  const end = Math.min(text.length, at + 200)
  let from = at
  while (from < end && !isDigit(text.charCodeAt(from))) from++
  let to = from
  while (to < end && isDigit(text.charCodeAt(to))) to++
  return [from, to - from]
}

function withNumber(dice: Dice, text: string, at: number): string {
  const [from, count] = digitsFrom(text, at)
  const old = Number(text.slice(from, from + count))
  const put = dice.below(2) === 0 ? dice.pick(numbers) : String(old + dice.below(3) - 1)
  return text.slice(0, from) + put + text.slice(from + count)
}

/** Two parts of a text in each other's place. */
function swapped(dice: Dice, text: string, at: number, size: number): string {
  const from = dice.below(at + 1)
  const end = Math.min(at, from + size)
  const [one, two] = [text.slice(from, end), text.slice(at, at + size)]
  return text.slice(0, from) + two + text.slice(end, at) + one + text.slice(at + two.length)
}

function grown(
  dice: Dice,
  text: string,
  other: string,
  at: number,
  size: number,
  words: readonly string[]
): string {
  const head = text.slice(0, at)
  const tail = text.slice(at)
  const from = dice.below(other.length + 1)
  switch (dice.below(6)) {
    case 0:
      return head + text.slice(at, at + size).repeat(2 + dice.below(8)) + text.slice(at + size)
    case 1:
      return head + other.slice(from, from + most)
    case 2:
      return head + other.slice(from, from + size) + text.slice(at + size)
    case 3:
      return head + dice.pick(oddities) + tail
    case 4:
      return head + dice.pick(numbers) + tail
    default:
      return words.length === 0 ? head + tail + other : head + dice.pick(words) + tail
  }
}

function changed(dice: Dice, text: string, other: string, words: readonly string[]): string {
  const at = dice.below(text.length)
  const size = 1 + dice.below(1 << dice.below(7))
  switch (text.length > most ? dice.below(5) : dice.below(11)) {
    case 0:
      return text.slice(0, at) + text.slice(at + size)
    case 1:
      return text.slice(0, at)
    case 2:
      return withNumber(dice, text, at)
    case 3:
      return swapped(dice, text, at, size)
    case 4: {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << dice.below(7)))
      return text.slice(0, at) + flipped + text.slice(at + 1)
    }
    case 5: {
      const gone = dice.below(2)
      return text.slice(0, at) + marks.charAt(dice.below(marks.length)) + text.slice(at + gone)
    }
    case 6: {
      if (words.length === 0) return text.slice(at)
      return text.slice(0, at) + dice.pick(words) + text.slice(at + size)
    }
    default:
      return grown(dice, text, other, at, size, words)
  }
}

/** A variant of a text, made in less time than most decoders need for it; `other` is spliced in. */
export function variedText(
  dice: Dice,
  text: string,
  other: string,
  words: readonly string[]
): string {
  let made = text
  for (let left = 1 + (dice.below(2) === 0 ? 0 : dice.below(3)); left > 0; left--) {
    if (made === '') return made
    made = changed(dice, made, other, words)
  }
  return made
}
