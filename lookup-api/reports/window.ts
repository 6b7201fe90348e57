import { FlowledgerError } from '../../model/errors.ts'
import { parseDuration } from '../../model/quantity.ts'
import { widthUs } from '../../model/rollup.ts'
import type { RollupWidth } from '../../model/rollup.ts'
import type { RollupKeep } from '../../model/reports-settings.ts'
import { parseInstant } from '../../model/time.ts'
import { inField } from '../query.ts'

/** The times of a report. */
export interface ReportWindow {
  /** [fromUs, toUs), multiples of `stepUs` since 1970. */
  readonly fromUs: number
  readonly toUs: number
  readonly stepUs: number
  /** What is read: the coarsest that makes up a step, and is kept since `fromUs`. */
  readonly width: RollupWidth
  /** The moment of the question: what is later has not happened. */
  readonly nowUs: number
  readonly notes: readonly string[]
}

/** What was asked for, as text. */
export interface WindowInput {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly tz?: string | undefined
  readonly step?: string | undefined
}

/** Points of a plot: more than a screen has columns is work for nothing. */
const maxSteps = 1500
/** Where no step is asked for, one that gives no more than this many: a year of days. */
const goodSteps = 400
/** Intervals that are read where no step is asked for: a month of hours, a year of days. */
const goodIntervals = 750
const longestUs = 12 * 366 * 86_400e6

/** Steps that are taken where none, or too fine a one, is asked for. */
const niceSteps = ['1m', '5m', '15m', '1h', '3h', '6h', '1d', '7d', '30d'].map(
  (text) => parseDuration(text) ?? 0
)

function usage(field: string, message: string, fix: string): FlowledgerError {
  return new FlowledgerError('usage', message, { fix, details: { field } })
}

function readStep(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const us = parseDuration(text)
  if (us !== undefined && us >= widthUs.minute && us % widthUs.minute === 0) return us
  throw usage('step', `"${text.slice(0, 20)}" is not a step.`, 'Write whole minutes: 5m, 1h, 1d.')
}

/** What is kept of which width, of those that the report has. */
interface Kept {
  readonly widths: readonly RollupWidth[]
  readonly keep: RollupKeep
}

/** The coarsest width of which a step is made, and the finest that is still kept since `fromUs`. */
function widthFor(stepUs: number, ageUs: number, { widths, keep }: Kept): RollupWidth | undefined {
  return widths
    .toReversed()
    .find((width) => stepUs % widthUs[width] === 0 && (width === 'day' || keep[width] >= ageUs))
}

/**
 * Reads from, to and step. A step that gives too many points, or finer ones than are still kept, is
 * made coarser, with a note.
 *
 * @throws FlowledgerError `usage` or a time code, with `details.field`
 */
export function readWindow(input: WindowInput, nowUs: number, kept: Kept): ReportWindow {
  const zone = { tz: input.tz, nowUs }
  const askedFrom = inField('from', () => parseInstant(input.from ?? '-1d', zone).atUs)
  const askedTo = inField('to', () => parseInstant(input.to ?? 'now', zone).atUs)
  const toUs = Math.min(askedTo, nowUs)
  if (askedFrom >= toUs) throw usage('from', '"from" is not before "to", or now.', 'Turn them.')
  if (toUs - askedFrom > longestUs) {
    throw usage('from', 'No report is of more than twelve years.', 'Ask for a shorter time.')
  }
  const asked = readStep(input.step)
  const spanUs = toUs - askedFrom
  const fits = (us: number, most: number): boolean => {
    const width = widthFor(us, nowUs - askedFrom, kept)
    if (width === undefined || spanUs / us > most) return false
    return asked !== undefined || width === 'day' || spanUs / widthUs[width] <= goodIntervals
  }
  const steps = asked === undefined ? niceSteps : [asked, ...niceSteps.filter((us) => us > asked)]
  const most = asked === undefined ? goodSteps : maxSteps
  const stepUs = steps.find((us) => fits(us, most)) ?? niceSteps.at(-1) ?? 0
  const width = widthFor(stepUs, nowUs - askedFrom, kept) ?? 'day'
  const fromUs = Math.floor(askedFrom / stepUs) * stepUs
  const notes =
    asked === undefined || asked === stepUs
      ? []
      : [
          `Steps are ${stepUs / 60e6} minutes long, not ${asked / 60e6}: finer ones are kept no ` +
            `more for this time, or are more than ${maxSteps}.`,
        ]
  return { fromUs, toUs: Math.ceil(toUs / stepUs) * stepUs, stepUs, width, nowUs, notes }
}

/** Start of each step. */
export function stepsOf({ fromUs, toUs, stepUs }: ReportWindow): number[] {
  return Array.from({ length: Math.round((toUs - fromUs) / stepUs) }, (_, i) => fromUs + i * stepUs)
}

/** Seconds of each step that lie in the past: of a step that goes on, the part that was. */
export function secondsOf(window: ReportWindow): number[] {
  return stepsOf(window).map(
    (startUs) => Math.max(1e6, Math.min(window.stepUs, window.nowUs - startUs)) / 1e6
  )
}
