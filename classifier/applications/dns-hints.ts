import { isV4, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { Metadata } from '../../model/classification.ts'
import { Remembered } from './remembered.ts'

/** Pairs of a client and an address that are remembered. */
const maxPairs = 65_536
/** Names that may lead one client to one address. */
const maxNames = 4
/** A client connects soon after it asked, also where the answer may not be kept at all. */
const leastTtl = 30
const mostTtl = 86_400

/** Asked for of each flow: joined by hand, and IPv4 by its last word alone. */
const textOf = ([w0, w1, w2, w3]: AddressWords): string =>
  isV4(w0, w1, w2) ? `${w3}` : `${w0}.${w1}.${w2}.${w3}`

const key = (client: AddressWords, server: AddressWords): string =>
  `${textOf(client)}>${textOf(server)}`

const noNames: readonly string[] = []

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= maxNames && value.every((one) => typeof one === 'string')

/**
 * Names that a client was told an address by, for as long as the answer holds. One client's names
 * say nothing about another's: behind one address there are many services.
 */
export class DnsHints {
  private readonly pairs = new Remembered<readonly string[]>(maxPairs)

  get size(): number {
    return this.pairs.size
  }

  /** Takes what a flow of DNS told its client. */
  learn(client: AddressWords, metadata: Metadata, nowUs: number): void {
    const { hostname, dnsAnswers, dnsTtl = 0 } = metadata
    if (hostname === undefined || dnsAnswers === undefined || Number.isNaN(nowUs)) return
    const ttl = Math.min(mostTtl, Math.max(leastTtl, dnsTtl))
    for (const answer of dnsAnswers) {
      const server = parseAddress(answer)
      if (server === undefined) continue
      const pair = key(client, server)
      const known = this.pairs.get(pair, nowUs) ?? []
      // What was asked last stands first.
      const names = [hostname, ...known.filter((name) => name !== hostname)].slice(0, maxNames)
      this.pairs.set(pair, names, nowUs + ttl * 1e6)
    }
  }

  /** Names that led the client to the address, the latest first. */
  namesFor(client: AddressWords, server: AddressWords, nowUs: number): readonly string[] {
    return this.pairs.get(key(client, server), nowUs) ?? noNames
  }

  save(path: string, nowUs: number): void {
    this.pairs.save(path, nowUs)
  }

  load(path: string, nowUs: number): number {
    return this.pairs.load(path, nowUs, isNames)
  }
}
