import type { RateLimit } from './principal.ts'

const unitsUs: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }

/** The most requests that a limit counts: each of them is remembered for as long as it counts. */
const maxCount = 100_000

/** What a rate looks like, for errors. */
export const rateForm = `is a rate such as 100/h: at most ${maxCount} a s, m, h or d`

/** Reads `100/h`, `5/s`; undefined where it is no rate. */
export function parseRate(text: string): RateLimit | undefined {
  const match = /^([1-9]\d{0,5})\/([smhd])$/.exec(text)
  const count = Number(match?.[1])
  const perUs = unitsUs[match?.[2] ?? '']
  return perUs === undefined || count > maxCount ? undefined : { count, perUs }
}

/** `100/h`. */
export function formatRate({ count, perUs }: RateLimit): string {
  const unit = Object.keys(unitsUs).find((name) => unitsUs[name] === perUs)
  return `${count}/${unit ?? `${perUs / 1e6}s`}`
}
