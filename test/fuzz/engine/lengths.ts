import type { Dice } from './dice.ts'

/** A number in a message that may be a length or a count. */
export interface LengthField {
  readonly at: number
  readonly width: 1 | 2 | 4
  readonly little: boolean
  /** The message ends where it says, give or take a header: it grows with the message. */
  readonly isExact: boolean
}

export function readField(octets: Uint8Array, { at, width, little }: LengthField): number {
  let value = 0
  for (let i = 0; i < width; i++) {
    value = value * 256 + (octets[at + (little ? width - 1 - i : i)] ?? 0)
  }
  return value
}

export function writeField(octets: Uint8Array, field: LengthField, value: number): void {
  const { at, width, little } = field
  let rest = Math.max(0, value)
  for (let i = 0; i < width; i++) {
    const place = at + (little ? i : width - 1 - i)
    if (place < octets.length) octets[place] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

/** Octets that a length may or may not count in: a header, itself, padding. */
const slack = 8

/**
 * Numbers of a message that look like lengths: those that name a place in it, and of them those
 * that name its end. That is how a message that nobody described is changed where it hurts.
 */
export function lengthFields(octets: Uint8Array): LengthField[] {
  const found: LengthField[] = []
  for (let at = 0; at < octets.length && found.length < 400; at++) {
    for (const width of [4, 2, 1] as const) {
      if (at + width > octets.length) continue
      for (const little of width === 1 ? [false] : [false, true]) {
        const field = { at, width, little, isExact: false }
        const value = readField(octets, field)
        const left = octets.length - at - width
        if (value === 0 || value > octets.length + slack) continue
        const isExact = Math.abs(value - left) <= slack || value === octets.length
        found.push({ ...field, isExact })
      }
    }
  }
  return found
}

const edges = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff]

/** A value that a length should not have had. */
export function wrongLength(dice: Dice, octets: Uint8Array, field: LengthField): number {
  const value = readField(octets, field)
  const left = octets.length - field.at - field.width
  switch (dice.below(8)) {
    case 0:
      return value + 1
    case 1:
      return value - 1
    case 2:
      return left + 1
    case 3:
      return left
    case 4:
      return 2 ** (8 * field.width) - 1 - dice.below(4)
    case 5:
      return value * 2
    default:
      return dice.pick(edges)
  }
}
