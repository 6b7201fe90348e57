import fc from 'fast-check'

/**
 * Holds a property against ever new inputs for so long, and against one however long it takes: a
 * machine that stood still meanwhile has tried fewer, which fast-check alone takes for a failure.
 *
 * @param ms of the clock
 */
export async function assertFor<Ts>(property: fc.IRawProperty<Ts>, ms: number): Promise<void> {
  await fc.assert(property, { numRuns: 1 })
  const tried = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: ms,
    markInterruptAsFailure: false,
  })
  if (!tried.failed || (tried.interrupted && tried.counterexample === null)) return
  throw new Error(fc.defaultReportMessage(tried), { cause: tried.errorInstance })
}
