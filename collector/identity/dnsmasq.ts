import type { IdentityEvent } from '../../model/identity.ts'
import { holderOf, leaseSeconds, words } from './dnsmasq-text.ts'
import { LogClock, priorityEnd } from './log-clock.ts'
import { IdentityReader } from './reader.ts'
import type { ReaderOptions } from './reader.ts'
import { digits, isEpoch } from './scan.ts'
import { timed } from './timed.ts'

/** Answers of which the lease time may still be told. */
const maxTransactions = 256

/** What a script of dnsmasq is called for, as far as it tells who holds what. */
const scriptActions: Readonly<Record<string, 'start' | 'alive' | 'end' | undefined>> = {
  add: 'start',
  old: 'alive',
  del: 'end',
}

const otherActions: ReadonlySet<string> = new Set(['init', 'tftp', 'arp-add', 'arp-del', 'relay'])

const logged: Readonly<Record<string, 'start' | 'end' | undefined>> = {
  DHCPACK: 'start',
  DHCPREPLY: 'start',
  DHCPRELEASE: 'end',
  DHCPDECLINE: 'end',
}

/**
 * Reads what dnsmasq leaves behind; each line is told by its form:
 *
 * ```
 * 1773147600 02:00:00:00:00:01 192.0.2.10 laptop 01:02:00:00:00:00:01     dnsmasq.leases; * nothing
 * duid 00:01:00:01:...                                                    of the server
 * 1773147600 T12345 2001:db8::10 laptop 00:01:00:01:...                   IPv6: IAID, DUID
 * Mar 10 12:00:00 gw dnsmasq-dhcp[1]: DHCPACK(lan) 192.0.2.10 02:00:00:00:00:01 laptop
 * ... dnsmasq-dhcp[1]: 4711 sent size:  4 option: 51 lease-time  1h       with log-dhcp
 * 1773144000 add 02:00:00:00:00:01 192.0.2.10 laptop until=1773147600     a script of ours
 * ```
 * The leases file is a snapshot: it tells who holds an address when it is written, neither since
 * when nor who held it before; all that is read from it is weak.
 */
export class DnsmasqReader extends IdentityReader {
  private readonly clock: LogClock
  private readonly answers = new Map<string, IdentityEvent>()

  constructor(options: ReaderOptions) {
    super(options)
    this.clock = new LogClock(options)
  }

  protected override onLine(line: string): void {
    if (line === '') return
    const tag = line.indexOf(' dnsmasq-dhcp')
    const colon = tag < 0 ? -1 : line.indexOf(': ', tag)
    if (colon >= 0) return this.logLine(line, colon + 2)
    const parts = words(line)
    if (parts[0] === 'duid') return
    const action = parts[1] ?? ''
    if (Object.hasOwn(scriptActions, action)) return this.scriptLine(line, parts)
    if (otherActions.has(action)) return this.pass('other-action')
    if (parts.length >= 4 && digits(line, 0, line.indexOf(' ')) >= 0) return this.lease(parts)
    if (this.clock.read(line, priorityEnd(line)) === 'time-missing') this.unknown()
    else this.pass('other-program')
  }

  private lease(parts: readonly string[]): void {
    const [expiry = '', client = '', address = '', host = '', id = '*'] = parts
    const { writtenUs, nowUs = () => Date.now() * 1000 } = this.options
    const atUs = writtenUs ?? nowUs()
    const seconds = digits(expiry, 0, expiry.length)
    if (seconds !== 0 && !isEpoch(seconds)) return this.refuse('time-invalid')
    const untilUs = seconds === 0 ? Infinity : seconds * 1e6
    if (untilUs < atUs) return this.pass('expired')
    const holder = holderOf(address, address.includes(':') ? id : client, host, id)
    if (typeof holder === 'string') return this.refuse(holder)
    const { record } = this
    this.emit({ ...holder, what: 'alive', kind: 'lease', atUs, untilUs, record, weak: true })
  }

  private scriptLine(line: string, parts: readonly string[]): void {
    const [, action = '', client = '', address = '', ...rest] = parts
    const what = scriptActions[action]
    const reason = this.clock.read(line, 0)
    if (what === undefined || reason !== undefined) return this.refuse(reason ?? 'malformed')
    const until = rest.find((word) => word.startsWith('until='))?.slice(6)
    const host = rest[0]?.startsWith('until=') === false ? rest[0] : '*'
    const holder = holderOf(address, client, host)
    if (typeof holder === 'string') return this.refuse(holder)
    const untilUs = until === undefined ? undefined : this.promised(until)
    if (untilUs === -1) return this.refuse('time-invalid')
    this.emit({
      ...holder,
      what,
      kind: 'lease',
      ...timed(what, this.clock),
      ...(untilUs === undefined || what === 'end' ? {} : { untilUs }),
      record: this.record,
    })
  }

  private promised(text: string): number {
    const seconds = digits(text, 0, text.length)
    if (seconds === 0) return Infinity
    return isEpoch(seconds) ? seconds * 1e6 : -1
  }

  private logLine(line: string, from: number): void {
    const parts = words(line.slice(from))
    const transaction = digits(parts[0] ?? '', 0, parts[0]?.length ?? 0) >= 0 ? parts.shift() : ''
    if (parts[0] === 'sent') return this.leaseTime(transaction ?? '', parts)
    const [head = '', address = '', client = '', host = ''] = parts
    const what = logged[head.slice(0, Math.max(head.indexOf('('), 0))]
    if (what === undefined) return this.pass('other-message')
    const reason = this.clock.read(line, priorityEnd(line))
    if (reason !== undefined) return this.refuse(reason)
    // A release without an address, or a reply that only tells options.
    if (client === '' || !/^[0-9a-f:.]+$/i.test(address)) return this.pass('without-address')
    const holder = holderOf(address, client, what === 'start' ? host : '')
    if (typeof holder === 'string') return this.refuse(holder)
    const event: IdentityEvent = {
      ...holder,
      what,
      kind: 'lease',
      ...timed(what, this.clock),
      record: this.record,
    }
    if (what === 'start' && transaction !== '') this.remember(transaction ?? '', event)
    this.emit(event)
  }

  private remember(transaction: string, event: IdentityEvent): void {
    if (this.answers.size >= maxTransactions) this.answers.clear()
    this.answers.set(transaction, event)
  }

  /** `sent size:  4 option: 51 lease-time  1h`, after the answer that it belongs to. */
  private leaseTime(transaction: string, parts: readonly string[]): void {
    const answer = this.answers.get(transaction)
    const at = parts.indexOf('lease-time')
    if (at < 0 || answer === undefined) return this.pass('other-message')
    const seconds = leaseSeconds(parts[at + 1] ?? '')
    this.answers.delete(transaction)
    if (seconds < 0) return this.refuse('malformed')
    const { atUs } = answer
    this.emit({ ...answer, what: 'alive', untilUs: atUs + seconds * 1e6, record: this.record })
  }
}
