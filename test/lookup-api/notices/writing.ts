import fc from 'fast-check'
import type { Truth } from './reading.ts'

/** Writes notices as senders do, in all the ways in which mail mangles them. */

const two = (value: number): string => String(value).padStart(2, '0')
const monthNames =
  'January February March April May June July August September October November December'.split(' ')
const dayNames = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')

/** Forms of a time that leave no doubt. */
export const sureForms: readonly ((ms: number) => string)[] = [
  (ms) => new Date(ms).toISOString().replace('.000', ''),
  (ms) => new Date(ms).toISOString(),
  (ms) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}.0 GMT`,
  (ms) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  (ms) =>
    `${new Date(ms).toISOString().slice(0, 11)}${new Date(ms).toISOString().slice(11, 19).replaceAll(':', '-')}UTC`,
  (ms) => `${new Date(ms + 7_200_000).toISOString().slice(0, 19)}+02:00`,
  (ms) => `${new Date(ms - 25_200_000).toISOString().slice(0, 19).replace('T', ' ')} -0700`,
  (ms) => new Date(ms).toUTCString(),
  (ms) => {
    const d = new Date(ms)
    return `${two(d.getUTCDate())} ${monthNames[d.getUTCMonth()]?.slice(0, 3)} ${d.getUTCFullYear()} ${d.toISOString().slice(11, 19)} GMT`
  },
  (ms) => {
    const d = new Date(ms)
    const hour = d.getUTCHours()
    const clock = `${two(hour % 12 || 12)}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'}`
    return `${monthNames[d.getUTCMonth()]} ${d.getUTCDate()}, ${d.getUTCFullYear()} ${clock} UTC Time`
  },
  (ms) => {
    const d = new Date(ms)
    const day = dayNames[d.getUTCDay()]
    return `${day} ${monthNames[d.getUTCMonth()]?.slice(0, 3)} ${String(d.getUTCDate()).padStart(2)} ${d.toISOString().slice(11, 19)} UTC ${d.getUTCFullYear()}`
  },
]

/** Addresses of the one complained about; what else a notice names is of 203.0.113.0/24. */
export const truth: fc.Arbitrary<Truth> = fc.record({
  ip: fc.oneof(
    fc.integer({ min: 1, max: 254 }).map((n) => `198.51.100.${n}`),
    fc.integer({ min: 1, max: 0xffff }).map((n) => `2001:db8::${n.toString(16)}`)
  ),
  port: fc
    .integer({ min: 10_000, max: 65_000 })
    .filter((port) => port !== 11_211 && port !== 27_017),
  atUs: fc.integer({ min: 1_136_073_600, max: 1_790_000_000 }).map((s) => s * 1e6),
})

/** Times of other things, that a notice is full of. */
const otherTime = (n: number): string =>
  new Date(1_000_000_000_000 + n * 1_000_000_007).toISOString()

const namespaces = [
  ['', 'xmlns="http://www.acns.net/ACNS"'],
  [
    '',
    'xmlns="http://www.movielabs.com/ACNS" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  ],
  ['', 'xmlns="http://www.acns.net"'],
  ['', 'xmlns="urn:something-else"'],
  ['', ''],
  ['acns:', 'xmlns:acns="http://www.acns.net/ACNS"'],
  ['x:', ''],
] as const

export interface AcnsStyle {
  readonly space: number
  readonly form: number
  readonly ampersand: boolean
  readonly seen: boolean
  readonly compact: boolean
  readonly noise: number
}

export const acnsStyle: fc.Arbitrary<AcnsStyle> = fc.record({
  space: fc.nat(namespaces.length - 1),
  form: fc.nat(sureForms.length - 1),
  ampersand: fc.boolean(),
  seen: fc.boolean(),
  compact: fc.boolean(),
  noise: fc.nat(500),
})

/** A document of ACNS, with all the other times and addresses that one holds. */
export function acns({ ip, port, atUs }: Truth, style: AcnsStyle): string {
  const [p, attributes] = namespaces[style.space] ?? namespaces[0]
  const at = sureForms[style.form]?.(atUs / 1000) ?? ''
  const title = style.ampersand ? 'Tom & Jerry <3'.replace(' <3', ' &nbsp; & more') : 'Some Film'
  const seen = style.seen
    ? `<${p}AlsoSeen Start="${at}" End="${new Date(atUs / 1000 + 3_600_000).toISOString()}"></${p}AlsoSeen>`
    : ''
  const text =
    `<?xml version="1.0" encoding="UTF-8"?>\n<${p}Infringement ${attributes}>\n` +
    `<${p}Case>\n<${p}ID>C${style.noise}-${port}</${p}ID>\n</${p}Case>\n` +
    `<${p}Complainant>\n<${p}Entity>Rights & Co</${p}Entity>\n</${p}Complainant>\n`.replace(
      ' & ',
      style.ampersand ? ' & ' : ' and '
    ) +
    `<${p}Source>\n<${p}TimeStamp>${at}</${p}TimeStamp>\n<${p}IP_Address>${ip}</${p}IP_Address>\n` +
    `<${p}Port>${port}</${p}Port>\n<${p}Type>BitTorrent</${p}Type>\n` +
    `<${p}SubType BaseType="P2P" Protocol="BITTORRENT" />\n</${p}Source>\n` +
    `<${p}Content>\n<${p}Item>\n<${p}TimeStamp>${at}</${p}TimeStamp>${seen}\n` +
    `<${p}Title>${title}</${p}Title>\n</${p}Item>\n</${p}Content>\n` +
    `<${p}History>\n<${p}Notice ID="N1" TimeStamp="${otherTime(style.noise)}">\n` +
    `IP Address: 203.0.113.77\nPort: 33333\nTimestamp: ${otherTime(style.noise + 1)}\n</${p}Notice>\n</${p}History>\n` +
    `<${p}InternalTracking>\n<${p}Mapping OriginalIP="203.0.113.78" OriginalPort="44444" ` +
    `Time="${otherTime(style.noise + 2)}" />\n</${p}InternalTracking>\n` +
    `<${p}TextNotice><![CDATA[\nIP: 203.0.113.79\nPort: 55555\nTime: ${otherTime(style.noise + 3)}\n]]></${p}TextNotice>\n` +
    `</${p}Infringement>`
  return style.compact ? text.replaceAll('\n', '') : text
}

const notice = (noise: number): string[] => [
  `Notice Date: ${otherTime(noise + 4)}`,
  'Dear Sir or Madam,',
  '',
  `This letter of ${otherTime(noise + 5)} is sent from our office at 203.0.113.80 on behalf of the owner.`,
  `Under the act registered ${otherTime(noise + 6)} our server 203.0.113.81 keeps the evidence.`,
  `Please reply before ${otherTime(noise + 7)}.`,
  '',
]

/** Letters around the evidence, full of other times and addresses. */
export const letter = (body: readonly string[], noise: number): string =>
  [...notice(noise), ...body, '', 'Yours sincerely,', 'Somebody', 'Tel 555 0100'].join('\n')

const labels = [
  ['IP address', 'Port ID', 'Timestamp of report'],
  ["Infringer's IP Address", "Infringer's Port", 'Infringement Timestamp'],
  ['Source IP', 'Source Port', 'Date/Time'],
  ['IP', 'Port', 'Timestamp'],
  ['Attacker IP', 'Attacker port', 'Time of attack'],
  ['Offending IP', 'TCP Port', 'Date of infringement'],
  ['src_ip', 'src_port', 'event_time'],
  ['Your IP Address', 'IP Port Number', 'Last Seen'],
] as const

const separators = [': ', ' = ', ':\t', ' ....: ', ':\n'] as const

export interface FieldStyle {
  readonly labels: number
  readonly separator: number
  readonly order: readonly number[]
  readonly form: number
  readonly gap: boolean
  readonly bullet: string
}

export const fieldStyle: fc.Arbitrary<FieldStyle> = fc.record({
  labels: fc.nat(labels.length - 1),
  separator: fc.nat(separators.length - 1),
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  form: fc.nat(sureForms.length - 1),
  gap: fc.boolean(),
  bullet: fc.constantFrom('', '* ', '- ', '  '),
})

/** The evidence as fields with names, one form a sighting. */
export function fields(truths: readonly Truth[], style: FieldStyle): string[] {
  const names = labels[style.labels] ?? labels[0]
  const separator = separators[style.separator] ?? ': '
  return truths.flatMap(({ ip, port, atUs }) => {
    const values = [ip, String(port), sureForms[style.form]?.(atUs / 1000) ?? '']
    const form = style.order.map((i) => `${style.bullet}${names[i]}${separator}${values[i]}`)
    return style.gap ? [...form, ''] : form
  })
}
