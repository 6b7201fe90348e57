import type { Dice } from './dice.ts'

/** Texts that are sound, and words that mean something. */
export interface Texts {
  readonly all: readonly string[]
  readonly words: readonly string[]
}

const most = 20_000
const numbers = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  '99999999999999999999999',
  '1e309',
  'NaN',
  '0x10',
  '007',
  '1.5',
]
const brackets = ['(', ')', '[', ']', '{', '}', '"', "'", '\\', '<', '>', '\0', '\n', '\r\n', '\t']
const oddities = [' ', ',', ';', ':', '=', '%', '\ufeff', '\u00a0', '\u2028', '\ud800', '💥', 'é']

const words = /[\w.:-]+/g

/** The words of texts, each once: what a grammar is made of, as far as samples show it. */
export function textsOf(all: readonly string[], more: readonly string[] = []): Texts {
  const found = new Set(all.flatMap((text) => text.match(words) ?? []))
  return { all, words: [...more, ...[...found].slice(0, 2000)] }
}

const splice = (text: string, at: number, gone: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + gone)

/** A place where a run of what `pattern` means begins, and its length. */
function run(dice: Dice, text: string, pattern: RegExp): [at: number, length: number] {
  const from = dice.below(text.length)
  pattern.lastIndex = from
  const found = pattern.exec(text)
  if (found !== null) return [found.index, found[0].length]
  return [from, 1]
}

const shortOf = (dice: Dice, all: readonly string[]): string => all[dice.mostlyShort(all)] ?? ''

type Change = (dice: Dice, text: string, texts: Texts) => string

const changes: readonly Change[] = [
  (dice, text) =>
    splice(
      text,
      dice.below(text.length),
      1,
      String.fromCharCode(dice.below(dice.pick([128, 256])))
    ),
  (dice, text) => splice(text, ...run(dice, text, /\d+/g), dice.pick(numbers)),
  (dice, text, { words: known }) =>
    splice(text, ...run(dice, text, words), known.length > 0 ? dice.pick(known) : ''),
  (dice, text, { words: known }) =>
    splice(text, dice.below(text.length + 1), 0, known.length > 0 ? dice.pick(known) : ''),
  (dice, text) => splice(text, dice.below(text.length + 1), dice.below(2), dice.pick(brackets)),
  (dice, text) => splice(text, dice.below(text.length + 1), dice.below(2), dice.pick(oddities)),
  (dice, text) => text.slice(0, dice.below(text.length + 1)),
  (dice, text) => splice(text, dice.below(text.length), dice.length(text.length), ''),
  // A line, or a part of one, again and again.
  (dice, text) => {
    const [at, length] = dice.chance(2)
      ? run(dice, text, /[^\n]*\n?/g)
      : [dice.below(text.length), dice.length(60)]
    const part = text.slice(at, at + length)
    // Seldom very often: such a text takes as long as hundreds of others.
    const times = dice.chance(300) ? 3000 : dice.length(40)
    const room = Math.max(0, most * (times > 1000 ? 3 : 1) - text.length)
    return splice(text, at, 0, part.repeat(Math.min(times, Math.floor(room / (part.length || 1)))))
  },
  (dice, text) => {
    const lines = text.split('\n')
    const [from, to] = [dice.below(lines.length), dice.below(lines.length)]
    const [line = ''] = lines.splice(from, 1)
    lines.splice(to, dice.below(2), line)
    return lines.join('\n')
  },
  // Nested: what stands in brackets is put within brackets.
  (dice, text) => {
    const [open, close] = dice.pick(['()', '[]', '{}', '""', '<>'].map((pair) => pair.split('')))
    const depth = dice.chance(200) ? 2000 : dice.length(20)
    const at = dice.below(text.length + 1)
    const length = dice.length(text.length - at)
    const inside = text.slice(at, at + length)
    return splice(
      text,
      at,
      length,
      (open ?? '').repeat(depth) + inside + (close ?? '').repeat(depth)
    )
  },
  (dice, text, { all }) => {
    const other = shortOf(dice, all)
    return text.slice(0, dice.below(text.length + 1)) + other.slice(dice.below(other.length))
  },
  (dice, text, { all }) => (text.length > most ? text : `${text}${shortOf(dice, all)}`),
]

/** One input: a sound text, mostly with one to four changes, or words one after the other. */
export function mutatedText(dice: Dice, texts: Texts): string {
  if (dice.chance(12)) {
    const list = Array.from({ length: dice.length(40) }, () =>
      dice.pick(dice.chance(3) ? [...brackets, ...numbers] : texts.words)
    )
    return list.join(dice.pick([' ', '', ',', '\n']))
  }
  let text = shortOf(dice, texts.all)
  if (dice.chance(24)) return text
  for (let left = 1 + dice.below(dice.chance(3) ? 5 : 2); left > 0 && text !== ''; left--) {
    text = dice.pick(changes)(dice, text, texts)
  }
  return text
}
