import { describe, expect, test } from 'vitest'
import { LocalClock } from '../../../collector/conntrack/local-clock.ts'
import { parseZone } from '../../../model/time-zone.ts'

const berlin = new LocalClock(parseZone('Europe/Berlin'))

describe('the kernel’s local times', () => {
  test('are read in the zone that is given, summer and winter, also the second time', () => {
    const summer = Date.UTC(2026, 6, 2, 14, 26, 42) * 1000
    expect(berlin.read('Thu Jul  2 16:26:42 2026')).toBe(summer)
    expect(berlin.read('Thu Jul  2 16:26:43 2026')).toBe(summer + 1e6)
    expect(berlin.read('Fri Nov 20 16:26:42 2026')).toBe(Date.UTC(2026, 10, 20, 15, 26, 42) * 1000)
    const india = new LocalClock(parseZone('+05:30'))
    expect(india.read('Fri Nov 20 16:26:42 2026')).toBe(Date.UTC(2026, 10, 20, 10, 56, 42) * 1000)
  })

  test('that were twice or never are not guessed', () => {
    expect(berlin.read('Sun Oct 25 02:30:00 2026')).toBe(-2)
    expect(berlin.read('Sun Mar 29 02:30:00 2026')).toBe(-2)
  })

  test.each([
    '',
    'Fri Nov 20 16:26:42 202',
    'Fri Nov 20 24:26:42 2026',
    'Fri Nov 20 16:60:42 2026',
    'Fri Nov 20 16:26:60 2026',
    'Fri Feb 30 16:26:42 2026',
    'Fri Foo 20 16:26:42 2026',
    'Fri Nov 20 16-26-42 2026',
    'Fri Nov 20 16:26:42 0026',
  ])('"%s" is none', (text) => {
    expect(berlin.read(text)).toBe(-1)
  })
})
