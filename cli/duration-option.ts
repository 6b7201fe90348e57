import { Option } from 'commander'
import { FlowledgerError } from '../model/errors.ts'
import { parseDuration } from '../model/quantity.ts'

/**
 * An option that is a duration, such as `90s`, `12h` or `30d`: microseconds.
 *
 * @param least the shortest that is taken, in microseconds
 */
export function durationOption(flags: string, about: string, least = 1): Option {
  const option = new Option(flags, about).argParser((text) => {
    const us = parseDuration(text)
    if (us !== undefined && us >= least) return us
    const what = `"${text.slice(0, 20)}" is no duration for ${option.long ?? flags}.`
    throw new FlowledgerError('usage', what, { fix: 'Write it like 12h or 90d.' })
  })
  return option
}
