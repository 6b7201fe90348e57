import { z } from 'zod'
import { parseDuration } from './quantity.ts'

/**
 * A duration of the configuration, such as `30d`, between two others.
 *
 * @param example is shown where it is not one
 */
export function durationBetween(least: string, most: string, example?: string) {
  const such = example === undefined ? '' : `, such as ${example}`
  const error = `must be a duration between ${least} and ${most}${such}`
  const [shortest, longest] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0]
  return z.string({ error }).refine(
    (text) => {
      const us = parseDuration(text)
      return us !== undefined && us >= shortest && us <= longest
    },
    { error }
  )
}
