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

test('behind an option that takes a time it is its value', () => {
  const argv = ['natpool', 'set', 'a', '--from', '-1h', '--vrf', '1']
  expect(shieldRelativeTimes(argv)).toEqual(['natpool', 'set', 'a', '--from=-1h', '--vrf', '1'])
  expect(shieldRelativeTimes(['x', '--', '--from', '-1h'])).toEqual(['x', '--', '--from', '-1h'])
})
