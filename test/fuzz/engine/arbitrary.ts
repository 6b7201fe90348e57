import fc from 'fast-check'
import { Dice } from './dice.ts'
import { mutated, seedsOf } from './mutate-octets.ts'
import { mutatedText, textsOf } from './mutate-text.ts'
import { variedOctets } from './vary-octets.ts'
import { variedText } from './vary-text.ts'

/** How an input is made smaller: parts of it are left out, halves first, single ones last. */
type Parts<T> = { length: (value: T) => number; without: (value: T, at: number, n: number) => T }

/** A variant of an input into which another may be spliced; neither of them is changed. */
type Vary<T> = (dice: Dice, value: T, other: T) => T

/** Inputs of a target, and cheap variants of them. */
export interface Inputs<T> extends fc.Arbitrary<T> {
  readonly vary: Vary<T>
  /** Of how many parts an input is that may be left out. */
  readonly lengthOf: (value: T) => number
}

/**
 * Inputs that a function makes from dice, and that shrink by leaving out parts: one draw of
 * fast-check an input, which is what lets fast decoders see millions.
 */
class Made<T> extends fc.Arbitrary<T> implements Inputs<T> {
  private readonly make: (dice: Dice) => T
  private readonly parts: Parts<T>
  readonly vary: Vary<T>
  readonly lengthOf: (value: T) => number

  constructor(make: (dice: Dice) => T, parts: Parts<T>, vary: Vary<T>) {
    super()
    this.make = make
    this.parts = parts
    this.vary = vary
    this.lengthOf = parts.length
  }

  override generate(random: fc.Random): fc.Value<T> {
    return new fc.Value(this.make(new Dice(random.nextInt())), undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return value !== undefined
  }

  override shrink(value: T): fc.Stream<fc.Value<T>> {
    return fc.stream(this.smaller(value))
  }

  private *smaller(value: T): Generator<fc.Value<T>> {
    const length = this.parts.length(value)
    for (let n = length; n >= 1; n = n >> 1) {
      for (let at = 0; at < length && at / n < 200; at += n) {
        yield new fc.Value(this.parts.without(value, at, Math.min(n, length - at)), undefined)
      }
    }
  }
}

const ofOctets: Parts<Uint8Array> = {
  length: ({ length }) => length,
  without: (octets, at, n) =>
    Uint8Array.from(Buffer.concat([octets.subarray(0, at), octets.subarray(at + n)])),
}

const ofText: Parts<string> = {
  length: ({ length }) => length,
  without: (text, at, n) => text.slice(0, at) + text.slice(at + n),
}

const ofList: Parts<readonly never[]> = {
  length: ({ length }) => length,
  without: (list, at, n) => list.toSpliced(at, n),
}

/** Octets made by a function; `words` are put into variants of them. */
export const octetsFrom = (
  make: (dice: Dice) => Uint8Array,
  words: readonly Uint8Array[] = []
): Inputs<Uint8Array> =>
  new Made(make, ofOctets, (dice, octets, other) => variedOctets(dice, octets, other, words))

/** Texts made by a function; `words` are put into variants of them. */
export const textFrom = (
  make: (dice: Dice) => string,
  words: readonly string[] = []
): Inputs<string> =>
  new Made(make, ofText, (dice, text, other) => variedText(dice, text, other, words))

/** Lists made by a function. */
export const listFrom = <T>(make: (dice: Dice) => T[], vary: Vary<T[]>): Inputs<T[]> =>
  new Made<T[]>(make, ofList as unknown as Parts<T[]>, vary)

/** Inputs of a slow decoder: each counts as so many times as long, and has fewer variants for it. */
export const slowly = <T>(inputs: Inputs<T>, times: number): Inputs<T> =>
  Object.create(inputs, {
    lengthOf: { value: (input: T) => times * inputs.lengthOf(input) },
  }) as Inputs<T>

/** Sound messages with changes: of lengths, counts, parts, repetitions, messages within messages. */
export function octetsLike(
  all: readonly Uint8Array[],
  words: readonly Uint8Array[] = []
): Inputs<Uint8Array> {
  const seeds = seedsOf(all, words)
  return octetsFrom((dice) => mutated(dice, seeds), words)
}

/** Sound texts with changes: of numbers, words, brackets, lines. */
export function textLike(all: readonly string[], words: readonly string[] = []): Inputs<string> {
  const texts = textsOf(all, words)
  return textFrom((dice) => mutatedText(dice, texts), texts.words)
}
