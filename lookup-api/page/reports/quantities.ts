/** Figures of reports as people read them. */

const steps = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** At most three figures that count: `1.23`, `12.3`, `123`. */
const shortNumber = (value: number): string =>
  Math.abs(value) >= 100 || Number.isInteger(value)
    ? String(Math.round(value))
    : String(Number(value.toPrecision(3)))

/** `1.2 Gbit/s`, `34 ports`, `0.5`; thousands have a prefix where the unit takes one. */
export function quantityText(value: number, unit: string): string {
  const takesPrefix = /^(bit|octets|packets)/.test(unit)
  if (!takesPrefix) return [withGaps(value), unit].filter(Boolean).join(' ')
  let size = value
  let step = 0
  while (Math.abs(size) >= 1000 && step < steps.length - 1) {
    size /= 1000
    step++
  }
  const short = unit.replace(/^octets/, 'B')
  const separator = short.startsWith('packets') && step > 0 ? ' ' : ''
  return `${shortNumber(size)} ${steps[step]}${separator}${short}`
}

function withGaps(value: number): string {
  if (Math.abs(value) < 1000) return shortNumber(value)
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '\u202F')
}

/** Round values from 0 to at least `highest`, about four apart. */
export function ticksTo(highest: number): number[] {
  if (!(highest > 0)) return [0, 1]
  const raw = highest / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, i) =>
    Number((i * step).toPrecision(12))
  )
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const spans = [
  1,
  5,
  10,
  15,
  30,
  60,
  120,
  180,
  360,
  720,
  1440,
  2880,
  7 * 1440,
  14 * 1440,
  30 * 1440,
  91 * 1440,
].map((minutes) => minutes * minute)

/** Moments at which an axis of time has marks, UTC: at most seven, at round times. */
export function timeTicks(fromMs: number, toMs: number): { ms: number; text: string }[] {
  const years = Math.max(1, Math.ceil((toMs - fromMs) / (7 * 365 * day)))
  const span = spans.find((one) => (toMs - fromMs) / one <= 7) ?? years * 365 * day
  const first = Math.ceil(fromMs / span) * span
  const count = Math.max(0, Math.floor((toMs - first) / span) + 1)
  return Array.from({ length: count }, (_, i) => {
    const ms = first + i * span
    const iso = new Date(ms).toISOString()
    return { ms, text: span >= day ? iso.slice(0, 10) : iso.slice(11, 16) }
  })
}
