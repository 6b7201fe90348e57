import { formatWords } from '../../model/address.ts'
import { judgeLabel } from './labels.ts'
import type { FieldRole, Label } from './labels.ts'
import { agree, findTimes, instantTexts, readTimeField } from './times.ts'
import type { PlacedTime } from './times.ts'
import type { NoticeSighting, NoticeTime, PortRole, TimeContext } from './types.ts'
import { excerpt, readAddress, readPort, readProtocol } from './values.ts'
import type { AddressField } from './values.ts'
import type { ZoneToken } from './zone-tail.ts'

/** What a named field says, and how a set of them becomes one sighting. */
export interface Fact {
  readonly label: Label
  readonly text: string
  /** The number of its line, for the way that blocks are told apart; 0 where there are no lines. */
  readonly line: number
  readonly address?: AddressField
  readonly port?: { readonly port?: number; readonly reason?: string }
  readonly times?: readonly PlacedTime[]
}

const timeRoles: ReadonlySet<FieldRole> = new Set(['event', 'first', 'last', 'time', 'report'])

export const isTime = ({ label }: Fact): boolean => timeRoles.has(label.role)
export const isAddress = ({ label }: Fact): boolean => label.role === 'ip'
export const isPort = ({ label }: Fact): boolean =>
  label.role === 'port' || label.role === 'doubtful-port'

/**
 * Reads a named field.
 *
 * @param stated the zone that the text around it gives for all its times
 */
export function makeFact(
  name: string,
  text: string,
  line: number,
  context: TimeContext,
  stated: readonly ZoneToken[] = []
): Fact | undefined {
  const label = judgeLabel(name)
  if (label === undefined) return undefined
  const base = { label, text, line }
  const { role, zone } = label
  if (timeRoles.has(role)) {
    return { ...base, times: readTimeField(text, context, zone === undefined ? stated : [zone]) }
  }
  if (role === 'ip' || role === 'their-ip') {
    // `Source: BitTorrent` is about something else.
    if (!/\d/.test(text) && !/\bip|address/.test(label.key)) return undefined
    return { ...base, address: readAddress(text) }
  }
  if (role.endsWith('port')) {
    // `IP:Port` heads a column of both.
    const both = role === 'port' ? readAddress(text) : {}
    if (both.port !== undefined) {
      return { ...base, label: { ...label, role: 'ip' }, address: both }
    }
    const [, digits = text] = /^(?:tcp|udp)?[ :/]*(\d{1,5})(?:[ /]*(?:tcp|udp))?$/i.exec(text) ?? []
    return { ...base, port: readPort(digits) }
  }
  return base
}

/** The times of one rank: what says when it happened outranks what is merely a time. */
const ranks: readonly (readonly FieldRole[])[] = [
  ['event'],
  ['first', 'last'],
  ['time'],
  ['report'],
]

/** A date and a time of day that stand in fields of their own. */
function joinHalves(facts: readonly Fact[], context: TimeContext): NoticeTime | undefined {
  const zones = facts.flatMap(({ label }) => (label.zone === undefined ? [] : [label.zone]))
  const halves = facts.filter((fact) => fact.times?.every(({ instants }) => instants.length === 0))
  const dates = halves.filter(({ times }) => times?.length === 1 && times[0]?.precisionUs === 864e8)
  const clocks = halves.filter(
    ({ times }) => times?.length === 1 && times[0]?.precisionUs !== 864e8
  )
  const [date, clock] = [dates[0], clocks[0]]
  if (dates.length !== 1 || clocks.length !== 1 || date === undefined || clock === undefined) {
    return undefined
  }
  const [joined, ...more] = findTimes(`${date.text} ${clock.text}`, context, zones)
  return more.length === 0 && (joined?.instants.length ?? 0) > 0 ? joined : undefined
}

/** Times that are not said of what: beside one that is they have to agree with it. */
const merelyTimes = (dated: readonly Fact[]): PlacedTime[] =>
  dated
    .filter(({ label }) => label.role === 'time')
    .flatMap(({ times }) => times ?? [])
    .filter(({ instants }) => instants.length > 0)

function timeOf(facts: readonly Fact[], context: TimeContext): NoticeTime | undefined {
  const dated = facts.filter(isTime)
  for (const rank of ranks) {
    const of = dated.filter(({ label }) => rank.includes(label.role))
    const times = of.flatMap(({ times: read }) => read ?? [])
    const readable = times.filter(({ instants }) => instants.length > 0)
    if (readable.length > 0) {
      const beside = rank.includes('event') || rank.includes('first') ? merelyTimes(dated) : []
      return agree([...readable, ...beside])
    }
    const halves = joinHalves(of, context)
    if (halves !== undefined) return halves
  }
  return joinHalves(dated, context) ?? agree(dated.flatMap(({ times }) => times ?? []))
}

/**
 * Ports of services that are attacked all day. A bare `Port: 22` may be the port attacked, on the
 * other end; nobody may be named by it.
 */
const servicePorts: ReadonlySet<number> = new Set([
  1080, 1194, 1433, 1521, 1723, 1900, 2323, 3128, 3306, 3389, 5060, 5061, 5432, 5555, 5900, 6379,
  7547, 8000, 8080, 8081, 8443, 8888, 9200, 11211, 27017,
])

interface PortChoice {
  readonly port?: number
  readonly role?: PortRole
  readonly reasons: readonly string[]
}

function portOf(
  facts: readonly Fact[],
  attached: readonly number[],
  listening: boolean
): PortChoice {
  const ports = facts.filter(isPort)
  const explicit = ports.filter(({ label }) => label.explicit)
  const known = (of: readonly Fact[]): number[] =>
    of.flatMap(({ port }) => (port?.port === undefined ? [] : [port.port]))
  const sure = new Set([...attached, ...known(explicit)])
  if (sure.size > 1) return { reasons: ['Several ports are given.'] }
  const [only] = sure
  if (only !== undefined) return { port: only, role: 'source', reasons: [] }
  const bare = [...new Set(known(ports.filter(({ label }) => label.role === 'port')))]
  const [port] = bare
  if (bare.length > 1) return { reasons: ['Several ports are given.'] }
  const refused = ports.flatMap(({ port: read }) => read?.reason ?? [])
  if (port === undefined) {
    const doubtful = known(ports).map((number) => `Nobody says whose port ${number} is.`)
    return { reasons: [...refused, ...doubtful] }
  }
  if (listening) return { port, role: 'listening', reasons: [] }
  if (port < 1024 || servicePorts.has(port)) {
    const reason = `Port ${port} is that of a service: it may be the port that was attacked.`
    return { reasons: [reason] }
  }
  return { port, role: 'unsure', reasons: [] }
}

function otherEnd(
  facts: readonly Fact[]
): Pick<NoticeSighting, 'destinationIp' | 'destinationPort'> {
  const theirs = facts.flatMap(({ label, address }) =>
    label.role === 'their-ip' && address?.ip !== undefined ? [address] : []
  )
  const ports = facts.flatMap(({ label, port }) =>
    label.role === 'their-port' && port?.port !== undefined ? [port.port] : []
  )
  const [their] = theirs
  const single = new Set(theirs.map(({ ip }) => ip && formatWords(ip))).size === 1
  const [port = their?.port] = ports
  // Several of them: which one the sighting is of cannot be said.
  return {
    ...(single && their?.ip !== undefined ? { destinationIp: their.ip } : {}),
    ...(new Set(ports).size <= 1 && port !== undefined && (single || theirs.length === 0)
      ? { destinationPort: port }
      : {}),
  }
}

/** What a set of fields is fused with. */
export interface FuseOptions {
  /** True where the fields are known to be of something that listens at the address. */
  readonly listening?: boolean
  /** A doubt about the fields belonging together. */
  readonly doubt?: string
  /** The time, where it does not come of the fields. */
  readonly time?: NoticeTime
}

/** The address of a set of fields: the one that they give, or why there is none. */
function addressOf(facts: readonly Fact[]): {
  chosen?: AddressField
  given?: string
  reasons: string[]
} {
  const fields = facts.filter(isAddress)
  const read = fields.flatMap(({ address }) => (address?.ip === undefined ? [] : [address]))
  const [first] = read
  const several = new Set(read.map(({ ip }) => ip && formatWords(ip))).size > 1
  if (several) return { reasons: ['Several addresses are given.'] }
  if (first !== undefined) {
    const port = read.find((field) => field.port !== undefined)?.port
    return { chosen: port === undefined ? first : { ...first, port }, reasons: [] }
  }
  const reasons = fields.flatMap(({ address }) => address?.reason ?? [])
  const given = fields[0]?.text.trim()
  return { ...(given === undefined ? {} : { given: excerpt(given).slice(0, 60) }), reasons }
}

/** One sighting of fields that belong together; what they do not say surely is left out. */
export function fuse(
  facts: readonly Fact[],
  context: TimeContext,
  options: FuseOptions = {}
): NoticeSighting {
  const { chosen, given, reasons } = addressOf(facts)
  const attached = facts
    .filter(isAddress)
    .flatMap(({ address }) => (address?.port === undefined ? [] : [address.port]))
  const port = portOf(facts, attached, options.listening ?? false)
  const time = options.time ?? timeOf(facts, context)
  const protocol = facts
    .filter(({ label }) => label.role === 'protocol')
    .map(({ text }) => readProtocol(text))
    .find((number) => number !== undefined)
  const doubts = options.doubt === undefined ? [] : [options.doubt]
  return {
    ...(chosen?.ip === undefined ? {} : { ip: chosen.ip }),
    ...(given === undefined ? {} : { ipGiven: given }),
    ...(port.port === undefined ? {} : { port: port.port }),
    ...(port.role === undefined ? {} : { portRole: port.role }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(time === undefined ? {} : { time }),
    ...otherEnd(facts),
    uncertain: doubts.length > 0 || (time !== undefined && time.instants.length > 0 && !time.sure),
    reasons: [...reasons, ...port.reasons, ...(time?.reasons ?? []), ...doubts],
    source: excerpt(facts.map(({ label, text }) => `${label.key}: ${text.trim()}`).join(' | ')),
  }
}

/** Equal for sightings that say the same. */
export const sightingKey = (sighting: NoticeSighting): string =>
  JSON.stringify([
    sighting.ip ?? sighting.ipGiven,
    sighting.port,
    sighting.time === undefined ? null : instantTexts(sighting.time),
    sighting.uncertain,
    sighting.destinationIp,
    sighting.destinationPort,
  ])

/** What may be of something else than the sighting that it looks like. */
export const inDoubt = (said: NoticeSighting, why: string): NoticeSighting => ({
  ...said,
  uncertain: true,
  reasons: [...said.reasons, why],
})
