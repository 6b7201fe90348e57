import { readFileSync } from 'node:fs'
import { embeddedPostgresMissing, namespacesMissing, programMissing } from '../test/skip.ts'
import type { SkipArea } from '../test/skip.ts'

/**
 * Closes a CI run: `test-summary.ts RESULT.json SKIPS TESTS CHECK` prints "N passed, N failed" as
 * its last line, and fails where a test failed, or was skipped on a machine that has what it needs.
 * TESTS and CHECK are the exit codes of the two.
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

function readResult(file: string): TestResult | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestResult
  } catch {
    // vitest died before it could write: nothing was shown to work.
    return undefined
  }
}

/** Skips that this machine has no excuse for. */
function unexcused(lines: readonly string[]): string[] {
  const areas = Object.entries(excuses).filter(([, excuse]) => excuse() === undefined)
  return lines.filter((line) => areas.some(([area]) => line.startsWith(`SKIP ${area}:`)))
}

const [resultFile = '', skipFile = '', status = '1', check = '1'] = process.argv.slice(2)
const result = readResult(resultFile)
const skips = [...new Set(readFileSync(skipFile, 'utf8').split('\n').filter(Boolean))]
for (const line of skips) console.log(line)
const hidden = unexcused(skips)
for (const line of hidden) console.log(`FAILED: this machine could have run it: ${line}`)

// A file that cannot be loaded holds no test that could fail: it counts as one itself.
const broken = (result?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0
)
for (const file of broken) console.log(`FAILED: ${file.name} could not be run`)

const passed = result?.numPassedTests ?? 0
const counted = (result?.numFailedTests ?? 0) + broken.length + hidden.length
const checked = check === '0' ? 0 : 1
if (checked !== 0) console.log('FAILED: npm run check')
// An error outside of any test fails the run without a number of its own.
const silent = counted === 0 && (status !== '0' || passed === 0) ? 1 : 0
const failed = counted + silent + checked
const skipped = result?.numPendingTests ?? 0
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
process.exitCode = failed === 0 ? 0 : 1
