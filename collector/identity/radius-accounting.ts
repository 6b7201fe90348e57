import type { Prefix } from '../../model/address.ts'
import type { Device, IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { givenPrefix, hostPrefix } from './prefix-text.ts'
import { sourceText } from './source-text.ts'

/**
 * RADIUS accounting (RFC 2866, RFC 2869, RFC 3162, RFC 4818, RFC 6911) as statements of who held
 * what. Both readers, of detail files and of packets, hand over attributes by name.
 */

/** The attributes that are read; a reader may pass over all others. */
export const accountingAttributes: ReadonlySet<string> = new Set([
  'Packet-Type',
  'Acct-Status-Type',
  'Acct-Session-Id',
  'Acct-Session-Time',
  'Acct-Delay-Time',
  'Event-Timestamp',
  'User-Name',
  'Class',
  'NAS-IP-Address',
  'NAS-IPv6-Address',
  'NAS-Identifier',
  'NAS-Port-Id',
  'NAS-Port-Type',
  'Called-Station-Id',
  'Calling-Station-Id',
  'Framed-IP-Address',
  'Framed-IPv6-Prefix',
  'Framed-IPv6-Address',
  'Delegated-IPv6-Prefix',
  'ADSL-Agent-Circuit-Id',
  'ADSL-Agent-Remote-Id',
  'Agent-Circuit-Id',
  'Agent-Remote-Id',
])

/** One Accounting-Request, whoever received it. */
export interface AccountingRecord {
  /**
   * Values in their order by the name of the dictionary, as text: addresses and prefixes in their
   * text form, numbers in decimal (or the dictionary's word), octets as they are (one character
   * each) or `0x` and hexadecimal. Names that are not in {@link accountingAttributes} are not read.
   */
  readonly attributes: ReadonlyMap<string, readonly string[]>
  /** When the server received it (us since 1970). */
  readonly receivedUs: number
  /** Who sent the packet; stands for the NAS where no attribute names it. */
  readonly client?: string | undefined
  /** Where it stands: `file:line`, or the peer and identifier of a packet. */
  readonly record: string
  /** The time of receipt is in doubt. */
  readonly weak?: boolean
}

/** Why a record says nothing of who held what. */
export type AccountingReason =
  | 'not-accounting'
  | 'status-missing'
  | 'status-other'
  | 'nas-missing'
  | 'session-missing'
  | 'bad-delay'
  | 'bad-session-time'

/** The values of Acct-Status-Type (RFC 2866 §5.1) that count, by word and number. */
const statuses: Readonly<Record<string, 'start' | 'end' | 'alive' | 'restart'>> = {
  Start: 'start',
  '1': 'start',
  Stop: 'end',
  '2': 'end',
  'Interim-Update': 'alive',
  Alive: 'alive',
  '3': 'alive',
  'Accounting-On': 'restart',
  '7': 'restart',
  'Accounting-Off': 'restart',
  '8': 'restart',
}

/** NAS-Port-Type of media where the address is not part of the session: it is got later. */
const bridged: ReadonlySet<string> = new Set([
  'Ethernet',
  '15',
  'Wireless-802.11',
  '19',
  'Wireless-Other',
  '18',
])

/** A clock of the NAS that is further off than this makes the record's time doubtful. */
const clockToleranceUs = 60e6

/** The longest delay (7 days) and session (4 years) that are believed. */
const maxDelaySeconds = 7 * 86_400
const maxSessionSeconds = 1461 * 86_400

/**
 * Makes statements of one record: one for each address and prefix that it names, or a single one
 * without where it names none (a Start before the address is known; a Stop that ends all that the
 * session held). Times are the server's, less Acct-Delay-Time. Acct-Session-Time tells the start,
 * but not on bridged media, where a session may hold several addresses one after the other.
 *
 * @returns the statements, or why there are none
 */
export function accountingEvents(record: AccountingRecord): IdentityEvent[] | AccountingReason {
  const first = (name: string): string | undefined => record.attributes.get(name)?.[0]
  const packet = first('Packet-Type')
  if (packet !== undefined && packet !== 'Accounting-Request' && packet !== '4') {
    return 'not-accounting'
  }
  const status = first('Acct-Status-Type')
  if (status === undefined) return 'status-missing'
  const what = statuses[status]
  if (what === undefined) return 'status-other'
  const nas =
    first('NAS-IP-Address') ?? first('NAS-IPv6-Address') ?? first('NAS-Identifier') ?? record.client
  if (nas === undefined) return 'nas-missing'
  const delay = seconds(first('Acct-Delay-Time') ?? '0', maxDelaySeconds)
  if (delay < 0) return 'bad-delay'
  const atUs = record.receivedUs - delay * 1e6
  const weak = record.weak === true || isDoubtful(atUs, first('Event-Timestamp'))
  const base = {
    what,
    kind: 'session' as const,
    atUs,
    device: {},
    nas: sourceText(nas),
    record: record.record,
    ...(weak ? { weak } : {}),
  }
  if (what === 'restart') return [{ ...base, key: base.nas }]
  const session = first('Acct-Session-Id')
  if (session === undefined || session === '') return 'session-missing'
  const length = first('Acct-Session-Time')
  const lasted = length === undefined ? undefined : seconds(length, maxSessionSeconds)
  if (lasted === -1) return 'bad-session-time'
  const told =
    what !== 'start' && lasted !== undefined && !bridged.has(first('NAS-Port-Type') ?? '')
  const user = first('User-Name')
  const station = first('Called-Station-Id') ?? first('NAS-Port-Id')
  const event: IdentityEvent = {
    ...base,
    ...(told ? { startUs: atUs - lasted * 1e6 } : {}),
    key: sessionKey(base.nas, session, first('Class') ?? user ?? ''),
    device: deviceOf(first),
    session: sourceText(session),
    ...(user === undefined ? {} : { user: sourceText(user) }),
    ...(station === undefined ? {} : { station: sourceText(station) }),
  }
  const prefixes = heldBy(record.attributes)
  if (prefixes.length === 0) return [event]
  const events: IdentityEvent[] = []
  for (const prefix of prefixes) events.push({ ...event, prefix })
  return events
}

/**
 * What the statements about one session have in common: the session's id alone is used by several
 * NASes, and again after a NAS has restarted (RFC 2866 §5.5).
 */
export function sessionKey(nas: string, session: string, user: string): string {
  return `${sourceText(nas)}|${sourceText(session)}|${sourceText(user)}`
}

function seconds(text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
  return value > max ? -1 : value
}

/**
 * Event-Timestamp is the NAS's own clock (RFC 2869 §5.3). Where it disagrees, either that clock is
 * wrong or the record was kept back without saying so: nobody knows which. Texts with the name of a
 * zone, as detail files have them, are not read.
 */
function isDoubtful(atUs: number, text: string | undefined): boolean {
  if (text === undefined || !/^\d{9,10}$/.test(text)) return false
  return Math.abs(Number(text) * 1e6 - atUs) > clockToleranceUs
}

function deviceOf(first: (name: string) => string | undefined): Device {
  const mac = normaliseMac(first('Calling-Station-Id') ?? '')
  const circuitId = first('ADSL-Agent-Circuit-Id') ?? first('Agent-Circuit-Id')
  const remoteId = first('ADSL-Agent-Remote-Id') ?? first('Agent-Remote-Id')
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(circuitId === undefined ? {} : { circuitId: sourceText(circuitId) }),
    ...(remoteId === undefined ? {} : { remoteId: sourceText(remoteId) }),
  }
}

/** Prefixes and addresses that one session is believed to hold. */
const maxHeld = 16

function heldBy(attributes: ReadonlyMap<string, readonly string[]>): Prefix[] {
  const hosts = ['Framed-IP-Address', 'Framed-IPv6-Address']
  const prefixes = ['Framed-IPv6-Prefix', 'Delegated-IPv6-Prefix']
  return [
    ...hosts.flatMap((name) => (attributes.get(name) ?? []).map(hostPrefix)),
    ...prefixes.flatMap((name) => (attributes.get(name) ?? []).map(givenPrefix)),
  ]
    .filter((prefix) => prefix !== undefined)
    .slice(0, maxHeld)
}
