import { expect, test } from 'vitest'
import { shieldRelativeTimes } from '../../cli/relative-time.ts'

test.each([
  ['lookup 192.0.2.1 -15m -o json', 'lookup 192.0.2.1 -o json -- -15m'],
  ['lookup 192.0.2.1 now', 'lookup 192.0.2.1 now'],
  ['lookup 192.0.2.1 -o json', 'lookup 192.0.2.1 -o json'],
  ['lookup -o json -- 192.0.2.1 -15m', 'lookup -o json -- 192.0.2.1 -15m'],
  ['lookup -1.5h -- x', 'lookup -- -1.5h x'],
])('%s', (before, after) => {
  expect(shieldRelativeTimes(before.split(' ')).join(' ')).toBe(after)
})
