import type { Prefix } from '../../model/address.ts'
import type { Device, HoldingKind, IdentityEvent } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import { Columns } from './columns.ts'
import { relayIds, unescapeKea } from './kea-fields.ts'
import { LastHolders } from './last-holders.ts'
import { givenPrefix, hostPrefix } from './prefix-text.ts'
import { IdentityReader } from './reader.ts'
import { colonHex, digits, isEpoch } from './scan.ts'
import { octetsText, sourceText } from './source-text.ts'

/** A lifetime of all ones has no end (RFC 8415 §7.7, RFC 2131 §3.3). */
const forEver = 0xffffffff

const needed = ['address', 'valid_lifetime', 'expire']

/** Octets of a DHCPv6 unique identifier and of an option, at most. */
const maxHex = 510

/**
 * Reads Kea's lease files, kea-leases4.csv and kea-leases6.csv, also those that its clean-up keeps
 * (`.1`, `.2`, `.completed`). A header names the columns, which differ by release; each row is what
 * became of a lease, in order, and all of them are the history. Times are seconds since 1970:
 * a lease was granted or renewed at `expire - valid_lifetime`.
 *
 * | state | |
 * |---|---|
 * | 0 | granted or renewed; with a lifetime of 0 the row only deletes the lease |
 * | 1 | declined: somebody else uses the address |
 * | 2 | expired and reclaimed |
 * | 3 | released |
 */
export class KeaReader extends IdentityReader {
  private columns: Columns | undefined
  private v6 = false
  private readonly holders = new LastHolders()

  protected override onLine(line: string): void {
    if (line === '') return
    if (line.startsWith('address,')) return this.readHeader(line)
    if (this.columns === undefined) return this.refuse('header-missing')
    const values = line.split(',')
    if (values.length < this.columns.width) return this.refuse('malformed')
    this.columns.row(values)
    this.readRow(this.columns)
  }

  private readHeader(line: string): void {
    const columns = new Columns(line.split(','))
    const known = needed.every((name) => columns.has(name))
    this.columns = known ? columns : undefined
    this.v6 = columns.has('duid')
    if (!known) this.refuse('header-unknown')
  }

  private readRow(columns: Columns): void {
    const lifetime = number(columns.get('valid_lifetime'))
    const expire = number(columns.get('expire'))
    const state = columns.get('state') === '' ? 0 : number(columns.get('state'))
    const heardAt = expire - lifetime
    if (lifetime < 0 || expire < 0) return this.refuse('time-invalid')
    if (!isEpoch(heardAt)) return this.refuse('time-invalid')
    const prefix = this.prefixOf(columns)
    if (prefix === undefined) return this.refuse('bad-address')
    if (state === 1) return this.declined(columns.get('address'), heardAt)
    if (state < 0 || state > 3) return this.refuse('state-unknown')
    const client = this.clientOf(columns)
    if (client === undefined) return this.refuse('client-missing')
    const event = {
      kind: this.kindOf(columns),
      prefix,
      key: `${columns.get('address')}|${client}`,
      device: this.deviceOf(columns),
      record: this.record,
    }
    // What a deleted lease held until when was told by the rows before; when it ended is not.
    if (state === 0 && lifetime === 0) return this.pass('deleted')
    if (state === 0) return this.held(columns.get('address'), event, heardAt, expire, lifetime)
    this.holders.release(columns.get('address'))
    const startUs = lifetime > 0 ? { startUs: heardAt * 1e6 } : {}
    if (!isEpoch(expire)) return this.refuse('time-invalid')
    this.emit({ ...event, what: 'end', atUs: expire * 1e6, ...startUs })
  }

  private held(
    address: string,
    event: Omit<IdentityEvent, 'what' | 'atUs'>,
    heardAt: number,
    expire: number,
    lifetime: number
  ): void {
    const untilUs = lifetime >= forEver ? Infinity : expire * 1e6
    const start: IdentityEvent = { ...event, what: 'start', atUs: heardAt * 1e6, untilUs }
    this.holders.hold(address, start)
    this.emit(start)
  }

  private declined(address: string, at: number): void {
    const end = this.holders.endOf(address, at * 1e6, this.record)
    if (end === undefined) this.pass('declined')
    else this.emit(end)
  }

  private prefixOf(columns: Columns): Prefix | undefined {
    const address = columns.get('address')
    if (!this.v6) return hostPrefix(address)
    return this.kindOf(columns) === 'delegation'
      ? givenPrefix(`${address}/${columns.get('prefix_len')}`)
      : hostPrefix(address)
  }

  /** `lease_type`: 0 an address, 1 a temporary one, 2 a prefix; some releases write words. */
  private kindOf(columns: Columns): HoldingKind {
    const type = columns.get('lease_type')
    return type === '2' || type === 'IA_PD' ? 'delegation' : 'lease'
  }

  private clientOf(columns: Columns): string | undefined {
    if (this.v6) {
      const duid = colonHex(columns.get('duid'))
      return duid === undefined ? undefined : `${columns.get('iaid')}|${duid}`
    }
    return normaliseMac(columns.get('hwaddr')) ?? colonHex(columns.get('client_id'))
  }

  private deviceOf(columns: Columns): Device {
    const mac = normaliseMac(columns.get('hwaddr'))
    const id = colonHex(columns.get(this.v6 ? 'duid' : 'client_id'))?.slice(0, maxHex)
    const hostname = sourceText(unescapeKea(columns.get('hostname')))
    const ids = relayIds(columns.get('user_context'))
    const [circuitId, remoteId] = [octetsText(ids.circuitId), octetsText(ids.remoteId)]
    return {
      ...(mac === undefined ? {} : { mac }),
      ...(id === undefined ? {} : this.v6 ? { duid: id } : { clientId: id }),
      ...(circuitId === undefined ? {} : { circuitId }),
      ...(remoteId === undefined ? {} : { remoteId }),
      ...(hostname === '' ? {} : { hostname }),
    }
  }
}

function number(text: string): number {
  return digits(text, 0, text.length)
}
