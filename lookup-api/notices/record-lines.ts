import { formatWords, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { parsePort } from '../../model/endpoint-text.ts'
import type { Pair } from './pairs.ts'
import { judgeLabel } from './labels.ts'
import { agree, findTimes } from './times.ts'
import type { NoticeSighting, TimeContext } from './types.ts'
import { excerpt, readProtocol } from './values.ts'
import type { ZoneToken } from './zone-tail.ts'

/** Lines that are a record by themselves: logs, dumps, lists with an address and a time each. */

/** An address on a line. */
interface Place {
  readonly ip: AddressWords
  readonly port?: number
  readonly start: number
  readonly end: number
  readonly side: 'source' | 'other' | 'open'
}

/** An address in text, with the port that clings to it. */
const v4Text = '(\\d{1,3}(?:\\.\\d{1,3}){3})'
const v6Text = '((?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:\\d{1,3}(?:\\.\\d{1,3}){3})?)'
const portText =
  '(?:[:#.](\\d{1,5})(?!\\w|\\.\\d|:\\d)|/(\\d{1,5})(?!\\d)|,?(?: +-)? +port:? +(\\d{1,5})(?!\\d)' +
  '|\\((\\d{1,5})\\))?'
const addressForm = new RegExp(
  `(?<![\\w./:-])(?:\\[([0-9A-Fa-f:.]{2,45})\\]|${v4Text}|${v6Text})${portText}(?![\\w-]|\\.\\d)`,
  'gi'
)

const arrow = /^\s*(?:-+>|=+>|>|→|⇒|\bto\b)\s*$/
const addressName = '[\\s:=([]*(?:ip(?: address)?|address|host)?[\\s:=([]*'
const sourceWord = new RegExp(
  '(?:\\b(?:from|src|source|client|peer|rhost|saddr|attacker|offender|ban|found|by host)' +
    `${addressName}|^)$`,
  'i'
)
const otherWord = new RegExp(
  '\\b(?:to|dst|dest|destination|daddr|laddr|local|server|victim|target|against|at|on|our|via' +
    `|through|by|with)\\b${addressName}$`,
  'i'
)

function placesOn(line: string, pairs: readonly Pair[]): Place[] {
  const places: Place[] = []
  for (const match of line.matchAll(addressForm)) {
    const [whole, bracketed, v4, v6, attached, slashed, worded, inBrackets] = match
    const ip = parseAddress(bracketed ?? v4 ?? v6 ?? '')
    // `192.0.2.0/24` is a prefix, nobody's address.
    if (ip === undefined || (slashed !== undefined && Number(slashed) <= 128)) continue
    const port = parsePort(attached ?? slashed ?? worded ?? inBrackets ?? '')
    const head = line.slice(0, match.index)
    const labelled = pairs.find(({ value }) => value.startsWith(whole))
    const role = labelled === undefined ? undefined : judgeLabel(labelled.name)?.role
    const side =
      role === 'ip' || sourceWord.test(head)
        ? 'source'
        : role === 'their-ip' || otherWord.test(head)
          ? 'other'
          : 'open'
    places.push({
      ip,
      ...(port === undefined || port === 0 ? {} : { port }),
      start: match.index,
      end: match.index + whole.length,
      side,
    })
  }
  return places
}

/** `A > B` of tcpdump, `A:1 -> B:2`: left sent, right was sent to, unless it is an answer. */
function byArrow(line: string, places: readonly Place[]): readonly [Place, Place] | undefined {
  for (const [i, left] of places.entries()) {
    const right = places[i + 1]
    if (right === undefined || !arrow.test(line.slice(left.end, right.start))) continue
    const answer = /Flags \[S\.\]|\bSYN[-/ ]?ACK\b/i.test(line)
    return answer ? [right, left] : [left, right]
  }
  return undefined
}

const same = (a: Place, b: Place): boolean => formatWords(a.ip) === formatWords(b.ip)

interface Sides {
  readonly source?: Place
  readonly other?: Place
  readonly sure: boolean
}

/** Who of the addresses on a line is complained about. */
function sidesOf(line: string, places: readonly Place[], known: ReadonlySet<string>): Sides {
  const arrowed = byArrow(line, places)
  if (arrowed !== undefined) {
    const [left, right] = arrowed
    const complainedOf = [left, right].filter(({ ip }) => known.has(formatWords(ip)))
    if (complainedOf.length === 1 && complainedOf[0] === right) {
      return { source: right, other: left, sure: true }
    }
    // From a service to somebody's port: an answer, unless the service itself is complained about.
    const answers = (left.port ?? 65_535) < 1024 && (right.port ?? 0) >= 1024
    return { source: left, other: right, sure: complainedOf.length === 1 || !answers }
  }
  const open = places.filter(({ side }) => side !== 'other')
  const others = places.filter(({ side }) => side === 'other')
  const other = others.length === 1 ? others[0] : undefined
  const named = places.filter(({ side }) => side === 'source')
  const complained = places.filter(({ ip }) => known.has(formatWords(ip)))
  for (const choice of [complained, named, open]) {
    const [first, ...rest] = choice
    if (first !== undefined && rest.every((place) => same(place, first))) {
      const withPort = choice.find(({ port }) => port !== undefined) ?? first
      return { source: withPort, ...(other === undefined ? {} : { other }), sure: true }
    }
  }
  const [source] = open
  return source === undefined ? { sure: false } : { source, sure: false }
}

/** The port that a name on the line gives to the source: `SPT=4711`. */
function namedPorts(pairs: readonly Pair[]): { own: Set<number>; theirs: Set<number> } {
  const own = new Set<number>()
  const theirs = new Set<number>()
  for (const { name, value } of pairs) {
    const label = judgeLabel(name)
    const port = parsePort(/^\d{1,5}(?![\d.:])/.exec(value)?.[0] ?? '')
    if (port === undefined || port === 0 || label === undefined) continue
    if (label.role === 'port' && label.explicit) own.add(port)
    if (label.role === 'their-port') theirs.add(port)
  }
  return { own, theirs }
}

/** Words that make a time on the line one of the notice, or the addresses somebody else's. */
const otherMatter = new RegExp(
  '\\b(?:notice|sent|issued|generated|received:|delivered|deadline|copyright|registered|court' +
    '|act|last modified|unsubscribe)\\b',
  'i'
)

/** A line of log begins with a time or an address, or is made of names and values. */
const month = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)'
const logLike = new RegExp(
  '^[\\s*•·>|([{"\'#<\\d.)-]{0,12}' +
    `(?:\\d{1,4}[-/.:]\\d|\\d{1,2}[ -/]${month}|[0-9a-f]{0,4}:[0-9a-f:]+` +
    `|(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?${month}[a-z]* +\\d)`,
  'i'
)

const maxAddresses = 12

/** A line, and the names with values on it. */
export interface RecordLine {
  readonly line: string
  readonly pairs: readonly Pair[]
}

/**
 * Reads a line that holds an address and a time.
 *
 * @param known the addresses that the notice complains about by name
 * @returns undefined where the line is no such record
 */
export function readRecordLine(
  { line, pairs }: RecordLine,
  context: TimeContext,
  stated: readonly ZoneToken[],
  known: ReadonlySet<string>
): NoticeSighting | undefined {
  const places = placesOn(line, pairs)
  if (places.length === 0 || places.length > maxAddresses) return undefined
  const times = findTimes(line, context, stated)
  const time = agree(times.filter(({ instants }) => instants.length > 0)) ?? agree(times)
  if (time === undefined) return undefined
  const prose = !logLike.test(line) && !/\b(?:src|saddr|source)[ _-]?(?:ip)?=/i.test(line)
  const { source, other, sure } = sidesOf(line, places, known)
  if (source === undefined) return undefined
  const { own, theirs } = namedPorts(pairs)
  const ports = new Set([...(source.port === undefined ? [] : [source.port]), ...own])
  const [port] = ports
  const theirPort = other?.port ?? (theirs.size === 1 ? [...theirs][0] : undefined)
  const protocol = readProtocol(/\b(tcp|udp|icmp)\b/i.exec(line)?.[1] ?? '')
  const stranger = known.size > 0 && !known.has(formatWords(source.ip))
  const reasons = [...time.reasons]
  if (!sure) reasons.push('Which of the addresses on the line is meant is not certain.')
  if (stranger) reasons.push('The line is of another address than the notice names.')
  if (prose) reasons.push('It is said in a sentence, not in a field.')
  if (ports.size > 1) reasons.push('Several ports are given.')
  if (prose && otherMatter.test(line)) return undefined
  return {
    ip: source.ip,
    ...(ports.size === 1 && port !== undefined ? { port, portRole: 'source' as const } : {}),
    ...(protocol === undefined ? {} : { protocol }),
    time,
    ...(other === undefined ? {} : { destinationIp: other.ip }),
    ...(theirPort === undefined ? {} : { destinationPort: theirPort }),
    uncertain: !sure || stranger || prose || (time.instants.length > 0 && !time.sure),
    reasons,
    source: excerpt(line),
  }
}
