import { describe, expect, test } from 'vitest'
import { natDialects } from '../../../../collector/syslog/dialects.ts'
import { natVendors } from '../../../../model/syslog-sources.ts'
import { parseZone } from '../../../../model/time-zone.ts'
import { readLines } from '../reading.ts'
import type { ReadEvent } from '../reading.ts'
import { lineUs } from './sample.ts'
import { samples } from './samples.ts'

const zone = parseZone('UTC')

describe.each(natVendors)('the dialect %s', (vendor) => {
  test.each(samples[vendor])('reads $line', ({ line, tells }) => {
    const { events } = readLines([line], { vendor, zone })
    const timeless = (event: ReadEvent): object =>
      Object.fromEntries(Object.entries(event).filter(([key]) => !/^(?:from|to)Us$/.test(key)))
    expect(events.map(timeless)).toEqual(tells.map(timeless))
    for (const [index, event] of events.entries()) {
      const { fromUs, toUs } = tells[index] ?? {}
      if (fromUs !== undefined) expect([event['fromUs'], event['toUs']]).toEqual([fromUs, toUs])
      else {
        expect(event['fromUs']).toBeGreaterThanOrEqual(lineUs)
        expect(event['toUs']).toBeLessThan(lineUs + 1e6)
      }
    }
  })

  test('knows its lines among all others, and no other takes them', () => {
    for (const { line, tells } of samples[vendor]) {
      const { events, source } = readLines([line], { zone })
      expect(events.length, line).toBe(tells.length)
      expect(source.counters.unknown + source.counters.malformed, line).toBe(0)
      const takers = natVendors.filter(
        (other) => readLines([line], { vendor: other, zone }).source.counters.events > 0
      )
      expect(takers, line).toEqual([vendor])
    }
  })

  test('tells nothing else of a line that is cut anywhere', () => {
    const ends = ['inside', 'outside', 'remote', 'remoteAfter', 'portStart', 'portEnd'] as const
    for (const { line, tells } of samples[vendor]) {
      for (let length = 0; length < line.length; length++) {
        const cut = line.slice(0, length)
        // Nobody can tell 192.0.2.1:2000 from 192.0.2.1:20000 that lost a digit at the end.
        if (/[\da-f]$/.test(cut) && /^[\da-f]/.test(line.slice(length))) continue
        const { events } = readLines([cut], { vendor, zone })
        for (const [index, event] of events.entries()) {
          for (const end of ends) {
            const whole = tells[index]?.[end]
            if (event[end] !== undefined) expect(event[end], cut).toBe(whole)
          }
        }
      }
    }
  })

  test('refuses absurd numbers, and the next line is read all the same', () => {
    for (const { line, tells } of samples[vendor]) {
      for (const [from, to] of [
        ['51000', '99999'],
        ['20000', '4294967296'],
        ['10.0.0.5', '10.0.0.500'],
        ['1151', '70000'],
      ] as const) {
        const wrong = line.replaceAll(from, to)
        if (wrong === line) continue
        const { events } = readLines([wrong, line], { vendor, zone })
        expect(events.slice(-tells.length).length, wrong).toBe(tells.length)
        for (const event of events) {
          const ports = ['inside', 'outside'].map((end) => String(event[end] ?? ' 0').split(' ')[1])
          expect(
            ports.every((port) => Number(port) <= 65_535),
            wrong
          ).toBe(true)
        }
      }
    }
  })
})

test('every vendor of the configuration has a dialect', () => {
  expect(Object.keys(natDialects).sort()).toEqual([...natVendors].sort())
})
