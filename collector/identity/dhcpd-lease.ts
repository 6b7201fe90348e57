import { parseV4 } from '../../model/address.ts'
import type { Device, IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { badTime, leaseOctets, leaseTime } from './dhcpd-text.ts'
import type { LastHolders } from './last-holders.ts'
import { v4Prefix } from './prefix-text.ts'
import { quoted, skipBlanks, wordEnd } from './scan.ts'
import { hexOf, octetsText, sourceText } from './source-text.ts'

/** Statements that say nothing of who held the address. */
const passed: ReadonlySet<string> = new Set([
  'tstp',
  'tsfp',
  'atsfp',
  'next',
  'rewind',
  'set',
  'unset',
  'on',
  'billing',
  'bootp',
  'reserved',
  'dynamic',
  'dynamic-bootp',
  'hostname',
  'abbreviated',
  'ddns-rev-name',
  'ddns-fwd-name',
  'ddns-txt',
  'ddns-client-fqdn',
  'supersede',
  'vendor-class-identifier',
])

/** States in which nobody holds the address, though a client may still be named: the last one. */
const idle: ReadonlySet<string> = new Set(['free', 'expired', 'released', 'backup', 'reset'])

/**
 * One block of an IPv4 lease (dhcpd.leases(5)):
 *
 * ```
 * lease 192.0.2.10 {
 *   starts 2 2026/03/10 12:00:00;      when it was granted, or renewed
 *   ends 2 2026/03/10 12:10:00;
 *   cltt 2 2026/03/10 12:00:00;        when the client was last heard
 *   binding state active;              releases before 3.0 wrote `abandoned;` or nothing
 *   hardware ethernet 02:00:00:00:00:01;
 *   uid "\001\002\000\000\000\000\001";
 *   client-hostname "laptop";
 * }
 * ```
 */
export class LeaseBlock {
  /** A line in it could not be read: what it said may have been the state. */
  spoilt = false
  /** A statement in it is not known. */
  unknown = 0
  private address = ''
  private v4 = -1
  private startsUs = 0
  private endsUs = 0
  private clttUs = 0
  private state = ''
  private mac: string | undefined
  private uid: string | undefined
  private hostname: string | undefined
  private circuitId: string | undefined
  private remoteId: string | undefined
  /** Something that only releases with binding states write. */
  private modern = false

  begin(address: string): void {
    this.spoilt = false
    this.unknown = 0
    this.address = address
    this.v4 = parseV4(address)
    this.startsUs = 0
    this.endsUs = 0
    this.clttUs = 0
    this.state = ''
    this.mac = undefined
    this.uid = undefined
    this.hostname = undefined
    this.circuitId = undefined
    this.remoteId = undefined
    this.modern = false
  }

  statement(line: string, from: number, to: number): void {
    const end = wordEnd(line, from, to)
    const word = line.slice(from, end)
    const at = skipBlanks(line, end)
    switch (word) {
      case 'starts':
        this.startsUs = leaseTime(line, at, to)
        return
      case 'ends':
        this.endsUs = leaseTime(line, at, to)
        return
      case 'cltt':
        this.clttUs = leaseTime(line, at, to)
        this.modern = true
        return
      case 'binding':
        this.state = line.startsWith('state ', at) ? line.slice(at + 6, to) : '?'
        return
      case 'abandoned':
      case 'released':
      case 'reset':
        this.state = word
        return
      case 'deleted':
        this.state = 'free'
        return
      case 'hardware': {
        this.mac = line.startsWith('ethernet ', at)
          ? normaliseMac(line.slice(at + 9, to))
          : undefined
        return
      }
      case 'uid':
        this.uid = leaseOctets(line, at, to)
        return
      case 'client-hostname':
        this.hostname = quoted(line, at + 1)?.value
        return
      case 'option':
        return this.option(line, at, to)
      default:
        if (!passed.has(word)) this.unknown++
        else if (word !== 'set') this.modern = true
    }
  }

  private option(line: string, from: number, to: number): void {
    const end = wordEnd(line, from, to)
    const at = skipBlanks(line, end)
    const name = line.slice(from, end)
    if (name === 'agent.circuit-id') this.circuitId = leaseOctets(line, at, to)
    else if (name === 'agent.remote-id') this.remoteId = leaseOctets(line, at, to)
  }

  /**
   * What the block states.
   *
   * @param record where it stands
   * @returns the statements, or why there are none: a reason that begins with `-` is no fault
   */
  finish(record: string, holders: LastHolders): readonly IdentityEvent[] | string {
    if (this.spoilt) return 'malformed'
    if (this.v4 < 0) return 'bad-address'
    const old = this.state === '' && !this.modern && this.unknown === 0
    const state = old ? 'active' : this.state
    if (state === '') return 'state-missing'
    if (this.startsUs === badTime || this.endsUs === badTime || this.clttUs === badTime) {
      return 'time-invalid'
    }
    if (state === 'active') return this.held(record, holders)
    if (idle.has(state)) return this.over(record, holders)
    if (state !== 'abandoned') return 'state-unknown'
    const atUs = this.endsUs > 0 ? this.endsUs : this.clttUs
    const end = atUs > 0 ? holders.endOf(this.address, atUs, record) : undefined
    return end === undefined ? '-abandoned' : [end]
  }

  private held(record: string, holders: LastHolders): readonly IdentityEvent[] | string {
    const { startsUs, endsUs, clttUs, client } = this
    if (startsUs === 0 || startsUs === Infinity) return 'start-missing'
    if (endsUs === 0) return 'end-missing'
    if (endsUs < startsUs) return 'contradictory'
    if (client === undefined) return 'client-missing'
    const event: IdentityEvent = {
      what: 'start',
      kind: 'lease',
      atUs: startsUs,
      untilUs: endsUs,
      prefix: v4Prefix(this.v4),
      key: `${this.address}|${client}`,
      device: this.device(),
      record,
    }
    holders.hold(this.address, event)
    // With dhcp-cache-threshold a client is answered without its lease being written anew.
    const heard = clttUs > startsUs && clttUs <= endsUs && clttUs < Infinity
    return heard ? [event, { ...event, what: 'alive', atUs: clttUs, startUs: startsUs }] : [event]
  }

  /** Nobody holds it any more; until `ends` the client that is still named did. */
  private over(record: string, holders: LastHolders): readonly IdentityEvent[] | string {
    const { startsUs, endsUs, client } = this
    holders.release(this.address)
    if (client === undefined || endsUs === 0) return '-idle'
    if (endsUs === Infinity || endsUs < startsUs) return 'contradictory'
    return [
      {
        what: 'end',
        kind: 'lease',
        atUs: endsUs,
        ...(startsUs > 0 ? { startUs: startsUs } : {}),
        prefix: v4Prefix(this.v4),
        key: `${this.address}|${client}`,
        device: this.device(),
        record,
      },
    ]
  }

  /** The device, where it is told: a machine that boots by network uses several identifiers. */
  private get client(): string | undefined {
    return this.mac ?? (this.uid === undefined ? undefined : hexOf(this.uid))
  }

  private device(): Device {
    const { mac, uid, hostname, circuitId, remoteId } = this
    const [circuit, remote] = [octetsText(circuitId ?? ''), octetsText(remoteId ?? '')]
    return {
      ...(mac === undefined ? {} : { mac }),
      ...(uid === undefined ? {} : { clientId: hexOf(uid) }),
      ...(circuit === undefined ? {} : { circuitId: circuit }),
      ...(remote === undefined ? {} : { remoteId: remote }),
      ...(hostname === undefined ? {} : { hostname: sourceText(hostname) }),
    }
  }
}
