import { formatWords, isV4, parsePrefix } from '../../model/address.ts'
import type { AddressWords, Prefix } from '../../model/address.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { neighbourState } from '../../netlink/neighbour.ts'
import type { Neighbour } from '../../netlink/neighbour.ts'

/** Neighbours that are kept in mind; the kernel's own table holds 1024 of a family by default. */
const maxNeighbours = 262_144
/** How often a neighbour that is still there is told again. */
const tellEveryUs = 60e6

/** Why an entry tells of no holder; each is a counter. */
export const neighbourRefusals = [
  'not-a-host',
  'static',
  'interface',
  'unproven',
  'table-full',
] as const

export type NeighbourRefusal = (typeof neighbourRefusals)[number]

interface Known {
  readonly address: string
  readonly prefix: Prefix | undefined
  /** Name of the interface. */
  readonly station: string
  readonly mac: string
  /** Last time that it was surely there. */
  sureUs: number
  /** The latest time that was told of. */
  toldUs: number
}

/** Addresses that many hosts have at once, or none: they name nobody. */
function namesNobody([w0, w1, w2, w3]: AddressWords): boolean {
  if (isV4(w0, w1, w2)) return w3 >>> 28 === 14 || w3 >>> 24 === 127 || w3 >>> 16 === 0xa9fe
  // Multicast ff00::/8, link-local fe80::/10, and below ::/96 the unspecified and the loopback.
  return w0 >>> 24 === 0xff || w0 >>> 22 === 0x3fa || (w0 | w1 | w2) === 0
}

/**
 * Takes over a later confirmation. To an entry that nobody has confirmed yet the kernel gives a
 * time before the entry was made, which is never later than what is known.
 */
function confirm(known: Known, { confirmedAgoUs }: Neighbour, nowUs: number): void {
  if (confirmedAgoUs === undefined) return
  known.sureUs = Math.max(known.sureUs, nowUs - confirmedAgoUs)
}

/**
 * What the neighbour table shows of who is where. An entry is evidence only while it is proven: a
 * stale one may be days old. A neighbour is there
 *
 * - at the last confirmation of a REACHABLE entry, which the kernel keeps (an answer to ARP or
 *   Neighbour Solicitation, or progress of a TCP connection);
 * - now, where an entry appears as STALE or becomes STALE with another MAC: the kernel does that
 *   when the host itself has spoken (an ARP request, a solicitation).
 *
 * It is gone when the entry fails, goes away, or gets another MAC: at the latest then, surely there
 * up to the last confirmation.
 */
export class NeighbourTable {
  readonly refused: Record<NeighbourRefusal, number> = {
    'not-a-host': 0,
    static: 0,
    interface: 0,
    unproven: 0,
    'table-full': 0,
  }
  private readonly known = new Map<string, Known>()
  private readonly record: string
  private restartedUs = 0

  /** @param record where its statements stand, such as the name of this host */
  constructor(record: string) {
    this.record = record
  }

  get size(): number {
    return this.known.size
  }

  /**
   * Forgets everything: what was there up to now is told anew. All that was held before ended by
   * `nowUs` at the latest, as far as anybody can know.
   */
  restart(nowUs: number): IdentityEvent {
    this.known.clear()
    this.restartedUs = nowUs
    return {
      what: 'restart',
      kind: 'neighbour',
      atUs: nowUs,
      key: '',
      device: {},
      record: this.record,
    }
  }

  /**
   * Takes one entry.
   *
   * @param device name of the interface that it stands on; undefined where it is not followed
   * @param dumped true for an entry of a dump, which says what is and not what has just happened
   */
  take(
    entry: Neighbour,
    device: string | undefined,
    { nowUs, dumped, deleted }: { nowUs: number; dumped: boolean; deleted: boolean }
  ): IdentityEvent[] {
    const refusal = this.refusalOf(entry, device)
    if (refusal !== undefined || device === undefined) {
      this.refused[refusal ?? 'interface']++
      return []
    }
    const place = `${entry.ifindex} ${formatWords(entry.address)}`
    const known = this.known.get(place)
    const { mac, state } = entry
    const gone =
      deleted ||
      mac === undefined ||
      (state & (neighbourState.failed | neighbourState.incomplete)) !== 0
    const events: IdentityEvent[] = []
    if (known !== undefined && (gone || known.mac !== mac)) {
      this.known.delete(place)
      if (gone) confirm(known, entry, nowUs)
      events.push(this.endOf(known, nowUs))
    }
    if (!gone) {
      const same = known?.mac === mac ? known : undefined
      events.push(...this.present(place, same, { ...entry, mac }, device, { nowUs, dumped }))
    }
    return events
  }

  /** Tells of the last confirmation of everybody, before the table is closed. */
  rest(): IdentityEvent[] {
    return [...this.known.values()]
      .filter(({ sureUs, toldUs }) => sureUs > toldUs)
      .map((known) => this.aliveOf(known))
  }

  private refusalOf(entry: Neighbour, device: string | undefined): NeighbourRefusal | undefined {
    if ((entry.state & neighbourState.noArp) !== 0 || namesNobody(entry.address)) {
      return 'not-a-host'
    }
    // An administrator wrote it down; nobody has answered.
    if ((entry.state & neighbourState.permanent) !== 0) return 'static'
    return device === undefined ? 'interface' : undefined
  }

  private present(
    place: string,
    known: Known | undefined,
    entry: Neighbour & { mac: string },
    device: string,
    { nowUs, dumped }: { nowUs: number; dumped: boolean }
  ): IdentityEvent[] {
    const reachable = (entry.state & neighbourState.reachable) !== 0
    if (known !== undefined) {
      confirm(known, entry, nowUs)
      return known.sureUs - known.toldUs >= tellEveryUs ? [this.aliveOf(known)] : []
    }
    const spoke = (entry.state & neighbourState.stale) !== 0 && !dumped
    if (!reachable && !spoke) {
      this.refused.unproven++
      return []
    }
    if (this.known.size >= maxNeighbours) {
      this.refused['table-full']++
      return []
    }
    const address = formatWords(entry.address)
    const made: Known = {
      address,
      prefix: parsePrefix(address),
      station: device,
      mac: entry.mac,
      // Confirmed before we began to look, and still reachable to the kernel: there when we began.
      sureUs: reachable ? Math.max(nowUs - (entry.confirmedAgoUs ?? 0), this.restartedUs) : nowUs,
      toldUs: 0,
    }
    this.known.set(place, made)
    return [this.aliveOf(made)]
  }

  private common(known: Known): Omit<IdentityEvent, 'what' | 'atUs'> {
    return {
      kind: 'neighbour',
      ...(known.prefix === undefined ? {} : { prefix: known.prefix }),
      key: `${known.station} ${known.address} ${known.mac}`,
      device: { mac: known.mac },
      station: known.station,
      record: this.record,
    }
  }

  private aliveOf(known: Known): IdentityEvent {
    known.toldUs = known.sureUs
    return { what: 'alive', atUs: known.sureUs, ...this.common(known) }
  }

  private endOf(known: Known, nowUs: number): IdentityEvent {
    return { what: 'end', atUs: nowUs, sureUs: known.sureUs, ...this.common(known) }
  }
}
