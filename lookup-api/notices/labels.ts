import type { ZoneToken } from './zone-tail.ts'
import { readZoneTail } from './zone-tail.ts'

/**
 * What the names of fields mean: of lines `Label: value`, of columns, of members. Names differ from
 * sender to sender, so they are judged by the words in them; what is not known is nothing.
 */

/**
 * - `ip`, `port`: of the one complained about; `their-ip`, `their-port`: of the other end
 * - `doubtful-port`: a port of either, nobody says whose
 * - `event`: when it happened; `time`: a time, not said of what; `report`: a report's own time,
 *   which some senders mean the event by; `other-time`: of the notice, or of something else
 * - `first`, `last`: the ends of a span in which it happened
 * - `zone`: the time zone of the times around it
 */
export type FieldRole =
  | 'ip'
  | 'their-ip'
  | 'port'
  | 'their-port'
  | 'doubtful-port'
  | 'protocol'
  | 'event'
  | 'first'
  | 'last'
  | 'time'
  | 'report'
  | 'other-time'
  | 'zone'
  | 'id'

/** A field's name, judged. */
export interface Label {
  readonly role: FieldRole
  /** Folded: equal for the same label however it is decorated. */
  readonly key: string
  /** A zone that the name itself gives, `Time (UTC)`. */
  readonly zone?: ZoneToken
  /** True where the name says by itself that the port is the source's. */
  readonly explicit: boolean
}

/** Lower case, words apart: `srcPort`, `src_port` and `Src-Port` are one. */
const fold = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/['’]s\b/g, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()

const has = (words: string, pattern: RegExp): boolean => pattern.test(words)

/** The alternatives of a list of words; an underscore is a space within one of them. */
const alternatives = (list: string): string => list.replaceAll(' ', '|').replaceAll('_', ' ')

/** Matches a name that holds one of the words. */
const anyWord = (list: string): RegExp => new RegExp(`\\b(?:${alternatives(list)})\\b`)

/** Matches a name that is made of nothing but these words. */
const onlyWords = (list: string): RegExp => new RegExp(`^(?:(?:${alternatives(list)})(?: |$))+$`)

const theirs = anyWord(
  'dest dst destination destinations target targeted targets victim victims honeypot ' +
    'sensor server local our reporter reporting complainant sinkhole c2 cc tracker attacked ' +
    'scanned contacted requested visited service monitor detector daddr dip to resolver dns ' +
    'gateway nat private internal inside mapped lan mx mail relay website site web http ' +
    'proxy next_hop reply contact provider isp'
)
const ours = anyWord(
  'src source sources infringer infringing infringers infringement offender offending ' +
    'attacker attackers attacking abuser abusive abusing suspect suspected subscriber ' +
    'customer client remote peer your infected malicious compromised bot saddr sip from ' +
    'origin originating hostile user uploader external public s'
)

const ipWord = anyWord('ip ips ipv4 ipv6 ipaddress ipaddr ip4 ip6 saddr daddr srcip dstip sourceip')
const notAnIp = anyWord('mail email mac block range netblock count version country asn')
const addressWord = anyWord('address addr host hosts')
const notAnAddress = anyWord(
  'mail email e_mail mac postal street street_address hostname name block range netblock ' +
    'asn count country version reputation geo location mailing home web'
)
const portWord = anyWord('port ports sport dport spt dpt srcport dstport portid tcp_port udp_port')
const notAPort = anyWord('count scanned number_of name range open list ports desc description type')

const timeWord = anyWord(
  'time times timestamp timestamps date dates datetime when timezone at on day utc gmt ' +
    'epoch ts detected observed occurred seen logged'
)
const otherTime = anyWord(
  'notice notices sent send issued issue letter mail email generated generation created ' +
    'creation creating response respond deadline reply due expire expires expiry expiration ' +
    'received receipt signed signature document complaint published publication release ' +
    'released registered registration ticket today updated update modified printed valid ' +
    'forwarded processed processing delivery export exported current now next effective ' +
    'purchase premiere born birth uptime duration ttl lease timeout compiled submitted ' +
    'submission reported lastmod retention analysis resolved first_aired aired copyright ' +
    'scan_started resend window'
)
const eventWord = anyWord(
  'infringement infringements infringing infraction incident violation violations abuse ' +
    'attack attacks offence offense event events detect detected detection observ observed ' +
    'observation seen access accessed connection connect connected login activity download ' +
    'downloaded upload uploaded hit logged log capture captured occurred occurrence occured ' +
    'sighting evidence happened flow session packet handshake verified verification arrival ' +
    'source'
)
const firstWord = anyWord('first initial start started begin began beginning earliest from')
const lastWord = anyWord('last recent latest final end ended most_recent stop until to')

const bareTime = onlyWords(
  'the local exact approximate log utc gmt date time times and of in at on when timestamp ' +
    'timestamps time_?stamp datetime stamp date_?time epoch unix seconds iso ts'
)

function timeRole(words: string): FieldRole | undefined {
  if (/^(?:time ?zone|timezone|tz|local time ?zone)$/.test(words)) return 'zone'
  if (has(words, /\b(?:zone|timezone|tz)\b/)) return 'zone'
  const timed = has(words, timeWord) || has(words, /\b(?:first|last) (?:seen|hit|event)\b/)
  if (!timed) return undefined
  // The one name of a report's time that stands for the event's in notices without another.
  if (/^(?:timestamp|time ?stamp) of (?:the )?report$/.test(words)) return 'report'
  if (has(words, otherTime) || has(words, /\breport(?:ing|er|s)?\b/)) return 'other-time'
  if (/\b(?:also|again|previous|previously|other)\b/.test(words)) return 'other-time'
  const event = has(words, eventWord)
  if (has(words, firstWord) && (event || has(words, /time|date|stamp/))) return 'first'
  if (has(words, lastWord) && (event || has(words, /time|date|stamp/))) return 'last'
  if (event) return 'event'
  return bareTime.test(words) ? 'time' : undefined
}

const barePort = onlyWords(
  'ip tcp udp the port id number no used listening address portid bittorrent torrent p2p'
)

function portRole(words: string): { role: FieldRole; explicit: boolean } | undefined {
  if (!has(words, portWord) || has(words, notAPort)) return undefined
  if (/\b(?:sport|spt|srcport)\b/.test(words)) return { role: 'port', explicit: true }
  if (/\b(?:dport|dpt|dstport)\b/.test(words)) return { role: 'their-port', explicit: true }
  const [own, other] = [has(words, ours), has(words, theirs)]
  if (own !== other) return { role: own ? 'port' : 'their-port', explicit: true }
  if (own) return { role: 'doubtful-port', explicit: false }
  return { role: barePort.test(words) ? 'port' : 'doubtful-port', explicit: false }
}

const endAlone = onlyWords(
  'source src attacker infringer offender target victim destination dst dest client peer ' +
    'suspect saddr daddr sip dip source_identifier'
)
const bareIp = onlyWords(
  'the ip ips ipv4 ipv6 address addresses addr host of is on ipaddress v4 v6 v 4 6 no ' +
    'number and in question concerned involved related reported detected observed affected'
)

function ipRole(words: string): FieldRole | undefined {
  const known = has(words, ipWord) || (has(words, addressWord) && !has(words, notAnAddress))
  if (!known && !endAlone.test(words)) return undefined
  if (has(words, notAnIp)) {
    return undefined
  }
  const [own, other] = [has(words, ours), has(words, theirs)]
  if (other) return 'their-ip'
  if (own) return 'ip'
  return bareIp.test(words) ? 'ip' : undefined
}

function zoneIn(text: string): ZoneToken | undefined {
  const bracket = /[([]\s*([^)\]]{1,40})\s*[)\]]/.exec(text)
  const inner = bracket?.[1] ?? /[\s_-]((?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?)$/i.exec(text)?.[1]
  if (inner === undefined) return undefined
  const { tokens, end } = readZoneTail(`${inner} `, 0)
  return end >= inner.trim().length ? tokens[0] : undefined
}

/**
 * Judges the name of a field.
 *
 * @returns undefined for a name that says nothing about address, port, protocol, time or case
 */
export function judgeLabel(text: string): Label | undefined {
  if (text.length > 80) return undefined
  if (judged.has(text)) return judged.get(text)
  const label = judge(text)
  if (judged.size >= maxJudged) judged.clear()
  judged.set(text, label)
  return label
}

/** A log has the same names on every line. */
const judged = new Map<string, Label | undefined>()
const maxJudged = 5000

const idWords = new RegExp(
  '^(?:(?:case|notice|reference|ref|complaint|ticket|incident|report|abuse)' +
    ' ?(?:id|number|no|nr|reference|ref)|reference|case)$'
)

function judge(text: string): Label | undefined {
  const zone = zoneIn(text)
  const bare = text.replaceAll(/[([][^)\]]*[)\]]/g, ' ')
  const key = fold(bare)
  if (key === '') return undefined
  const zoned = zone === undefined ? {} : { zone }
  const port = portRole(key)
  if (port !== undefined && /^ip (?:address )?and port(?: number)?$/.test(key)) {
    return { role: 'ip', key, explicit: false }
  }
  if (port !== undefined) return { ...port, key }
  const time = timeRole(key)
  if (time !== undefined) return { role: time, key, explicit: false, ...zoned }
  if (/\b(?:protocol|proto|transport)\b/.test(key) && !/\bport\b/.test(key)) {
    return { role: 'protocol', key, explicit: false }
  }
  const ip = ipRole(key)
  if (ip !== undefined) return { role: ip, key, explicit: false }
  return idWords.test(key) ? { role: 'id', key, explicit: false } : undefined
}
