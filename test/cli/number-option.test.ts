import { expect, test } from 'vitest'
import { runFlowledger } from './run-flowledger.ts'

test.each([
  ['policy', 'show', '--last', 'x'],
  ['policy', 'show', '--last', '-3'],
  ['capture', 'rules', '--group', '65536'],
  ['capture', 'rules', '--packets', '1e1'],
  ['case', 'list', '--limit', '0'],
  ['import', 'logins', 'file', '--year', 'last'],
])('%s %s %s %s is refused with what it may be', (...argv) => {
  const { code, stdout, stderr } = runFlowledger(argv)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/is no number for --\w+\. .*from \d+ to \d+\./)
})

test('a number within the bounds is taken', () => {
  const { code, stdout } = runFlowledger(['capture', 'rules', '--group', '7', '--packets', '3'])
  expect(code).toBe(0)
  expect(stdout).toContain('group 7')
})
