import type { IdentityEvent } from '../../model/identity.ts'

/** Addresses of which the last holder is remembered. */
const maxRemembered = 262_144

/**
 * Who held each address last. A server that takes an address out of use (declined, abandoned) no
 * longer names the client; without this nothing would say that its lease is over.
 */
export class LastHolders {
  private readonly holders = new Map<string, IdentityEvent>()
  private readonly max: number

  constructor(max = maxRemembered) {
    this.max = max
  }

  /** @param address text of the address, as the source writes it */
  hold(address: string, event: IdentityEvent): void {
    if (this.holders.size >= this.max && !this.holders.has(address)) {
      const [oldest] = this.holders.keys()
      if (oldest !== undefined) this.holders.delete(oldest)
    }
    this.holders.set(address, event)
  }

  release(address: string): void {
    this.holders.delete(address)
  }

  /**
   * The end of what the last holder had, at `atUs` at the latest; undefined where nobody is known.
   */
  endOf(address: string, atUs: number, record: string): IdentityEvent | undefined {
    const held = this.holders.get(address)
    if (held === undefined) return undefined
    this.holders.delete(address)
    const { kind, key, device, untilUs = Infinity, prefix } = held
    const endUs = Math.max(held.atUs, Math.min(atUs, untilUs))
    return {
      what: 'end',
      kind,
      atUs: endUs,
      key,
      device,
      record,
      sureUs: held.atUs,
      ...(prefix === undefined ? {} : { prefix }),
    }
  }
}
