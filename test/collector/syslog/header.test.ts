import { describe, expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { SyslogHeader } from '../../../collector/syslog/header.ts'
import { readLines } from './reading.ts'

const noonUs = Date.UTC(2026, 2, 1, 12) * 1000
const nowUs = (): number => noonUs + 30e6
const utc = parseZone('UTC')

describe('the header of a line', () => {
  test.each([
    ['RFC 5424', '<134>1 2026-03-01T12:00:00.25Z host app 1 - - x', noonUs + 0.25e6, 0],
    ['RFC 5424 with an offset', '<134>1 2026-03-01T13:00:00+01:00 host app 1 - - x', noonUs, 1],
    ['RFC 3164', '<134>Mar  1 12:00:00 host app: x', noonUs, 1],
    ['without a priority', 'Mar  1 12:00:00 host app: x', noonUs, 1],
    ['ASA, with a year', '<166>Mar 01 2026 12:00:00 host : %ASA-6-1: x', noonUs, 1],
    ['ASA without a host', '<166>Mar 01 2026 12:00:00: %ASA-6-1: x', noonUs, 1],
    ['IOS', '<189>12: rt1: *Mar  1 12:00:00.125: %X-6-Y: x', noonUs + 0.125e6, 0],
    ['IOS with UTC', '<189>12: .Mar  1 12:00:00.125 UTC: %X-6-Y: x', noonUs + 0.125e6, 0],
    ['a file', '2026-03-01T12:00:00Z host app: x', noonUs, 1],
  ])('%s', (_, line, firstUs, isWhole) => {
    const header = new SyslogHeader({ zone: utc, nowUs })
    expect(header.read(line)).toBeUndefined()
    expect(header.firstUs).toBe(firstUs)
    expect(header.lastUs).toBe(isWhole === 1 ? firstUs + 999_999 : firstUs)
    expect(line.slice(header.start)).toMatch(/x$/)
  })

  test('a time without a zone is one of the zone that is declared, or none', () => {
    const line = '<134>Mar  1 13:00:00 host app: x'
    const berlin = new SyslogHeader({ zone: parseZone('Europe/Berlin'), nowUs })
    expect(berlin.read(line)).toBeUndefined()
    expect(berlin.firstUs).toBe(noonUs)
    expect(new SyslogHeader({ nowUs }).read(line)).toBe('zone-missing')
  })

  test('UTC behind a router’s time is a zone, whatever is declared', () => {
    const header = new SyslogHeader({ zone: parseZone('Europe/Berlin'), nowUs })
    expect(header.read('<189>1: Mar  1 12:00:00.5 UTC: %X-6-Y: x')).toBeUndefined()
    expect(header.firstUs).toBe(noonUs + 0.5e6)
  })

  test('a zone behind the same time is looked at anew where it is another one', () => {
    const header = new SyslogHeader({ zone: parseZone('Europe/Berlin'), nowUs })
    const inUtc = 'Mar  1 12:00:00.5 UTC: %NAT-6-X: x'
    const utcUs = noonUs + 0.5e6
    for (const [line, us] of [
      [inUtc, utcUs],
      [inUtc, utcUs],
      [inUtc.replace(' UTC:', ':'), utcUs - 3_600e6],
      [inUtc.replace(' UTC:', ' UTX:'), utcUs - 3_600e6],
      [inUtc, utcUs],
    ] as const) {
      expect(header.read(`<189>7: ${line}`)).toBeUndefined()
      expect(header.firstUs).toBe(us)
      expect(`<189>7: ${line}`.slice(header.start)).toBe('%NAT-6-X: x')
    }
  })

  test('the year turns with the lines of a file', () => {
    const writtenUs = Date.UTC(2026, 0, 2) * 1000
    const options = { zone: utc, nowUs, writtenUs, year: 2025 }
    const header = new SyslogHeader(options)
    header.read('Dec 31 23:59:59 host x')
    expect(header.firstUs).toBe(Date.UTC(2025, 11, 31, 23, 59, 59) * 1000)
    header.read('Jan  1 00:00:00 host x')
    expect(header.firstUs).toBe(Date.UTC(2026, 0, 1) * 1000)
  })
})

describe('a line without a time that can be told', () => {
  const line = '<134>NAT-TCP-C: 10.0.0.5:51000 -> 192.0.2.1:20000'

  test('is of its arrival where it comes live, and says so', () => {
    const { events, source } = readLines([line], { live: true })
    expect(events[0]?.['flags']).toBe(8)
    expect(source.counters.arrivalTimes).toBe(1)
  })

  test('is refused where it stands in a file', () => {
    const { events, source } = readLines([line])
    expect(events).toEqual([])
    expect(source.counters.timeless).toEqual({ 'time-missing': 1 })
  })
})

test('lines that nobody knows are counted, and the latest are kept to be shown', () => {
  const lines = Array.from(
    { length: 9 },
    (_, i) => `<134>1 2026-03-01T12:00:00Z h a - - - x${i}\u0007`
  )
  const { source } = readLines(lines)
  expect(source.counters.unknown).toBe(9)
  expect(source.samples.unknown).toHaveLength(5)
  expect(source.samples.unknown.at(-1)).toMatch(/x8\?$/)
})
