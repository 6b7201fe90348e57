import { describe, expect, test } from 'vitest'
import { formatSize, parseDuration, parseSize } from '../../model/quantity.ts'

describe('durations', () => {
  test.each([
    ['250us', 250],
    ['250ms', 250e3],
    ['30s', 30e6],
    ['30 m', 1800e6],
    ['1.5h', 5400e6],
    ['7d', 604_800e6],
  ])('%s', (text, us) => expect(parseDuration(text)).toBe(us))

  test.each(['', '30', '-3s', '3 s ', '1e3s', '3S', '3weeks', '3constructor', '9999999999999999d'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined()
  )
})

describe('sizes', () => {
  test.each([
    ['4096', 4096],
    ['64MiB', 64 * 2 ** 20],
    ['10GB', 10e9],
    ['1.5 KiB', 1536],
  ])('%s', (text, octets) => expect(parseSize(text)).toBe(octets))

  test.each(['', 'MiB', '64mib', '64 Mb', '-1', '999999999999999TiB'])('refuses %j', (text) =>
    expect(parseSize(text)).toBeUndefined()
  )

  test('prints them for people', () => {
    expect(formatSize(1023)).toBe('1023 B')
    expect(formatSize(1536)).toBe('1.5 KiB')
    expect(formatSize(10 * 2 ** 30)).toBe('10 GiB')
  })
})
