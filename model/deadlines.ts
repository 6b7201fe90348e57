/** How long something may take, by rule; each with where the rule stands. */
export interface DeadlinePreset {
  readonly name: string
  readonly title: string
  readonly basis: string
  readonly hours?: number
  readonly days?: number
  readonly months?: number
}

const counsel = 'check with counsel whether and how it applies'

/**
 * Presets, none of which is a default: what applies to whom is for counsel to say. Days are counted
 * as 24 hours from the moment given, which is never later than what a rule that counts whole days
 * would give.
 */
export const deadlinePresets: readonly DeadlinePreset[] = [
  {
    name: 'e-evidence-10d',
    title: 'Answer a European Production Order',
    basis: `Regulation (EU) 2023/1543, 10 days; ${counsel}`,
    days: 10,
  },
  {
    name: 'e-evidence-8h',
    title: 'Answer a European Production Order in an emergency',
    basis: `Regulation (EU) 2023/1543, 8 hours; ${counsel}`,
    hours: 8,
  },
  {
    name: 'preservation-60d',
    title: 'Preserve under a European Preservation Order',
    basis: `Regulation (EU) 2023/1543, 60 days; ${counsel}`,
    days: 60,
  },
  {
    name: 'preservation-90d',
    title: 'Preserve, extended by 30 days',
    basis: `Regulation (EU) 2023/1543, 60 and 30 days; ${counsel}`,
    days: 90,
  },
  {
    name: 'ca-41.26-6m',
    title: 'Keep identity records of a notice (Canada)',
    basis: `Copyright Act (Canada) s. 41.26, 6 months; ${counsel}`,
    months: 6,
  },
  {
    name: 'ca-41.26-1y',
    title: 'Keep identity records once a claim is brought (Canada)',
    basis: `Copyright Act (Canada) s. 41.26, 1 year; ${counsel}`,
    months: 12,
  },
]

/** The same day so many months later (UTC), or the last of the month where it has no such day. */
function addMonths(us: number, months: number): number {
  const from = new Date(Math.floor(us / 1000))
  const to = new Date(from)
  to.setUTCDate(1)
  to.setUTCMonth(to.getUTCMonth() + months)
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate()
  to.setUTCDate(Math.min(from.getUTCDate(), last))
  return to.getTime() * 1000
}

/** When it is due, counted from `fromUs` (microseconds since 1970). */
export function dueOf({ hours = 0, days = 0, months = 0 }: DeadlinePreset, fromUs: number): number {
  const start = months === 0 ? fromUs : addMonths(fromUs, months)
  return start + (hours + 24 * days) * 3600e6
}
