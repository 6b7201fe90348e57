import { z } from 'zod'
import { durationBetween } from './duration-schema.ts'
import { parseDuration } from './quantity.ts'
import type { RollupWidth } from './rollup.ts'

/** The section `reports`: how long sums are kept, how often they are written, lines in plots. */

const duration = (least: string, most: string) => durationBetween(least, most, '30d')

const level = (error: string) => z.number({ error }).positive({ error }).optional()

/** The section as it stands in the file. */
export const reportsSchema = z.strictObject({
  write_every: duration('1s', '10m')
    .prefault('60s')
    .describe('How often sums are written, with the flows of that time; seldom costs less.'),
  keep: z
    .strictObject({
      minutes: duration('1d', '31d').prefault('3d').describe('Sums of minutes.'),
      five_minutes: duration('1d', '400d')
        .prefault('40d')
        .describe('Sums of five minutes, of which the 95th percentile is taken.'),
      hours: duration('7d', '3650d').prefault('400d').describe('Sums of hours.'),
      days: duration('31d', '36500d').prefault('3650d').describe('Sums of days.'),
    })
    .prefault({}),
  ports_per_address: z
    .number()
    .int()
    .min(1)
    .max(131_072)
    .optional()
    .describe('Mappings that a public address has room for; left out: 64512.'),
  thresholds: z
    .strictObject({
      ports: level('must be a number of ports above 0').describe(
        'Line in the plot of ports in use per public address.'
      ),
      traffic: level('must be bits a second above 0').describe(
        'Line in the plots of traffic, in bits a second.'
      ),
      conntrack_fill: level('must be a share above 0, such as 0.8').describe(
        'Line in the plot of the connection tracking table, as a share of its room.'
      ),
      storage_days: level('must be a number of days above 0').describe(
        'Fewer days of storage left than this are told of.'
      ),
    })
    .prefault({}),
})

/** How long rows of each width are kept (us). */
export type RollupKeep = Readonly<Record<RollupWidth, number>>

/** The section as the program uses it. */
export interface ReportsConfig {
  readonly writeEveryMs: number
  readonly keep: RollupKeep
  readonly portsPerAddress?: number
  readonly thresholds: {
    readonly ports?: number | undefined
    readonly traffic?: number | undefined
    readonly conntrackFill?: number | undefined
    readonly storageDays?: number | undefined
  }
}

const us = (text: string): number => parseDuration(text) ?? 0

/** Turns the section into what the program uses. */
export function reportsConfigOf(file: z.output<typeof reportsSchema>): ReportsConfig {
  const { keep, thresholds } = file
  const { ports_per_address: portsPerAddress } = file
  return {
    writeEveryMs: us(file.write_every) / 1000,
    keep: {
      minute: us(keep.minutes),
      five_minutes: us(keep.five_minutes),
      hour: us(keep.hours),
      day: us(keep.days),
    },
    ...(portsPerAddress === undefined ? {} : { portsPerAddress }),
    thresholds: {
      ports: thresholds.ports,
      traffic: thresholds.traffic,
      conntrackFill: thresholds.conntrack_fill,
      storageDays: thresholds.storage_days,
    },
  }
}
