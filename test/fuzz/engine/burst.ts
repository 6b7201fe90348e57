import fc from 'fast-check'
import type { Inputs } from './arbitrary.ts'
import { Dice } from './dice.ts'

/** An input that was made with an eye for its form, and what its variants are made from. */
export interface Burst<T> {
  readonly input: T
  readonly seed: number
}

/** Inputs with a seed each: one draw of fast-check for many variants. */
export class Bursts<T> extends fc.Arbitrary<Burst<T>> {
  private readonly inputs: Inputs<T>

  constructor(inputs: Inputs<T>) {
    super()
    this.inputs = inputs
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<Burst<T>> {
    const { value } = this.inputs.generate(random, bias)
    return new fc.Value({ input: value, seed: random.nextInt() }, undefined)
  }

  override canShrinkWithoutContext(_value: unknown): _value is Burst<T> {
    return false
  }

  /** None: the variant that broke something is made smaller itself. */
  override shrink(): fc.Stream<fc.Value<Burst<T>>> {
    return fc.Stream.nil()
  }
}

/** Inputs that lie ready to be varied once more, or to be spliced into others. */
const kept = 8
/** Longer inputs have fewer variants, that they do not take most of the time. */
const usualLength = 256

/**
 * The input of a burst, then so many variants of it, of variants of it, and of two of them spliced.
 */
export function* variantsOf<T>(
  { input, seed }: Burst<T>,
  inputs: Inputs<T>,
  count: number
): Generator<T, void> {
  yield input
  const dice = new Dice(seed)
  const pool = [input]
  const share = Math.min(1, usualLength / Math.max(1, inputs.lengthOf(input)))
  for (let left = Math.ceil(count * share); left > 0; left--) {
    const from = dice.below(4) === 0 ? dice.pick(pool) : input
    const variant = inputs.vary(dice, from, dice.pick(pool))
    if (pool.length < kept) pool.push(variant)
    else if (dice.below(4) === 0) pool[1 + dice.below(kept - 1)] = variant
    yield variant
  }
}
