import { formatWords, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { Metadata } from '../../model/classification.ts'
import { isSameAddress, pairHash } from './ends.ts'
import { readKept, writeKept } from './kept-lines.ts'
import type { KeptLine } from './kept-lines.ts'
import { Recent } from './recent.ts'

/** Pairs of a client and an address that are remembered. */
const maxPairs = 65_536
/** Names that may lead one client to one address. */
const maxNames = 4
/** A client connects soon after it asked, also where the answer may not be kept at all. */
const leastTtl = 30
const mostTtl = 86_400

interface Hint {
  readonly client: AddressWords
  readonly server: AddressWords
  readonly untilUs: number
  readonly names: readonly string[]
}

const noNames: readonly string[] = []

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= maxNames && value.every((one) => typeof one === 'string')

/**
 * Names that a client was told an address by, for as long as the answer holds. One client's names
 * say nothing about another's: behind one address there are many services.
 */
export class DnsHints {
  /** By the hash of both ends; of two pairs with one hash the latter stays. */
  private readonly pairs = new Recent<number, Hint>(maxPairs)

  get size(): number {
    return this.pairs.size
  }

  /** Takes what a flow of DNS told its client. */
  learn(client: AddressWords, metadata: Metadata, nowUs: number): void {
    const { hostname, dnsAnswers, dnsTtl = 0 } = metadata
    if (hostname === undefined || dnsAnswers === undefined || Number.isNaN(nowUs)) return
    const untilUs = nowUs + Math.min(mostTtl, Math.max(leastTtl, dnsTtl)) * 1e6
    for (const answer of dnsAnswers) {
      const server = parseAddress(answer)
      if (server === undefined) continue
      const known = this.namesFor(client, server, nowUs)
      // What was asked last stands first.
      const names = [hostname, ...known.filter((name) => name !== hostname)].slice(0, maxNames)
      this.pairs.set(pairHash(client, server), { client, server, untilUs, names })
    }
  }

  /** Names that led the client to the address, the latest first. */
  namesFor(client: AddressWords, server: AddressWords, nowUs: number): readonly string[] {
    const hint = this.pairs.get(pairHash(client, server))
    if (hint === undefined || !(hint.untilUs > nowUs)) return noNames
    const isIt = isSameAddress(hint.client, client) && isSameAddress(hint.server, server)
    return isIt ? hint.names : noNames
  }

  /** Writes what still holds, while others go on: what is asked meanwhile may be in it or not. */
  async save(path: string, nowUs: number): Promise<void> {
    await writeKept(path, this.lines(nowUs))
  }

  private *lines(nowUs: number): Iterable<KeptLine> {
    // Of a map that is added to meanwhile there would be no end.
    const pairs = [...this.pairs.entries()]
    for (const [, { client, server, untilUs, names }] of pairs) {
      if (untilUs > nowUs) yield [`${formatWords(client)}>${formatWords(server)}`, untilUs, names]
    }
  }

  /** Reads back what {@link save} wrote; returns how many lines were passed over as damaged. */
  load(path: string, nowUs: number): number {
    return readKept(path, (key, untilUs, names) => {
      const [client, server] = key.split('>').map((text) => parseAddress(text))
      if (client === undefined || server === undefined || !isNames(names)) return false
      if (untilUs > nowUs)
        this.pairs.set(pairHash(client, server), { client, server, untilUs, names })
      return true
    })
  }
}
