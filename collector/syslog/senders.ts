import { formatWords, parseAddress, prefixHolds } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { SyslogSource } from '../../model/syslog-sources.ts'
import type { NatDialect } from './dialect.ts'
import { HostField } from './host-field.ts'
import { LineSource } from './line-source.ts'

/** Gateways that are told apart; more than these are not heard. */
const maxSenders = 16_384

/** A gateway whose lines are taken. */
export interface Sender {
  readonly name: string
  /** Its number in the spool. */
  readonly index: number
  readonly source: LineSource
  /** When it was first heard in this run, and last (us since 1970). */
  firstUs: number
  heardUs: number
  /** False until it is heard in this run. */
  isHeard: boolean
  /** The longest that a line was under way lately (us): up to then its lines may still come. */
  delayUs: number
}

export interface SendersOptions {
  readonly sources: readonly SyslogSource[]
  /** The operator's patterns of a source. */
  readonly patternsOf: (source: SyslogSource) => readonly NatDialect[]
  /** Number of a source in the spool; undefined where none is left. */
  readonly indexOf: (name: string) => number | undefined
  readonly nowUs: () => number
}

/** Whose lines come from an address: of one gateway, or through a relay of those that it names. */
interface Origin {
  readonly own: Sender | undefined
  readonly relayed: readonly SyslogSource[]
}

const nobody: Origin = { own: undefined, relayed: [] }

/** Who may send, and who has. A sender that no source names is nobody's evidence. */
export class Senders {
  /** Messages that were not taken, by reason. */
  readonly refused = { 'sender-unknown': 0, 'host-unknown': 0, 'too-many-senders': 0 }
  readonly #options: SendersOptions
  readonly #byAddress = new Map<string, Origin>()
  readonly #byName = new Map<string, Sender>()
  readonly #hosts = new HostField()

  constructor(options: SendersOptions) {
    this.#options = options
  }

  all(): Iterable<Sender> {
    return this.#byName.values()
  }

  /** True of an address that may send. */
  knows(address: string): boolean {
    const { own, relayed } = this.#originOf(address)
    return own !== undefined || relayed.length > 0
  }

  /**
   * Whose line this is, counted where nobody's.
   *
   * @param address where it comes from (text)
   */
  find(address: string, line: string): Sender | undefined {
    const { own, relayed } = this.#originOf(address)
    if (relayed.length > 0) return this.#behindRelay(relayed, line) ?? this.#unnamed(own)
    if (own === undefined) this.refused['sender-unknown']++
    return own
  }

  #unnamed(own: Sender | undefined): Sender | undefined {
    if (own === undefined) this.refused['host-unknown']++
    return own
  }

  #behindRelay(relayed: readonly SyslogSource[], line: string): Sender | undefined {
    const host = this.#hosts.read(line)
    if (host === undefined) return undefined
    for (const source of relayed) {
      const { name, hosts = [] } = source
      const isOne = hosts.length === 1 && hosts[0] !== '*'
      if (hosts.includes(host) || hosts.includes('*')) {
        return this.#senderOf(source, isOne ? name : `${name} ${host}`)
      }
    }
    return undefined
  }

  #originOf(address: string): Origin {
    const known = this.#byAddress.get(address)
    if (known !== undefined) return known
    const origin = this.#meet(address)
    // Spoofed senders come in any number; what is known of each is only that it is none.
    if (this.#byAddress.size >= maxSenders) this.#byAddress.clear()
    this.#byAddress.set(address, origin)
    return origin
  }

  #meet(address: string): Origin {
    const words = parseAddress(address.split('%')[0] ?? '')
    if (words === undefined) return nobody
    const holding = this.#options.sources.filter(({ from }) =>
      from.some((prefix) => prefixHolds(prefix, ...words))
    )
    const source = holding.find(({ hosts }) => hosts === undefined)
    const own = source && this.#senderOf(source, nameOf(source, words))
    return { own, relayed: holding.filter(({ hosts }) => hosts !== undefined) }
  }

  #senderOf(source: SyslogSource, name: string): Sender | undefined {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const index = this.#byName.size < maxSenders ? this.#options.indexOf(name) : undefined
    if (index === undefined) {
      this.refused['too-many-senders']++
      return undefined
    }
    const { nowUs, patternsOf } = this.#options
    const { vendor, zone } = source
    const patterns = patternsOf(source)
    const lines = new LineSource({ vendor, zone, patterns, live: true, nowUs })
    const firstUs = nowUs()
    const times = { firstUs, heardUs: firstUs, isHeard: false, delayUs: 0 }
    const sender = { name, index, source: lines, ...times }
    this.#byName.set(name, sender)
    return sender
  }
}

/** Of a source that is one address, its name; of one that is many, with the address behind it. */
function nameOf({ name, from }: SyslogSource, words: AddressWords): string {
  const isOne = from.length === 1 && from[0]?.length === 128
  return isOne ? name : `${name} ${formatWords(words)}`
}
