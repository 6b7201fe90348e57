import type { IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { LogClock, priorityEnd } from './log-clock.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { skipBlanks, wordEnd } from './scan.ts'
import { sourceText } from './source-text.ts'
import { timed } from './timed.ts'

/** Stations of which is remembered what was told. */
const maxStations = 65_536

interface Station {
  connected: boolean
  user?: string
  session?: string
}

/**
 * Reads what hostapd writes to syslog, or to its own output with `-t`:
 *
 * ```
 * Mar 10 12:00:00 ap1 hostapd: wlan0: AP-STA-CONNECTED 02:00:00:00:00:01
 * Mar 10 12:00:00 ap1 hostapd: wlan0: STA 02:00:00:00:00:01 IEEE 802.1X: authenticated - EAP ...
 * Mar 10 12:00:00 ap1 hostapd: wlan0: STA 02:00:00:00:00:01 IEEE 802.1X: STA identity 'bob'
 * Mar 10 12:00:00 ap1 hostapd: wlan0: STA 02:00:00:00:00:01 RADIUS: starting accounting session 5E
 * Mar 10 12:30:00 ap1 hostapd: wlan0: STA 02:00:00:00:00:01 IEEE 802.11: disassociated
 * ```
 * It tells which device was where, and whose log-in it used; never an address.
 */
export class HostapdReader extends IdentityReader {
  private readonly clock: LogClock
  private readonly stations = new Map<string, Station>()

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new LogClock(options)
  }

  protected override onLine(line: string): void {
    if (line === '') return
    const reason = this.clock.read(line, priorityEnd(line))
    if (reason === 'time-missing') return this.unknown()
    if (reason !== undefined) return this.refuse(reason)
    const message = this.messageOf(line)
    if (message === undefined) return this.pass('other-program')
    const { nas, at } = message
    const colon = line.indexOf(': ', at)
    if (colon < 0 || colon - at > 32) return this.pass('other-message')
    const station = line.slice(at, colon)
    let from = colon + 2
    const word = line.slice(from, wordEnd(line, from))
    from = skipBlanks(line, from + word.length)
    const end = wordEnd(line, from)
    const mac = normaliseMac(line.slice(from, end))
    if (mac === undefined) return this.pass('other-message')
    const place = { nas: sourceText(nas), station: sourceText(station) }
    if (word === 'AP-STA-CONNECTED') this.connected(place, mac)
    else if (word === 'AP-STA-DISCONNECTED') this.gone(place, mac)
    else if (word === 'STA') this.aboutStation(place, mac, line.slice(skipBlanks(line, end)))
    else this.pass('other-message')
  }

  /** Which access point writes, and where its message begins. */
  private messageOf(line: string): { nas: string; at: number } | undefined {
    const { end } = this.clock
    if (line.startsWith(': ', end)) return { nas: this.options.name, at: end + 2 }
    const tag = line.indexOf(' hostapd', end)
    const colon = tag < 0 ? -1 : line.indexOf(': ', tag)
    if (colon < 0 || colon - tag > 24) return undefined
    const from = skipBlanks(line, end)
    const nas = line.slice(from, Math.max(from, wordEnd(line, from)))
    return { nas: from > tag ? this.options.name : nas, at: colon + 2 }
  }

  private aboutStation(place: Place, mac: string, text: string): void {
    const known = this.stationOf(place, mac)
    if (text.startsWith('IEEE 802.1X: authenticated')) return this.authenticated(place, mac)
    if (/^IEEE 802\.11: (?:disassociated|deauthenticated)/.test(text)) return this.gone(place, mac)
    if (text.startsWith('IEEE 802.1X: deauthenticated')) return this.gone(place, mac)
    const identity = /^IEEE 802\.1X: STA identity '(.{1,253})'$/.exec(text)?.[1]
    if (identity !== undefined) known.user = sourceText(identity)
    const session = /^RADIUS: starting accounting session ([0-9A-Za-z-]{1,64})$/.exec(text)?.[1]
    if (session !== undefined) known.session = session
    if (identity === undefined && session === undefined) return this.pass('other-message')
    if (known.connected) this.emit(this.event('alive', place, mac))
  }

  private connected(place: Place, mac: string): void {
    const known = this.stationOf(place, mac)
    this.emit(this.event(known.connected ? 'alive' : 'start', place, mac))
    known.connected = true
  }

  private authenticated(place: Place, mac: string): void {
    this.connected(place, mac)
  }

  /** One departure is told by up to three lines. */
  private gone(place: Place, mac: string): void {
    const known = this.stations.get(keyOf(place, mac))
    if (known?.connected === false) return this.pass('gone-already')
    this.emit(this.event('end', place, mac))
    this.stations.delete(keyOf(place, mac))
    this.stationOf(place, mac)
  }

  private event(what: 'start' | 'alive' | 'end', place: Place, mac: string): IdentityEvent {
    const { user, session } = this.stationOf(place, mac)
    return {
      what,
      kind: 'login',
      ...timed(what, this.clock),
      key: keyOf(place, mac),
      device: { mac },
      ...place,
      ...(user === undefined ? {} : { user }),
      ...(session === undefined ? {} : { session }),
      record: this.record,
    }
  }

  private stationOf(place: Place, mac: string): Station {
    const key = keyOf(place, mac)
    let known = this.stations.get(key)
    if (known === undefined) {
      const [oldest] = this.stations.size >= maxStations ? this.stations.keys() : []
      if (oldest !== undefined) this.stations.delete(oldest)
      known = { connected: false }
      this.stations.set(key, known)
    }
    return known
  }
}

interface Place {
  readonly nas: string
  readonly station: string
}

function keyOf({ nas, station }: Place, mac: string): string {
  return `${nas}|${station}|${mac}`
}
