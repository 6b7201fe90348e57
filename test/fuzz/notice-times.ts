import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'

/** Times as people write them who stand in a zone, the days of its changes more often than others. */

const zones = [
  'Europe/Berlin',
  'Europe/London',
  'Europe/Moscow',
  'America/New_York',
  'America/Chicago',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Asia/Jerusalem',
  'Australia/Sydney',
  'Pacific/Auckland',
] as const

/** Hours around the two changes of 2021 in most of these zones. */
const changes = [
  '2021-03-14T07:00:00Z',
  '2021-03-28T01:00:00Z',
  '2021-04-03T16:00:00Z',
  '2021-10-02T16:00:00Z',
  '2021-10-31T01:00:00Z',
  '2021-11-07T06:00:00Z',
].map((text) => Date.parse(text) / 1000)

export const zoned: fc.Arbitrary<{ zone: string; atUs: number }> = fc.record({
  zone: fc.constantFrom(...zones),
  atUs: fc
    .oneof(
      fc.integer({ min: 1_136_073_600, max: 1_790_000_000 }),
      fc
        .tuple(fc.constantFrom(...changes), fc.integer({ min: -14_400, max: 14_400 }))
        .map(([at, off]) => at + off)
    )
    .map((s) => s * 1e6),
})

const two = (value: number): string => String(value).padStart(2, '0')
const months =
  'January February March April May June July August September October November December'
const monthOf = (month: number): string => months.split(' ')[month - 1] ?? ''

function wall(atUs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atUs / 1000).toZonedDateTimeISO(zone)
}

const clock = ({ hour, minute, second }: Temporal.ZonedDateTime): string =>
  `${two(hour)}:${two(minute)}:${two(second)}`

const date = ({ year, month, day }: Temporal.ZonedDateTime): string =>
  `${year}-${two(month)}-${two(day)}`

/** The abbreviation as a clock of that zone prints it. */
function abbreviation(at: Temporal.ZonedDateTime): string {
  const short = new Intl.DateTimeFormat('en-US', { timeZone: at.timeZoneId, timeZoneName: 'short' })
  const part = short
    .formatToParts(at.epochMilliseconds)
    .find(({ type }) => type === 'timeZoneName')?.value
  return own[`${at.timeZoneId} ${at.offset}`] ?? part ?? ''
}

/** Those that the data of Node has no name for in English. */
const own: Readonly<Record<string, string>> = {
  'Europe/Berlin +01:00': 'CET',
  'Europe/Berlin +02:00': 'CEST',
  'Europe/London +00:00': 'GMT',
  'Europe/London +01:00': 'BST',
  'Europe/Moscow +03:00': 'MSK',
  'America/Sao_Paulo -03:00': 'BRT',
  'Asia/Kolkata +05:30': 'IST',
  'Asia/Tokyo +09:00': 'JST',
  'Asia/Jerusalem +02:00': 'IST',
  'Asia/Jerusalem +03:00': 'IDT',
  'Australia/Sydney +10:00': 'AEST',
  'Australia/Sydney +11:00': 'AEDT',
  'Pacific/Auckland +12:00': 'NZST',
  'Pacific/Auckland +13:00': 'NZDT',
}

type Form = (atUs: number, zone: string) => string

/** Without any zone. */
export const wallForms: readonly Form[] = [
  (us, zone) => `${date(wall(us, zone))} ${clock(wall(us, zone))}`,
  (us, zone) => `${date(wall(us, zone))}T${clock(wall(us, zone))}`,
  (us, zone) => {
    const at = wall(us, zone)
    return `${at.day} ${monthOf(at.month).slice(0, 3)} ${at.year} ${clock(at)}`
  },
  (us, zone) => {
    const at = wall(us, zone)
    const half = at.hour < 12 ? 'AM' : 'PM'
    const hour = two(at.hour % 12 || 12)
    return `${monthOf(at.month)} ${at.day}, ${at.year} ${hour}:${two(at.minute)}:${two(at.second)} ${half}`
  },
  (us, zone) => {
    const at = wall(us, zone)
    return `${two(at.day)}/${monthOf(at.month).slice(0, 3)}/${at.year}:${clock(at)}`
  },
]

/** With the offset, the abbreviation, or nothing of it. */
export const localForms: readonly Form[] = [
  ...wallForms,
  ...wallForms.flatMap((form): Form[] => [
    (us, zone) => `${form(us, zone)} ${wall(us, zone).offset}`,
    (us, zone) => `${form(us, zone)} ${wall(us, zone).offset.replace(':', '')}`,
    (us, zone) => `${form(us, zone)} (GMT${wall(us, zone).offset})`,
    (us, zone) => `${form(us, zone)} ${abbreviation(wall(us, zone))}`,
    (us, zone) => `${form(us, zone)} ${wall(us, zone).offset} (${abbreviation(wall(us, zone))})`,
  ]),
]
