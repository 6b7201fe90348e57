import { expect } from 'vitest'
import type { Report } from '../../../lookup-api/reports/contract.ts'
import { reports } from '../../../lookup-api/reports/reports.ts'
import { formatProtocol } from '../../../model/protocol.ts'
import { reportsConfigOf, reportsSchema } from '../../../model/reports-settings.ts'
import { formatInstant } from '../../../model/time.ts'
import type { Database } from '../../../store/database.ts'
import type { Sums } from './day-oracle.ts'

/** A whole number of hours, in microseconds since 1970. */
interface Span {
  readonly fromUs: number
  readonly toUs: number
}

/** How a report by something calls an item of a gateway; left out: it is of other sums. */
type Naming = readonly [dimension: number, name: (item: string, gateway: string) => string]

const ways: Readonly<Record<string, Naming>> = {
  'traffic total': [0, () => 'all'],
  'traffic source': [0, (_, gateway) => gateway],
  'traffic transport': [4, (item) => formatProtocol(Number(item))],
  'traffic ingress': [5, (item, gateway) => `${gateway} ${item}`],
  'traffic egress': [6, (item, gateway) => `${gateway} ${item}`],
  'applications application': [1, (item) => item],
  'applications category': [2, (item) => item],
  'applications protocol': [3, (item) => item],
  'talkers inside': [7, (item) => item],
  'exporters source': [0, (_, gateway) => gateway],
}

/** Reports that are made of flows: all but that of the machine's storage and tables. */
export const flowReports = Object.entries(reports).flatMap(([name, { by }]) =>
  by.filter((one) => ways[`${name} ${one}`] !== undefined).map((one) => [name, one] as const)
)

const minuteOf = (us: number): number => us / 60e6

function ask(database: Database, name: string, by: string, span: Span): Promise<Report> {
  const settings = reportsConfigOf(reportsSchema.parse({}))
  const [from, to] = [formatInstant(span.fromUs), formatInstant(span.toUs)]
  const made = reports[name]?.make(
    { from, to, by, step: '1h', limit: '50' },
    { database, settings, nowUs: Date.now() * 1000 }
  )
  if (made === undefined) throw new Error(`no report ${name}`)
  return made
}

const sorted = (rows: readonly string[]): string[] => rows.toSorted()

/** The table of a report is the sums over the flows, and so are its series, hour by hour. */
export async function expectTraffic(
  database: Database,
  [name, by]: readonly [string, string],
  traffic: Sums,
  span: Span
): Promise<void> {
  const [dimension, callOf] = ways[`${name} ${by}`] ?? [-1, String]
  const report = await ask(database, name, by, span)
  const named = new Set(report.series.map((one) => one.name))
  // Those below the greatest are one.
  const nameOf = (item: string, gateway: string): string => {
    const called = callOf(item, gateway)
    return named.has(called) ? called : 'other'
  }
  const wanted = new Map<string, bigint[]>()
  const weights = new Map<string, bigint>()
  for (const [key, numbers] of traffic) {
    const [of, gateway = '', minuteText = '', ...item] = key.split(' ')
    const minute = Number(minuteText)
    const isInside = minute >= minuteOf(span.fromUs) && minute < minuteOf(span.toUs)
    if (Number(of) !== dimension || !isInside) continue
    const called = nameOf(item.join(' '), `gw${gateway}`)
    const sums = wanted.get(called) ?? [0n, 0n, 0n, 0n, 0n, 0n]
    wanted.set(
      called,
      sums.map((sum, k) => sum + (numbers[k] ?? 0n))
    )
    const place = `${called} ${Math.floor((minute - minuteOf(span.fromUs)) / 60)}`
    const weight =
      name === 'exporters' ? (numbers[5] ?? 0n) : (numbers[0] ?? 0n) + (numbers[1] ?? 0n)
    weights.set(place, (weights.get(place) ?? 0n) + weight)
  }
  const columns = [
    'octets',
    'reverse_octets',
    'packets',
    'reverse_packets',
    'connections',
    'slices',
  ]
  expect(
    sorted(report.table.rows.map((row) => [row['name'], ...columns.map((c) => row[c])].join(' ')))
  ).toEqual(sorted([...wanted].map(([called, sums]) => [called, ...sums].join(' '))))
  expect(report.times.length).toBe((span.toUs - span.fromUs) / 3600e6)
  for (const { name: called, values } of report.series) {
    for (const [hour, value] of values.entries()) {
      const weight = Number(weights.get(`${called} ${hour}`) ?? 0n)
      const rate = name === 'exporters' ? weight / 3600 : (weight * 8) / 3600
      // A rate has six digits.
      const near = Math.abs((value ?? 0) - rate) <= 0.001 + rate * 1e-5
      expect([called, hour, value, near]).toEqual([called, hour, value, true])
    }
  }
}

/** Ports in use of each address are the time for which mappings held them, hour by hour. */
export async function expectPool(
  database: Database,
  pool: Sums,
  traffic: Sums,
  span: Span
): Promise<void> {
  const held = new Map<string, bigint>()
  const begun = new Map<string, bigint>()
  for (const [key, [us = 0n, connections = 0n]] of pool) {
    const [, minuteText, address = ''] = key.split(' ')
    const minute = Number(minuteText) - minuteOf(span.fromUs)
    if (minute < 0 || minute >= minuteOf(span.toUs - span.fromUs)) continue
    const place = `${address} ${Math.floor(minute / 60)}`
    held.set(place, (held.get(place) ?? 0n) + us)
    begun.set(address, (begun.get(address) ?? 0n) + connections)
  }
  const report = await ask(database, 'nat-pool', 'address', span)
  expect(sorted(report.table.rows.map((row) => `${row['address']} ${row['connections']}`))).toEqual(
    sorted([...begun].map(([address, connections]) => `${address} ${connections}`))
  )
  for (const { name, values } of report.series) {
    for (const [hour, value] of values.entries()) {
      const ports = Number(held.get(`${name} ${hour}`) ?? 0n) / 3600e6
      expect(Math.abs((value ?? 0) - ports), `${name} ${hour}`).toBeLessThan(0.001)
    }
  }
  const events = [...traffic].filter(([key]) => {
    const minute = Number(key.split(' ')[2])
    return key.startsWith('8 ') && minute >= minuteOf(span.fromUs) && minute < minuteOf(span.toUs)
  })
  const told = report.figures.filter(({ key }) => key.startsWith('event_'))
  expect(told.reduce((sum, { value }) => sum + Number(value), 0)).toBe(
    Number(events.reduce((sum, [, numbers]) => sum + (numbers[5] ?? 0n), 0n))
  )
}
