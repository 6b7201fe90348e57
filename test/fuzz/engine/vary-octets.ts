import type { Dice } from './dice.ts'
import { readField } from './lengths.ts'
import { splice } from './splice.ts'

/** Numbers at which programs go wrong, of up to 32 bits. */
const edges = Uint32Array.of(
  0,
  1,
  2,
  16,
  32,
  64,
  100,
  0x7e,
  0x7f,
  0x80,
  0xfe,
  0xff,
  0x100,
  0x200,
  0x3ff,
  0x1000,
  0x7fff,
  0x8000,
  0xfffe,
  0xffff,
  0x10000,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff
)

/** A message that has grown to this length is not made longer. */
const most = 8192

function write(octets: Uint8Array, at: number, width: number, value: number, little: number): void {
  for (let i = 0; i < width && at + i < octets.length; i++) {
    const shift = 8 * (little === 1 ? i : width - 1 - i)
    octets[at + i] = shift > 24 ? (value === 0xffffffff ? 255 : 0) : value >>> shift
  }
}

/** Changes a number that may be a length by one: one that names a place behind it, if one is near. */
function nudge(dice: Dice, octets: Uint8Array): void {
  const width = (1 << dice.below(3)) as 1 | 2 | 4
  const little = dice.below(2)
  const numberAt = (place: number): number =>
    readField(octets, { at: place, width, little: little === 1, isExact: false })
  let at = dice.below(octets.length)
  for (let tries = 0; tries < 6; tries++) {
    const value = numberAt(at)
    if (value > 0 && value <= octets.length + 8) break
    at = dice.below(octets.length)
  }
  const value = numberAt(at)
  write(octets, at, width, dice.below(2) === 0 ? value + 1 : value - 1, little)
}

function swap(dice: Dice, octets: Uint8Array): void {
  const half = octets.length >> 1
  if (half === 0) return
  const size = Math.min(half, 1 + dice.below(1 << dice.below(7)))
  const from = dice.below(half - size + 1)
  const to = half + dice.below(octets.length - half - size + 1)
  for (let i = 0; i < size; i++) {
    const octet = octets[from + i] ?? 0
    octets[from + i] = octets[to + i] ?? 0
    octets[to + i] = octet
  }
}

/** A change that leaves the length as it is. */
function changeInside(dice: Dice, octets: Uint8Array, words: readonly Uint8Array[]): void {
  const at = dice.below(octets.length)
  switch (dice.below(10)) {
    case 0:
    case 1:
      octets[at] = (octets[at] ?? 0) ^ (1 << dice.below(8))
      return
    case 2:
      octets[at] = dice.next()
      return
    case 3:
    case 4:
      return write(
        octets,
        at,
        1 << dice.below(4),
        edges[dice.below(edges.length)] ?? 0,
        dice.below(2)
      )
    case 5:
    case 6:
      return nudge(dice, octets)
    case 7:
      return swap(dice, octets)
    case 8: {
      const from = dice.below(octets.length)
      octets.copyWithin(at, from, from + 1 + dice.below(1 << dice.below(8)))
      return
    }
    default: {
      if (words.length === 0) octets[at] = (octets[at] ?? 0) + 1 + dice.below(16)
      else {
        const word = dice.pick(words)
        octets.set(word.subarray(0, octets.length - at), at)
      }
    }
  }
}

const nothing = new Uint8Array(0)
const zeros = new Uint8Array(64)
const ones = new Uint8Array(64).fill(255)

/** A copy of another length. */
function resized(
  dice: Dice,
  octets: Uint8Array,
  other: Uint8Array,
  words: readonly Uint8Array[]
): Uint8Array {
  const at = dice.below(octets.length + 1)
  const size = 1 + dice.below(1 << dice.below(8))
  const isLong = octets.length > most
  switch (isLong ? dice.below(2) : dice.below(7)) {
    case 0:
      return octets.slice(0, at)
    case 1:
      return splice(octets, at, size, nothing)
    case 2: {
      const from = dice.below(octets.length + 1)
      return splice(octets, at, 0, octets.subarray(from, from + size))
    }
    case 3:
      return splice(octets, at, 0, (dice.below(2) === 0 ? zeros : ones).subarray(0, size))
    case 4:
      if (words.length > 0) return splice(octets, at, 0, dice.pick(words))
      return splice(octets, at, 0, other.subarray(0, size))
    case 5: {
      const from = dice.below(other.length + 1)
      return splice(octets, at, octets.length, other.subarray(from, from + most))
    }
    default: {
      const from = dice.below(other.length + 1)
      return splice(octets, at, size, other.subarray(from, from + size))
    }
  }
}

/** A variant of a message, made in less time than most decoders need for it; `other` is spliced in. */
export function variedOctets(
  dice: Dice,
  octets: Uint8Array,
  other: Uint8Array,
  words: readonly Uint8Array[]
): Uint8Array {
  const isResized = dice.below(3) === 0
  const made = isResized ? resized(dice, octets, other, words) : octets.slice()
  if (made.length === 0) return made
  const count = (isResized ? 0 : 1) + (dice.below(2) === 0 ? 0 : dice.below(4))
  for (let left = count; left > 0; left--) changeInside(dice, made, words)
  return made
}
