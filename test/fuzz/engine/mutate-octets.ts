import type { Dice } from './dice.ts'
import { lengthFields, readField, writeField, wrongLength } from './lengths.ts'
import type { LengthField } from './lengths.ts'
import { splice } from './splice.ts'

/** Messages that are sound, and what is known of their form. */
export interface Seeds {
  readonly all: readonly Uint8Array[]
  readonly fields: readonly (readonly LengthField[])[]
  /** Octets that mean something to the decoder, to be put anywhere. */
  readonly words: readonly Uint8Array[]
}

export function seedsOf(all: readonly Uint8Array[], words: readonly Uint8Array[] = []): Seeds {
  const copies = all.map((one) => Uint8Array.from(one))
  return { all: copies, fields: copies.map(lengthFields), words }
}

/** Longest that an input becomes, except where it is blown up on purpose. */
const most = 8192
const blownUp = 65_000

const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const random = (dice: Dice, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => dice.next() & 255)

/** Changes the length of what is there, and in most cases also the fields that tell it. */
function resize(
  dice: Dice,
  octets: Uint8Array,
  fields: readonly LengthField[],
  put: Uint8Array
): Uint8Array {
  const at = dice.below(octets.length + 1)
  const gone = dice.chance(2) ? 0 : Math.min(octets.length - at, dice.length(64))
  const changed = splice(octets, at, gone, put)
  if (dice.chance(4)) return changed
  for (const field of fields) {
    if (!field.isExact || field.at + field.width > at) continue
    writeField(changed, field, readField(octets, field) + put.length - gone)
  }
  return changed
}

function repeat(dice: Dice, octets: Uint8Array): Uint8Array {
  const from = dice.below(octets.length)
  const part = octets.subarray(from, from + dice.length(octets.length - from))
  const limit = dice.chance(400) ? blownUp : Math.max(0, most - octets.length)
  const times = Math.min(
    dice.chance(3) ? dice.length(400) : dice.length(6),
    Math.floor(limit / Math.max(1, part.length))
  )
  return splice(octets, from, 0, join(...Array.from({ length: times }, () => part)))
}

const nothing = new Uint8Array(0)
const shortOf = (dice: Dice, all: readonly Uint8Array[]): Uint8Array =>
  all[dice.mostlyShort(all)] ?? nothing

type Change = (dice: Dice, octets: Uint8Array, seed: number, seeds: Seeds) => Uint8Array

/** Written over a copy that the caller owns, or to a new one. */
const changes: readonly Change[] = [
  (dice, octets) => {
    octets[dice.below(octets.length)] = dice.next() & 255
    return octets
  },
  (dice, octets) => {
    const at = dice.below(octets.length)
    octets[at] = (octets[at] ?? 0) ^ (1 << dice.below(8))
    return octets
  },
  (dice, octets, seed, { fields }) => {
    const own = fields[seed] ?? []
    if (own.length === 0) return octets
    const exact = dice.chance(2) ? own.filter(({ isExact }) => isExact) : own
    const field = dice.pick(exact.length > 0 ? exact : own)
    if (field.at + field.width <= octets.length) {
      writeField(octets, field, wrongLength(dice, octets, field))
    }
    return octets
  },
  (dice, octets) => {
    const width = dice.pick([1, 2, 4] as const)
    const field = { at: dice.below(octets.length), width, little: dice.chance(3), isExact: false }
    writeField(octets, field, wrongLength(dice, octets, field))
    return octets
  },
  (dice, octets) => octets.slice(0, dice.below(octets.length + 1)),
  (dice, octets) => {
    const at = dice.below(octets.length)
    return splice(octets, at, dice.length(octets.length - at), new Uint8Array(0))
  },
  repeat,
  (dice, octets, seed, { fields, words }) =>
    resize(
      dice,
      octets,
      fields[seed] ?? [],
      words.length > 0 && dice.chance(2) ? dice.pick(words) : random(dice, dice.length(40))
    ),
  (dice, octets, _seed, { all }) => {
    const other = shortOf(dice, all)
    return join(
      octets.subarray(0, dice.below(octets.length + 1)),
      other.subarray(dice.below(other.length))
    )
  },
  // A message within a message, whose lengths know of it.
  (dice, octets, seed, { fields, all }) =>
    octets.length > most ? octets : resize(dice, octets, fields[seed] ?? [], shortOf(dice, all)),
  (dice, octets, _seed, { all }) => join(octets, shortOf(dice, all)),
]

/** One input: a sound message, mostly with one to four changes; at times only random octets. */
export function mutated(dice: Dice, seeds: Seeds): Uint8Array {
  if (dice.chance(24)) return random(dice, dice.length(300))
  const seed = dice.mostlyShort(seeds.all)
  let octets = (seeds.all[seed] ?? new Uint8Array(0)).slice()
  if (dice.chance(24)) return octets
  for (let left = 1 + dice.below(dice.chance(3) ? 5 : 2); left > 0; left--) {
    if (octets.length === 0) return octets
    octets = dice.pick(changes)(dice, octets, seed, seeds) as Uint8Array<ArrayBuffer>
  }
  return octets
}
