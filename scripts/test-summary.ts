import { readFileSync } from 'node:fs'
import { embeddedPostgresMissing, namespacesMissing, programMissing } from '../test/skip.ts'
import type { SkipArea } from '../test/skip.ts'

/**
 * Closes a CI run: `test-summary.ts RESULT.json SKIPS TESTS CHECK BENCH.json` prints "N passed, N
 * failed" as its last line, and fails where a test failed, or was skipped on a machine that has
 * what it needs, or where a quick measurement fell far behind. TESTS and CHECK are the exit codes
 * of the two; BENCH.json is what `npm run bench -- --quick --summary` wrote.
 */

/** Why this machine cannot run an area's tests; undefined where it can, so that none may skip. */
const excuses: Readonly<Record<SkipArea, () => string | undefined>> = {
  kernel: namespacesMissing,
  postgres: embeddedPostgresMissing,
  browser: () => programMissing('chromium'),
  // A peer program is for comparison; a machine without it is a complete one.
  program: () => 'optional',
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface TestResult {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly unknown[]
  }[]
}

/** What the quick measurements came to. */
interface BenchResult {
  readonly passed: number
  readonly failed: readonly string[]
}

function readResult(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Who should have written it died before: nothing was shown to work.
    return undefined
  }
}

/** Skips that this machine has no excuse for. */
function unexcused(lines: readonly string[]): string[] {
  const areas = Object.entries(excuses).filter(([, excuse]) => excuse() === undefined)
  return lines.filter((line) => areas.some(([area]) => line.startsWith(`SKIP ${area}:`)))
}

const [resultFile = '', skipFile = '', status = '1', check = '1', benchFile = ''] =
  process.argv.slice(2)
const result = readResult(resultFile) as TestResult | undefined
const skips = [...new Set(readFileSync(skipFile, 'utf8').split('\n').filter(Boolean))]
for (const line of skips) console.log(line)
const hidden = unexcused(skips)
for (const line of hidden) console.log(`FAILED: this machine could have run it: ${line}`)

// A file that cannot be loaded holds no test that could fail: it counts as one itself.
const broken = (result?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0
)
for (const file of broken) console.log(`FAILED: ${file.name} could not be run`)

const bench = readResult(benchFile) as BenchResult | undefined
const slow = bench?.failed ?? ['the quick measurements could not be run']
for (const line of slow) console.log(`FAILED: ${line}`)

const passed = result?.numPassedTests ?? 0
const counted = (result?.numFailedTests ?? 0) + broken.length + hidden.length
const checked = check === '0' ? 0 : 1
if (checked !== 0) console.log('FAILED: npm run check')
// An error outside of any test fails the run without a number of its own.
const silent = counted === 0 && (status !== '0' || passed === 0) ? 1 : 0
const failed = counted + silent + checked + slow.length
const skipped = result?.numPendingTests ?? 0
const all = passed + (bench?.passed ?? 0)
console.log(`${all} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
process.exitCode = failed === 0 ? 0 : 1
