import type { Device, IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { LastHolders } from './last-holders.ts'
import { LogClock } from './log-clock.ts'
import { givenPrefix, hostPrefix } from './prefix-text.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { colonHex, skipBlanks, wordEnd } from './scan.ts'
import { octetsText } from './source-text.ts'
import { timed } from './timed.ts'

type Verb = 'start' | 'alive' | 'end'

/** What a line says happened, by the words around the address. */
const phrases: readonly (readonly [text: string, what: Verb])[] = [
  [' has been assigned', 'start'],
  [' has been renewed', 'start'],
  [' has been released', 'end'],
  [' has been declined', 'end'],
  [' has been expired', 'end'],
]

const acts: readonly (readonly [text: string, what: Verb])[] = [
  [' added a lease of ', 'start'],
  [' updated information on the lease of ', 'alive'],
  [' deleted the lease for ', 'end'],
]

const fields = ['hardware address', 'client-id', 'DUID', 'circuit-id', 'remote-id'] as const
type Field = (typeof fields)[number]

const unitSeconds: Readonly<Record<string, number>> = {
  day: 86_400,
  hr: 3600,
  hour: 3600,
  min: 60,
  minute: 60,
  sec: 1,
  second: 1,
}

/**
 * Reads the log of Kea's hook legal_log in its default form, one line a statement:
 *
 * ```
 * 2026-03-10 12:00:00 CET Address: 192.0.2.10 has been assigned for 1 hrs 0 min 0 secs to a device
 *   with hardware address: hwtype=1 02:00:00:00:00:01, client-id: 01:02:00:00:00:00:01 connected
 *   via relay at address: 192.0.2.1, identified by circuit-id: 68:69 (hi) and remote-id: 87:f6
 * ```
 * DHCPv6 tells a DUID, and `Prefix:` for delegations. The letters of the zone are not read, since
 * one abbreviation means several zones: the zone is declared, or the server writes UTC.
 */
export class KeaLegalReader extends IdentityReader {
  private readonly clock: LogClock
  private readonly holders = new LastHolders()

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new LogClock(options)
  }

  protected override onLine(line: string): void {
    if (line === '') return
    const reason = this.clock.read(line, 0)
    if (reason === 'time-missing') return this.unknown()
    if (reason !== undefined) return this.refuse(reason)
    let at = skipBlanks(line, this.clock.end)
    const word = line.slice(at, wordEnd(line, at))
    if (/^(?:[A-Z]{2,6}|[+-]\d{2,4})$/.test(word)) at = skipBlanks(line, at + word.length)
    if (line.startsWith('Address: ', at)) return this.statement(line, at + 9, phrases)
    if (line.startsWith('Prefix: ', at)) return this.statement(line, at + 8, phrases)
    for (const [text, what] of acts) {
      const place = line.indexOf(text, at)
      // The words stand right behind who acted: "Administrator", "HA partner".
      if (place < 0 || place - at > 24) continue
      const named = line.indexOf(': ', place + text.length)
      if (named < 0) return this.refuse('malformed')
      return this.byHand(line, named + 2, what)
    }
    if (line.startsWith(' deleted a lease for a device', line.indexOf(' ', at))) {
      return this.pass('without-address')
    }
    this.unknown()
  }

  private statement(line: string, from: number, known: typeof phrases): void {
    const end = wordEnd(line, from)
    const phrase = known.find(([text]) => line.startsWith(text, end))
    if (phrase === undefined) return this.unknown()
    const [text, what] = phrase
    this.state(line.slice(from, end), what, line, end + text.length)
  }

  private byHand(line: string, from: number, what: Verb): void {
    const end = wordEnd(line, from)
    const address = line.slice(from, end)
    if (end < line.length) return this.state(address, what, line, end)
    if (what !== 'end') return this.refuse('client-missing')
    const event = this.holders.endOf(address, this.clock.lastUs, this.record)
    if (event === undefined) this.pass('holder-unknown')
    else this.emit(event)
  }

  private state(address: string, what: Verb, line: string, from: number): void {
    const prefix = address.includes('/') ? givenPrefix(address) : hostPrefix(address)
    if (prefix === undefined) return this.refuse('bad-address')
    const { found, rest } = readFields(line, from)
    const device = deviceOf(found)
    const client = device.mac ?? device.duid ?? device.clientId
    if (client === undefined) return this.refuse('client-missing')
    const seconds = Math.max(durationAt(line, from), durationAt(line, rest))
    const time = timed(what, this.clock)
    const event: IdentityEvent = {
      what,
      kind: address.includes('/') ? 'delegation' : 'lease',
      ...time,
      ...(what === 'end' || seconds < 0 ? {} : { untilUs: this.clock.lastUs + seconds * 1e6 }),
      prefix,
      // A DUID stays where network cards change.
      key: `${address}|${device.duid ?? client}`,
      device,
      record: this.record,
    }
    if (what === 'end') this.holders.release(address)
    else this.holders.hold(address, event)
    this.emit(event)
  }
}

type Found = Partial<Record<Field, string>>

/**
 * The fields of a device, in the order in which they stand. After the octets of one, its text in
 * brackets is passed over by its length: it comes from the client, who may write anything into it.
 *
 * @returns octets in hexadecimal, the MAC as text, and where the last of them ended
 */
function readFields(line: string, from: number): { found: Found; rest: number } {
  const found: Found = {}
  let at = from
  for (;;) {
    const next = fields
      .filter((field) => found[field] === undefined)
      .map((field) => ({ field, place: line.indexOf(`${field}: `, at) }))
      .filter(({ place }) => place >= 0)
      .reduce<{ field: Field; place: number } | undefined>(
        (best, each) => (best === undefined || each.place < best.place ? each : best),
        undefined
      )
    if (next === undefined) return { found, rest: at }
    at = next.place + next.field.length + 2
    if (line.startsWith('hwtype=', at)) at = skipBlanks(line, wordEnd(line, at))
    const end = hexEnd(line, at)
    const text = line.slice(at, end)
    found[next.field] = text
    at = skipPrintable(line, end, colonHex(text) ?? '')
  }
}

function hexEnd(line: string, from: number): number {
  let at = from
  while (at < line.length && /[0-9a-fA-F:]/.test(line.charAt(at))) at++
  return at
}

function skipPrintable(line: string, at: number, hex: string): number {
  const shown = ` (${Buffer.from(hex, 'hex').toString('latin1')})`
  return hex !== '' && line.startsWith(shown, at) ? at + shown.length : at
}

function deviceOf(found: Found): Device {
  const mac = normaliseMac(found['hardware address'] ?? '')
  const duid = colonHex(found.DUID ?? '')
  const clientId = colonHex(found['client-id'] ?? '')
  const circuitId = octetsOf(found['circuit-id'])
  const remoteId = octetsOf(found['remote-id'])
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(duid === undefined ? {} : { duid }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(remoteId === undefined ? {} : { remoteId }),
  }
}

function octetsOf(text: string | undefined): string | undefined {
  const hex = colonHex(text ?? '')
  return hex === undefined ? undefined : octetsText(Buffer.from(hex, 'hex').toString('latin1'))
}

/**
 * Seconds of ` for 1 days 2 hrs 3 min 4 secs` or ` for infinite duration` right at `at`; -1 where
 * there is no such text.
 */
function durationAt(line: string, at: number): number {
  const match = /^ for (infinite|(?:\d{1,10} [a-z]{2,8} ?){1,4})/.exec(line.slice(at, at + 80))
  if (match?.[1] === undefined) return -1
  if (match[1] === 'infinite') return Infinity
  let seconds = 0
  for (const [, count, unit = ''] of match[1].matchAll(/(\d+) ([a-z]+)/g)) {
    const each = unitSeconds[unit.replace(/s$/, '')]
    if (each !== undefined) seconds += Number(count) * each
  }
  return seconds
}
