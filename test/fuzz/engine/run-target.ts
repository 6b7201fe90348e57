import fc from 'fast-check'
import { Bursts, variantsOf } from './burst.ts'
import type { Burst } from './burst.ts'
import type { AnyTarget, Target } from './target.ts'
import type { Watchdog } from './watchdog.ts'

/** What came of running a target. */
export interface Outcome {
  inputs: number
  /** Time of the processor, with that of making the inputs: a busy machine changes little of it. */
  cpuMs: number
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
  cpuMs: 0,
  slowestMs: 0,
  slowest: '',
  failure: undefined,
})

export interface Plan {
  /** Decides all inputs. */
  readonly seed: number
  /** How many inputs are made with an eye for their form. */
  readonly bursts: number
  /** How many variants follow each of them. */
  readonly variants: number
  /** Of one burst alone. */
  readonly path?: string | undefined
}

/** Runs inputs of a target, adding to what came of it before. */
export async function runTarget(
  given: AnyTarget,
  { seed, bursts, variants, path }: Plan,
  outcome: Outcome,
  watchdog: Pick<Watchdog, 'burst' | 'input'>
): Promise<void> {
  const target = given as unknown as Target<unknown>
  const before = process.cpuUsage()
  // Most inputs are refused with an error, of which where it was made costs more than the rest.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const runner = new Runner(target, outcome, watchdog)
  const of = (burst: Burst<unknown>) => {
    watchdog.burst()
    return variantsOf(burst, target.inputs, variants)
  }
  const found = await check(target, new Bursts(target.inputs), (burst) => runner.all(of(burst)), {
    seed,
    numRuns: bursts,
    endOnFailure: true,
    ...(path === undefined ? {} : { path }),
  })
  Error.stackTraceLimit = stackTraceLimit
  const { user, system } = process.cpuUsage(before)
  outcome.cpuMs += (user + system) / 1000
  if (!found.failed) return
  const [input, error] = await smallest(target, runner.last, found.errorInstance, watchdog)
  const where = found.counterexamplePath ?? ''
  outcome.failure = { seed: found.seed, path: where, input: target.write(input), error }
}

/** Gives one input after the other to a target. */
class Runner {
  /** The input that was begun last. */
  last: unknown
  private readonly target: Target<unknown>
  private readonly outcome: Outcome
  private readonly watchdog: Pick<Watchdog, 'input'>

  constructor(target: Target<unknown>, outcome: Outcome, watchdog: Pick<Watchdog, 'input'>) {
    this.target = target
    this.outcome = outcome
    this.watchdog = watchdog
  }

  /** Stops to wait only where the target does: a promise for each input would cost more than most. */
  all(inputs: Iterator<unknown, void>): void | Promise<void> {
    for (let next = inputs.next(); next.done !== true; next = inputs.next()) {
      const ran = this.run(next.value)
      if (ran !== undefined) return ran.then(() => this.all(inputs))
    }
    return undefined
  }

  private run(input: unknown): void | Promise<void> {
    this.watchdog.input()
    this.last = input
    this.outcome.inputs++
    const from = performance.now()
    const ran = this.target.run(input)
    if (ran instanceof Promise) return ran.then(() => this.noteAfter(from))
    return this.note(from)
  }

  /**
   * An input that took long is run once more: where it had only waited for the processor, it does
   * not take long again.
   */
  private note(from: number): void {
    const ms = performance.now() - from
    if (ms <= this.outcome.slowestMs) return
    const again = performance.now()
    void this.target.run(this.last)
    this.keep(Math.min(ms, performance.now() - again))
  }

  private async noteAfter(from: number): Promise<void> {
    const ms = performance.now() - from
    if (ms <= this.outcome.slowestMs) return
    const again = performance.now()
    await this.target.run(this.last)
    this.keep(Math.min(ms, performance.now() - again))
  }

  private keep(ms: number): void {
    if (ms <= this.outcome.slowestMs) return
    this.outcome.slowestMs = ms
    this.outcome.slowest = this.target.write(this.last)
  }
}

/** The input made smaller as long as it breaks the target; itself where it does not break it again. */
async function smallest(
  target: Target<unknown>,
  input: unknown,
  error: unknown,
  watchdog: Pick<Watchdog, 'input'>
): Promise<[input: unknown, error: unknown]> {
  const run = (one: unknown): void | Promise<void> => {
    // Many slow ones are no single one that does not end.
    watchdog.input()
    return target.run(one)
  }
  const found = await check(target, target.inputs, run, { numRuns: 1, examples: [[input]] })
  if (!found.failed || found.counterexample === null) return [input, error]
  return [found.counterexample[0], found.errorInstance]
}

/** fast-check tells the two apart by what they are, so that what is synchronous costs no promise. */
async function check<T>(
  { run }: Target<unknown>,
  inputs: fc.Arbitrary<T>,
  body: (input: T) => void | Promise<void>,
  how: fc.Parameters<[T]>
): Promise<fc.RunDetails<[T]>> {
  const property: fc.IRawProperty<[T]> =
    run.constructor.name === 'AsyncFunction'
      ? fc.asyncProperty(inputs, async (input) => await body(input))
      : fc.property(inputs, (input) => void body(input))
  return await fc.check(property as fc.IAsyncProperty<[T]>, how)
}
