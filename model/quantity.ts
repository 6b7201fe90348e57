/**
 * Durations and sizes as people write them in a configuration. A number without a unit is refused
 * for durations, since nobody can tell whether 30 means seconds or minutes.
 */

/** Microseconds of each unit. */
const durationUnits: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86_400e6,
}

/** Octets of each unit; those of IEC 80000-13 and the decimal ones. */
const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]{0,3})$/.exec(text)
  const unit = units[match?.[2] ?? 'none']
  if (match === null || unit === undefined) return undefined
  const value = Math.round(Number(match[1]) * unit)
  return Number.isSafeInteger(value) ? value : undefined
}

/** Reads `250ms`, `90s`, `30m`, `1.5h`, `7d`; microseconds, or undefined. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, durationUnits)
}

/** Reads `4096`, `64MiB`, `10GB`; octets, or undefined. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, sizeUnits)
}

const printedSizes = ['TiB', 'GiB', 'MiB', 'KiB'] as const

/** `1.5 GiB`: octets for people, with at most one decimal. */
export function formatSize(octets: number): string {
  for (const name of printedSizes) {
    const unit = sizeUnits[name] ?? 1
    if (octets >= unit) return `${Number((octets / unit).toFixed(1))} ${name}`
  }
  return `${octets} B`
}
