import type { Prefix } from '../../model/address.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { badTime, leaseOctets, leaseTime } from './dhcpd-text.ts'
import { givenPrefix, hostPrefix } from './prefix-text.ts'
import { digits, skipBlanks, wordEnd } from './scan.ts'
import { hexOf } from './source-text.ts'

/** Addresses and prefixes of one identity association. */
const maxAddresses = 64

interface Lent {
  readonly text: string
  readonly prefix: Prefix | undefined
  readonly delegated: boolean
  state: string
  endsUs: number
  maxLife: number
}

/**
 * One block of DHCPv6 (dhcpd.leases(5)); what stands behind the name are the IAID, in the byte
 * order of the server, and the DUID (RFC 8415 §11):
 *
 * ```
 * ia-na "\001\000\000\000\000\001\000\001..." {      ia-ta, ia-pd
 *   cltt 2 2026/03/10 12:00:00;
 *   iaaddr 2001:db8::10 {                             iaprefix 2001:db8:1::/56 {
 *     binding state active;
 *     preferred-life 375;
 *     max-life 600;
 *     ends 2 2026/03/10 12:10:00;
 *   }
 * }
 * ```
 */
export class IaBlock {
  spoilt = false
  unknown = 0
  private iaid = ''
  private duid = ''
  private clttUs = 0
  private lent: Lent[] = []
  private current: Lent | undefined

  /** @returns false where the name holds no IAID and DUID */
  begin(line: string, from: number, to: number): void {
    let end = to
    while (end > from && line.charCodeAt(end - 1) === 32) end--
    const octets = leaseOctets(line, from, end) ?? ''
    this.spoilt = octets.length < 7 || octets.length > 134
    this.unknown = 0
    this.iaid = hexOf(octets.slice(0, 4))
    this.duid = hexOf(octets.slice(4))
    this.clttUs = 0
    this.lent = []
    this.current = undefined
  }

  /** @returns true where the line opens an address or prefix */
  open(line: string, from: number, to: number): boolean {
    const end = wordEnd(line, from, to)
    const word = line.slice(from, end)
    if (word !== 'iaaddr' && word !== 'iaprefix') return false
    const text = line.slice(skipBlanks(line, end), to).trim()
    const delegated = word === 'iaprefix'
    const prefix = delegated ? givenPrefix(text) : hostPrefix(text)
    this.current = { text, prefix, delegated, state: '', endsUs: 0, maxLife: -1 }
    if (this.lent.length < maxAddresses) this.lent.push(this.current)
    else this.spoilt = true
    return true
  }

  closeAddress(): void {
    this.current = undefined
  }

  statement(line: string, from: number, to: number): void {
    const end = wordEnd(line, from, to)
    const at = skipBlanks(line, end)
    const { current } = this
    switch (line.slice(from, end)) {
      case 'cltt':
        this.clttUs = leaseTime(line, at, to)
        return
      case 'binding':
        if (current !== undefined && line.startsWith('state ', at)) {
          current.state = line.slice(at + 6, to)
        }
        return
      case 'ends':
        if (current !== undefined) current.endsUs = leaseTime(line, at, to)
        return
      case 'max-life':
        if (current !== undefined) current.maxLife = digits(line, at, to)
        return
      case 'preferred-life':
      case 'set':
      case 'on':
      case 'option':
        return
      default:
        this.unknown++
    }
  }

  /**
   * What the block states.
   *
   * @returns the statements, and why there are none of an address, a reason each; one that begins
   *   with `-` is no fault
   */
  finish(record: string): { readonly events: IdentityEvent[]; readonly reasons: string[] } {
    const events: IdentityEvent[] = []
    const reasons: string[] = []
    if (this.spoilt) return { events, reasons: ['malformed'] }
    if (this.clttUs === badTime) return { events, reasons: ['time-invalid'] }
    for (const lent of this.lent) {
      const event = this.eventOf(lent, record)
      if (typeof event === 'string') reasons.push(event)
      else events.push(event)
    }
    return { events, reasons: this.lent.length === 0 ? ['-idle'] : reasons }
  }

  private eventOf(lent: Lent, record: string): IdentityEvent | string {
    const { clttUs } = this
    const { prefix, state, maxLife } = lent
    if (prefix === undefined) return 'bad-address'
    if (lent.endsUs === badTime) return 'time-invalid'
    const promised = maxLife < 0 || clttUs === 0 ? 0 : clttUs + maxLife * 1e6
    const endsUs = lent.endsUs > 0 ? lent.endsUs : promised
    if (endsUs === 0) return 'end-missing'
    const base = {
      kind: lent.delegated ? ('delegation' as const) : ('lease' as const),
      prefix,
      key: `${lent.text}|${this.iaid}|${this.duid}`,
      device: { duid: this.duid },
      record,
    }
    if (state === 'active') {
      if (clttUs === 0 || clttUs === Infinity) return 'start-missing'
      if (endsUs < clttUs) return 'contradictory'
      return { ...base, what: 'alive', atUs: clttUs, untilUs: endsUs }
    }
    if (state === '') return 'state-missing'
    if (state === 'abandoned') return '-abandoned'
    if (state !== 'expired' && state !== 'released' && state !== 'free') return 'state-unknown'
    if (endsUs === Infinity) return 'contradictory'
    // A release may have come before the end that was promised: nothing here tells when.
    const early = state === 'released' && clttUs > 0 && clttUs < endsUs
    return { ...base, what: 'end', atUs: endsUs, ...(early ? { sureUs: clttUs } : {}) }
  }
}
