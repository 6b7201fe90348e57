import { describe, expect, test } from 'vitest'
import { sliceFlags } from '../../../model/fields.ts'
import { flowFields, flowRecord, ip, ipfix, noon, set, template, u, v9 } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'
import { one, rowOf } from './shown.ts'

describe('times', () => {
  const iso = '2026-03-01T12:00:00'
  const ntp = (seconds: number, fraction: number): Buffer =>
    Buffer.concat([u((seconds + 2_208_988_800) % 2 ** 32, 4), u(fraction, 4)])

  test('seconds, milliseconds, and NTP of microseconds and nanoseconds', () => {
    const fields: readonly FieldSpec[] = [
      [150, 4],
      [152, 8],
      [154, 8],
      [156, 8],
    ]
    const values = [u(noon, 4), u(noon * 1000 + 7, 8), ntp(noon, 2 ** 31), ntp(noon, 2 ** 30)]
    expect(one(fields, ...values)).toMatchObject({
      flow_start_seconds: `${iso}Z`,
      flow_start_milliseconds: `${iso}.007Z`,
      flow_start_microseconds: `${iso}.500000Z`,
      flow_start_nanoseconds: `${iso}.250000000Z`,
    })
  })

  test('NTP begins anew in 2036', () => {
    const late = Date.UTC(2040, 0, 1) / 1000
    expect(one([[154, 8]], ntp(late, 0))['flow_start_microseconds']).toBe(
      '2040-01-01T00:00:00.000000Z'
    )
  })

  test.each<[string, readonly FieldSpec[], readonly Buffer[], number, number]>([
    [
      'seconds',
      [
        [150, 4],
        [151, 4],
      ],
      [u(noon - 9, 4), u(noon - 1, 4)],
      noon - 9,
      noon - 1,
    ],
    [
      'NTP',
      [
        [154, 8],
        [157, 8],
      ],
      [ntp(noon - 9, 0), ntp(noon - 1, 0)],
      noon - 9,
      noon - 1,
    ],
    [
      'deltas',
      [
        [158, 4],
        [159, 4],
      ],
      [u(9e6, 4), u(1e6, 4)],
      noon - 9,
      noon - 1,
    ],
    [
      'a duration (ms)',
      [
        [151, 4],
        [161, 4],
      ],
      [u(noon, 4), u(8000, 4)],
      noon - 8,
      noon,
    ],
    [
      'a duration (us)',
      [
        [150, 4],
        [162, 4],
      ],
      [u(noon - 8, 4), u(8e6, 4)],
      noon - 8,
      noon,
    ],
    ['one event', [[323, 8]], [u((noon - 3) * 1000, 8)], noon - 3, noon - 3],
    ['nothing', [[8, 4]], [ip('10.0.0.1')], noon, noon],
    [
      'uptimes and when it started (160)',
      [
        [22, 4],
        [21, 4],
        [160, 8],
      ],
      [u(1000, 4), u(5000, 4), u((noon - 100) * 1000, 8)],
      noon - 99,
      noon - 95,
    ],
  ])('a row from %s', (_, fields, values, start, end) => {
    expect(rowOf(fields, ...values)).toMatchObject({ startUs: start * 1e6, endUs: end * 1e6 })
  })

  test('the counter of uptimes begins anew after 49.7 days', () => {
    const fields: readonly FieldSpec[] = [
      [22, 4],
      [21, 4],
    ]
    const datagram = v9(
      { uptimeMs: 5000 },
      set(0, template(256, fields)),
      set(256, u(2 ** 32 - 5000, 4), u(1000, 4))
    )
    expect(new Run().send([datagram]).rows[0]).toMatchObject({
      startUs: (noon - 10) * 1e6,
      endUs: (noon - 4) * 1e6,
    })
  })

  test('times that cannot be become the longest that they can stand for', () => {
    const fields: readonly FieldSpec[] = [
      [152, 8],
      [153, 8],
    ]
    const made = new Run().send([
      ipfix({}, set(2, template(256, fields)), set(256, u(5, 8), u(9, 8))),
    ])
    expect(made.rows[0]).toMatchObject({
      startUs: (noon - 1800) * 1e6,
      endUs: noon * 1e6,
      flags: sliceFlags.observedTimes,
    })
    expect(made.exporter().counters.implausibleTimes).toBe(1)
  })

  test('a flow of two and a half hours is cut, and keeps its counters', () => {
    const record = flowRecord({ startMs: (noon - 9000) * 1000, endMs: noon * 1000 })
    const { rows } = new Run().send([
      ipfix({}, set(2, template(256, flowFields)), set(256, record, flowRecord())),
    ])
    expect(rows.map(({ startUs, endUs }) => (endUs - startUs) / 1e6)).toEqual([9, 3600, 3600, 1800])
    expect(rows.map(({ octets }) => octets)).toEqual([600n, 0n, 0n, 600n])
  })
})
