import type { Compilation, Predicate } from './criteria.ts'
import { CriteriaError } from './problem.ts'
import type { Comparison, Value } from './syntax.ts'
import { weekdays } from './wall-clock.ts'

const minutesPerDay = 24 * 60

function minuteOf(text: string, value: Value): number {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text)
  const minute = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2])
  // 24:00 is the end of a day, as people write it.
  if (match !== null && Number(match[2]) < 60 && minute <= minutesPerDay) return minute
  const shown = JSON.stringify(text.slice(0, 60))
  throw new CriteriaError(`${shown} is no time of day such as 08:00.`, value)
}

/** `08:00-17:00` begins with its first minute and ends before its last; 22:00-06:00 is a night. */
function rangeTest(value: Value): (minute: number) => boolean {
  const [fromText = '', toText, ...rest] = value.text.split('-')
  if (rest.length > 0) throw new CriteriaError('A range of times is 08:00-17:00.', value)
  const from = minuteOf(fromText, value)
  if (toText === undefined) return (minute) => minute === from
  const to = minuteOf(toText, value)
  if (from <= to) return (minute) => minute >= from && minute < to
  return (minute) => minute >= from || minute < to
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** Tests the time of day at which the verdict was given. */
export function timeTest(
  operator: Comparison,
  values: readonly Value[],
  { clock }: Compilation
): Predicate {
  const order = orders[operator]
  if (order !== undefined) {
    const [value] = values as [Value]
    const wanted = minuteOf(value.text, value)
    return (flow) => order(clock(flow.atUs).minute, wanted)
  }
  const tests = values.map(rangeTest)
  return (flow) => {
    const { minute } = clock(flow.atUs)
    return tests.some((test) => test(minute))
  }
}

/** `mon`, `Monday` and `mon-fri`. */
export function weekdayTest(values: readonly Value[], { clock }: Compilation): Predicate {
  const wanted = new Set(values.flatMap(daysOf))
  return (flow) => wanted.has(clock(flow.atUs).weekday)
}

function daysOf(value: Value): number[] {
  const [from = -1, to, ...rest] = value.text.split('-').map((text) => {
    const day = weekdays.indexOf(text.slice(0, 3).toLowerCase() as (typeof weekdays)[number])
    const isDay = /^[a-z]{3}$|day$/i.test(text)
    return isDay ? day : -1
  })
  if (from < 0 || (to ?? 0) < 0 || rest.length > 0) {
    const shown = JSON.stringify(value.text.slice(0, 60))
    throw new CriteriaError(`${shown} is no day of the week such as mon or mon-fri.`, value)
  }
  const count = to === undefined ? 1 : ((to - from + 7) % 7) + 1
  return Array.from({ length: count }, (_, i) => (from + i) % 7)
}
