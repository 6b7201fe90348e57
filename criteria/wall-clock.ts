/** Minutes since midnight, and the day of the week (0 is Sunday), in a zone. */
export interface WallMinute {
  readonly minute: number
  readonly weekday: number
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** Every zone changes its offset at a multiple of this. */
const blockUs = 15 * 60e6

/**
 * Tells the time of day in a zone. What the zone's rules say is asked once a quarter of an hour,
 * since asking takes longer than all of an expression.
 *
 * @param timeZone a name of the IANA time zone database; undefined is that of the system
 */
export function wallClock(timeZone: string | undefined): (atUs: number) => WallMinute {
  // Made at the first use: most expressions never ask, and making it takes longer than they do.
  let format: Intl.DateTimeFormat | undefined
  let block = Number.NaN
  let blockMinute = 0
  let weekday = 0
  return (atUs) => {
    const at = Math.floor(atUs / blockUs)
    if (at !== block) {
      format ??= formatOf(timeZone)
      const parts = format.formatToParts((at * blockUs) / 1000)
      const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
      blockMinute = Number(part('hour')) * 60 + Number(part('minute'))
      weekday = weekdays.indexOf(part('weekday').toLowerCase() as (typeof weekdays)[number])
      block = at
    }
    return { minute: blockMinute + Math.floor((atUs - at * blockUs) / 60e6), weekday }
  }
}

/** One a zone: the expressions of a file are all of the same, and to make one takes long. */
const formats = new Map<string | undefined, Intl.DateTimeFormat>()
const mostFormats = 100

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  if (formats.size >= mostFormats) formats.clear()
  const format = makeFormat(timeZone)
  formats.set(timeZone, format)
  return format
}

function makeFormat(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}
