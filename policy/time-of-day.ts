import { z } from 'zod'

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const timeError = 'must be a time of day such as 08:00'

const time = z
  .string({ error: timeError })
  .regex(/^([01]?\d|2[0-3]):[0-5]\d$|^24:00$/, { error: timeError })

/** When an action holds; Netify's file has it so. */
export const timeOfDaySchema = z.strictObject({
  day: z
    .array(z.enum(days, { error: `must be a list of ${days.join(', ')}` }))
    .optional()
    .describe('Days on which it begins; left out: every day.'),
  time_start: time.prefault('00:00').describe('When it begins.'),
  time_end: time.prefault('24:00').describe('When it ends; earlier than its begin: the next day.'),
  policy: z
    .enum(['inclusive', 'exclusive'])
    .prefault('inclusive')
    .describe('inclusive: the action holds then; exclusive: it holds at all other times.'),
})

type TimeOfDay = z.output<typeof timeOfDaySchema>

const padded = (text: string): string => text.padStart(5, '0')

/** One window as an expression. A night belongs to the day on which it begins. */
function windowText({ day = [...days], time_start, time_end }: TimeOfDay): string {
  const [from, to] = [padded(time_start), padded(time_end)]
  const on = (names: readonly string[]): string =>
    names.length === 0 ? '!*' : `weekday in (${names.join(', ')})`
  if (from < to) return `(${on(day)} && time in ${from}-${to})`
  const next = day.map((name) => days[(days.indexOf(name) + 1) % 7] ?? 'sun')
  const evening = `${on(day)} && time >= ${from}`
  const morning = `${on(next)} && time < ${to}`
  return `((${evening}) || (${morning}))`
}

/**
 * The times at which an action holds, as an expression: in one of the inclusive windows, where
 * there are any, and in none of the exclusive ones. Undefined where it always does.
 */
export function timeOfDayText(windows: readonly TimeOfDay[]): string | undefined {
  const of = (policy: TimeOfDay['policy']): string[] =>
    windows.filter((window) => window.policy === policy).map(windowText)
  const [inclusive, exclusive] = [of('inclusive'), of('exclusive')]
  const parts = [
    ...(inclusive.length === 0 ? [] : [`(${inclusive.join(' || ')})`]),
    ...exclusive.map((text) => `!${text}`),
  ]
  return parts.length === 0 ? undefined : parts.join(' && ')
}
