import type { Columns } from '../model/flow-batch.ts'
import { maxSliceUs } from '../model/limits.ts'
import { maxFlags } from './flow-table.ts'

/** Why the ledger does not take a row. */
export const refusals = [
  /** A time that is no number. */
  'time-invalid',
  /** It started before 1990: a clock that was never set. */
  'too-old',
  /** It starts more than two days from now: no partition is made so far ahead. */
  'in-future',
  'end-before-start',
  /** Longer than maxSliceUs: a look-up would not find its end. Sources cut what is longer. */
  'slice-too-long',
  /** A flag that the table has no room for. */
  'flag-unknown',
  /** Its number in the spool is of no source. */
  'source-unknown',
] as const

export type Refusal = (typeof refusals)[number]

/** Before this a clock was never set (us since 1970). */
export const oldestUs = Date.UTC(1990, 0, 1) * 1000
const aheadUs = 2 * 86_400e6

/** Why a row is refused; undefined where it is good. `nowUs` is in microseconds since 1970. */
export function refusalOf(columns: Columns, row: number, nowUs: number): Refusal | undefined {
  const start = columns.flowStartMicroseconds[row] ?? Number.NaN
  const end = columns.flowEndMicroseconds[row] ?? Number.NaN
  if (!Number.isFinite(start) || !Number.isFinite(end)) return 'time-invalid'
  if (start < oldestUs) return 'too-old'
  if (start > nowUs + aheadUs) return 'in-future'
  if (end < start) return 'end-before-start'
  if (end - start > maxSliceUs) return 'slice-too-long'
  if ((columns.sliceFlags[row] ?? 0) > maxFlags) return 'flag-unknown'
  return undefined
}
