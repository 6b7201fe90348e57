import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { embeddedPostgresMissing } from '../skip.ts'

const script = fileURLToPath(new URL('../../scripts/test-summary.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowledger-summary-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, testResults: [] }

/** Exit code and last line of the summary of a run that ended like this. */
function summary(
  result: unknown,
  skips: string,
  status: string,
  check = '0',
  bench: unknown = { passed: 0, failed: [] }
) {
  const [resultFile, skipFile] = [join(folder, 'result.json'), join(folder, 'skips')]
  const benchFile = join(folder, 'bench.json')
  writeFileSync(benchFile, bench === null ? '' : JSON.stringify(bench))
  writeFileSync(resultFile, typeof result === 'string' ? result : JSON.stringify(result))
  writeFileSync(skipFile, skips)
  const argv = ['--import', 'tsx', script, resultFile, skipFile, status, check, benchFile]
  const { stdout, status: code } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  return { code, last: stdout.trimEnd().split('\n').at(-1) }
}

test('a good run', () => {
  expect(summary(good, '', '0')).toEqual({ code: 0, last: '7 passed, 0 failed' })
})

test('a skip with an excuse is counted and is no failure', () => {
  const skipped = { ...good, numPendingTests: 2 }
  const skips = 'SKIP program: the program tshark is not installed\n'
  expect(summary(skipped, skips, '0')).toEqual({ code: 0, last: '7 passed, 0 failed, 2 skipped' })
})

test('a skip that this machine has no excuse for fails the run', () => {
  const excused = embeddedPostgresMissing() !== undefined
  expect(summary(good, 'SKIP postgres: no binaries\n', '0')).toEqual({
    code: excused ? 0 : 1,
    last: `7 passed, ${excused ? 0 : 1} failed`,
  })
})

test('a failed test, a file that does not load, an error outside of tests, no result: failures', () => {
  const broken = { name: 'a.test.ts', status: 'failed', assertionResults: [] }
  expect(summary({ ...good, numFailedTests: 2 }, '', '1').last).toBe('7 passed, 2 failed')
  expect(summary({ ...good, testResults: [broken] }, '', '1').last).toBe('7 passed, 1 failed')
  expect(summary(good, '', '1')).toEqual({ code: 1, last: '7 passed, 1 failed' })
  expect(summary(good, '', '0', '2')).toEqual({ code: 1, last: '7 passed, 1 failed' })
  expect(summary('no JSON', '', '0')).toEqual({ code: 1, last: '0 passed, 1 failed' })
})

test('quick measurements are counted; one that fell behind fails, and so do none at all', () => {
  const [held, behind] = [
    { passed: 5, failed: [] },
    { passed: 4, failed: ['events: 0.4 times'] },
  ]
  expect(summary(good, '', '0', '0', held)).toEqual({ code: 0, last: '12 passed, 0 failed' })
  expect(summary(good, '', '0', '0', behind)).toEqual({ code: 1, last: '11 passed, 1 failed' })
  expect(summary(good, '', '0', '0', null)).toEqual({ code: 1, last: '7 passed, 1 failed' })
})
