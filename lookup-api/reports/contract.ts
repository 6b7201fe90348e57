import { z } from 'zod'

/** One form for every report, so that one plot, one table and one CSV writer do for all of them. */

const cell = z.union([z.number(), z.string(), z.null()])

export const reportSchema = z.object({
  report: z.string(),
  from: z.string().describe('start of the first step: RFC 3339, UTC'),
  to: z.string().describe('end of the last step'),
  step_seconds: z.number().int(),
  resolution: z
    .enum(['minute', 'five_minutes', 'hour', 'day'])
    .describe('how wide the intervals are that were read; a step is some of them'),
  title: z.string(),
  unit: z.string().describe('of the values of the series'),
  times: z.array(z.string()).describe('start of each step'),
  series: z
    .array(
      z.object({
        name: z.string(),
        is_rest: z.boolean().describe('stands for all that have no series of their own'),
        values: z.array(z.number().nullable()).describe('one for each of `times`'),
      })
    )
    .describe('the greatest first'),
  thresholds: z.array(z.object({ name: z.string(), value: z.number() })).describe('lines to draw'),
  table: z.object({
    columns: z.array(z.object({ key: z.string(), title: z.string(), unit: z.string() })),
    rows: z.array(z.record(z.string(), cell)).describe('a cell for the key of each column'),
  }),
  figures: z
    .array(
      z.object({
        key: z.string(),
        title: z.string(),
        value: z.number().nullable().describe('null: it cannot be said; `method` says why'),
        unit: z.string(),
        method: z.string().describe('how it is computed, as a sentence'),
      })
    )
    .describe('single figures over the whole time'),
  notes: z.array(z.string()).describe('what to know when reading this, as sentences'),
})

/** A report as it is answered. */
export type Report = z.infer<typeof reportSchema>

export type ReportTable = Report['table']

export type Cell = z.infer<typeof cell>
