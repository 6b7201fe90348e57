import { formatWords, parseAddress, prefixHolds } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { SyslogSource } from '../../model/syslog-sources.ts'
import type { NatDialect } from './dialect.ts'
import { LineSource } from './line-source.ts'

/** Gateways that are told apart; more than these are not heard. */
const maxSenders = 16_384

/** A gateway whose lines are taken. */
export interface Sender {
  readonly name: string
  /** Its number in the spool. */
  readonly index: number
  readonly source: LineSource
  /** When it was last heard (us since 1970). */
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

/** Who may send, and who has. A sender that no source names is nobody's evidence. */
export class Senders {
  /** Messages that were not taken, by reason. */
  readonly refused = { 'sender-unknown': 0, 'too-many-senders': 0 }
  readonly #options: SendersOptions
  readonly #byAddress = new Map<string, Sender | undefined>()
  readonly #byName = new Map<string, Sender>()

  constructor(options: SendersOptions) {
    this.#options = options
  }

  all(): Iterable<Sender> {
    return this.#byName.values()
  }

  /** The sender at an address (text), counted where there is none that may send. */
  find(address: string): Sender | undefined {
    let sender = this.#byAddress.get(address)
    if (sender === undefined && !this.#byAddress.has(address)) {
      sender = this.#meet(address)
      // Spoofed senders come in any number; what is known of each is only that it is none.
      if (this.#byAddress.size >= maxSenders) this.#byAddress.clear()
      this.#byAddress.set(address, sender)
    }
    if (sender === undefined) this.refused['sender-unknown']++
    return sender
  }

  #meet(address: string): Sender | undefined {
    const words = parseAddress(address.split('%')[0] ?? '')
    if (words === undefined) return undefined
    const holds = ({ from }: SyslogSource): boolean =>
      from.some((prefix) => prefixHolds(prefix, ...words))
    const source = this.#options.sources.find(holds)
    return source && this.#senderOf(source, nameOf(source, words))
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
    const sender = { name, index, source: lines, heardUs: nowUs(), isHeard: false, delayUs: 0 }
    this.#byName.set(name, sender)
    return sender
  }
}

/** Of a source that is one address, its name; of one that is many, with the address behind it. */
function nameOf({ name, from }: SyslogSource, words: AddressWords): string {
  const isOne = from.length === 1 && from[0]?.length === 128
  return isOne ? name : `${name} ${formatWords(words)}`
}
