import type { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import type { ReportsConfig } from '../../model/reports-settings.ts'
import type { Right } from '../../model/rights.ts'
import type { Database } from '../../store/database.ts'
import type { Cell, Report, ReportTable } from './contract.ts'
import { stepsOf } from './window.ts'
import type { ReportWindow } from './window.ts'
import { formatInstant } from '../../model/time.ts'

/** What reports are made from. */
export interface ReportContext {
  /** A pool of the log-in `lookup`. */
  readonly database: Database
  readonly settings: ReportsConfig
  readonly nowUs: number
}

/** What may be asked of a report, as text: parameters of the route, flags of the command. */
export const reportFields = ['from', 'to', 'tz', 'step', 'source', 'by', 'metric', 'limit'] as const

export type ReportField = (typeof reportFields)[number]

export type ReportInput = Readonly<Partial<Record<ReportField, string | undefined>>>

/** A kind of report. */
export interface ReportKind {
  readonly summary: string
  readonly right: Right
  /** What `by` and `metric` may be, the first by default. */
  readonly by: readonly [string, ...string[]]
  readonly metric: readonly [string, ...string[]]
  make(input: ReportInput, context: ReportContext): Promise<Report>
}

function oneOf<T extends string>(
  field: ReportField,
  text: string | undefined,
  all: readonly [T, ...T[]]
): T {
  const found = text === undefined ? all[0] : all.find((each) => each === text)
  if (found !== undefined) return found
  throw new FlowledgerError('usage', `"${text?.slice(0, 40)}" is none of ${all.join(', ')}.`, {
    fix: `Name one of them as "${field}", or leave it out.`,
    details: { field },
  })
}

/** By what, and of what, within what a kind has. */
export function readChoice<B extends string, M extends string>(
  input: ReportInput,
  by: readonly [B, ...B[]],
  metric: readonly [M, ...M[]]
): { by: B; metric: M } {
  return { by: oneOf('by', input.by, by), metric: oneOf('metric', input.metric, metric) }
}

/** How many series there are at most: 1 to 50. */
export function readLimit({ limit }: ReportInput, otherwise = 10): number {
  const count = limit === undefined ? otherwise : Number(limit)
  if (/^\d{1,2}$/.test(limit ?? '1') && count >= 1 && count <= 50) return count
  throw new FlowledgerError('usage', `"${limit?.slice(0, 20)}" is not a number of series.`, {
    fix: 'It is a number from 1 to 50.',
    details: { field: 'limit' },
  })
}

/** The sources by their ids, and the ids of those that were asked for. */
export interface Sources {
  readonly names: ReadonlyMap<number, string>
  readonly picked: readonly number[] | undefined
}

/** @throws FlowledgerError `usage` where no source is called so */
export async function readSources(
  { database }: ReportContext,
  { source }: ReportInput
): Promise<Sources> {
  const rows = await database.query<{ id: number; name: string }>('list its sources', {
    text: 'select id, name from ledger.source order by name',
  })
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  if (source === undefined) return { names, picked: undefined }
  const picked = rows.filter(({ name }) => name === source).map(({ id }) => id)
  if (picked.length > 0) return { names, picked }
  throw new FlowledgerError('usage', `No source is called "${source.slice(0, 60)}".`, {
    fix: 'GET /v1/coverage lists them.',
    details: { field: 'source' },
  })
}

/** A column of a table and how its cells are made of what a row is of. */
export type Column<T> = readonly [key: string, title: string, unit: string, of: (one: T) => Cell]

/** Puts a table together. */
export function tableOf<T>(columns: readonly Column<T>[], rows: readonly T[]): ReportTable {
  return {
    columns: columns.map(([key, title, unit]) => ({ key, title, unit })),
    rows: rows.map((row) => Object.fromEntries(columns.map(([key, , , of]) => [key, of(row)]))),
  }
}

type Body = Omit<
  z.input<typeof import('./contract.ts').reportSchema>,
  'from' | 'to' | 'step_seconds' | 'resolution' | 'times'
>

/** A report of a window. */
export function reportOf(window: ReportWindow, body: Body): Report {
  return {
    ...body,
    from: formatInstant(window.fromUs),
    to: formatInstant(window.toUs),
    step_seconds: window.stepUs / 1e6,
    resolution: window.width,
    times: stepsOf(window).map(formatInstant),
    notes: [...window.notes, ...body.notes],
  }
}

/** A threshold where the configuration has one. */
export function lineAt(name: string, value: number | undefined): { name: string; value: number }[] {
  return value === undefined ? [] : [{ name, value }]
}

/** Three significant decimals are all that a mean over a step tells. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
