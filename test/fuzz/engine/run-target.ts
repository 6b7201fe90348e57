import fc from 'fast-check'
import type { AnyTarget, Target } from './target.ts'

/** What came of running a target. */
export interface Outcome {
  inputs: number
  ms: number
  /** The input that took longest, and how long that was. */
  slowestMs: number
  slowest: string
  failure: Failure | undefined
}

/** An input that broke a property, shrunk, and how to come by it again. */
export interface Failure {
  readonly seed: number
  readonly path: string
  /** The input as a find. */
  readonly input: string
  readonly error: unknown
}

export const noOutcome = (): Outcome => ({
  inputs: 0,
  ms: 0,
  slowestMs: 0,
  slowest: '',
  failure: undefined,
})

/**
 * Runs so many inputs of a target, adding to what came of it before. The seed decides all of them.
 */
export async function runTarget(
  given: AnyTarget,
  { seed, inputs, path }: { seed: number; inputs: number; path?: string | undefined },
  outcome: Outcome,
  began: () => void = () => {}
): Promise<void> {
  const target = given as unknown as Target<unknown>
  const begun = performance.now()
  const timed = (input: unknown): void | Promise<void> => {
    began()
    const from = performance.now()
    outcome.inputs++
    const ran = target.run(input)
    if (ran instanceof Promise) return ran.then(() => note(outcome, from, target, input))
    note(outcome, from, target, input)
    return undefined
  }
  const property = isAsync(target, timed)
  const found = await fc.check(property as fc.IAsyncProperty<[unknown]>, {
    seed,
    numRuns: inputs,
    ...(path === undefined ? {} : { path }),
  })
  outcome.ms += performance.now() - begun
  if (!found.failed || found.counterexample === null) return
  outcome.failure = {
    seed: found.seed,
    path: found.counterexamplePath ?? '',
    input: target.write(found.counterexample[0]),
    error: found.errorInstance,
  }
}

/** fast-check tells the two apart by what they are, so that what is synchronous costs no promise. */
function isAsync(
  { run, inputs }: Target<unknown>,
  timed: (input: unknown) => void | Promise<void>
): fc.IRawProperty<[unknown]> {
  const property =
    run.constructor.name === 'AsyncFunction'
      ? fc.asyncProperty(inputs, async (input) => await timed(input))
      : fc.property(inputs, (input) => void timed(input))
  return property
}

function note(outcome: Outcome, from: number, { write }: Target<unknown>, input: unknown): void {
  const ms = performance.now() - from
  if (ms <= outcome.slowestMs) return
  outcome.slowestMs = ms
  outcome.slowest = write(input)
}
