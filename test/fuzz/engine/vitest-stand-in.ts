/**
 * Stands in for vitest where files of tests are read for their samples alone: groups are entered,
 * no test is run.
 */
type Group = (...given: never[]) => void

const enter = (_name: string, body: () => void): void => body()
const ofEach =
  (cases: readonly unknown[]) =>
  (_name: string, body: Group): void => {
    for (const one of cases) body(...((Array.isArray(one) ? one : [one]) as never[]))
  }
const nothing = (): void => {}

export const describe = Object.assign(enter, { each: ofEach, skipIf: () => nothing })
export const test = Object.assign(nothing, { each: () => nothing, skipIf: () => nothing })
export const [it, expect] = [test, nothing]
export const [beforeAll, afterAll, beforeEach, afterEach] = [nothing, nothing, nothing, nothing]
export const [onTestFinished, vi] = [nothing, {}]
