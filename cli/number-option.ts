import { Option } from 'commander'
import { FlowledgerError } from '../model/errors.ts'

/** Bounds of a whole number that an option takes, both included. */
export interface NumberBounds {
  readonly from: number
  readonly to: number
  /** Left out: the option is undefined where it is not given. */
  readonly usually?: number
}

/** An option that is a whole number: anything else is refused with what it may be. */
export function numberOption(flags: string, about: string, bounds: NumberBounds): Option {
  const { from, to, usually } = bounds
  const option = new Option(flags, about).argParser((text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
    if (value >= from && value <= to) return value
    const what = `"${text.slice(0, 20)}" is no number for ${option.long ?? flags}.`
    throw new FlowledgerError('usage', what, { fix: `Give a whole number from ${from} to ${to}.` })
  })
  return usually === undefined ? option : option.default(usually)
}
