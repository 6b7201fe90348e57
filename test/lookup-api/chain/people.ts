import { parsePrefix, prefixHolds } from '../../../model/address.ts'
import type { Prefix } from '../../../model/address.ts'
import type { Holding, Subscriber, SubscriberKeyType } from '../../../model/identity.ts'
import { foldPerson, principalOfToken } from '../../../model/principal.ts'
import type { DirectoryQueries, IdentityQueries } from '../../../lookup-api/dependencies.ts'
import { at } from '../world.ts'

/** Who may see identities, and who may not. */
export const investigator = principalOfToken({ name: 'inge', role: 'investigator' }, false)
export const desk = principalOfToken({ name: 'desk', role: 'abuse-desk' }, false)

export function prefix(text: string): Prefix {
  const read = parsePrefix(text)
  if (read === undefined) throw new Error(text)
  return read
}

let lastId = 0

type HoldingParts = Partial<Omit<Holding, 'prefix'>> & { readonly on?: string | null }

/**
 * A lease of 10.0.0.1 from `start` to `end`, in seconds around noon, both told, by `dhcp`. `on` is
 * the address or prefix; null for none.
 */
export function holding(start: number, end: number, parts: HoldingParts = {}): Holding {
  const { on = '10.0.0.1', ...rest } = parts
  lastId++
  return {
    id: String(lastId),
    source: 'dhcp',
    sourceKind: 'dhcpd',
    kind: 'lease',
    ...(on === null ? {} : { prefix: prefix(on) }),
    startUs: at(start),
    startKnown: true,
    sureUntilUs: at(end),
    endUs: at(end),
    endKnown: true,
    device: { mac: '00:11:22:33:44:aa' },
    records: [`leases:${lastId}`],
    weak: false,
    skewUs: 0,
    ...rest,
  }
}

/** A RADIUS session without a Stop, last heard of at `alive`. */
export const openSession = (
  start: number,
  alive: number,
  user: string,
  parts: HoldingParts = {}
): Holding =>
  holding(start, alive, {
    source: 'radius',
    sourceKind: 'radius',
    kind: 'session',
    endUs: Infinity,
    endKnown: false,
    device: {},
    user,
    session: `s-${user}`,
    ...parts,
  })

export const neighbour = (start: number, end: number, mac: string, on = '10.0.0.1'): Holding =>
  holding(start, end, {
    source: 'arp',
    sourceKind: 'neighbours',
    kind: 'neighbour',
    device: { mac },
    on,
  })

/** A subscriber as a directory keeps it, with every key that leads to it. */
export interface Person {
  readonly id: string
  readonly keys: readonly (readonly [SubscriberKeyType, string])[]
  readonly shared?: boolean
  readonly fromUs?: number
  readonly toUs?: number
}

function subscriberOf(
  one: Person,
  [type, value]: readonly [SubscriberKeyType, string]
): Subscriber {
  return {
    id: one.id,
    name: `Name of ${one.id}`,
    attributes: {},
    directory: 'crm',
    version: 1,
    fromUs: one.fromUs ?? -Infinity,
    toUs: one.toUs ?? Infinity,
    by: { type, value },
    shared: one.shared === true,
  }
}

/** Identity sources and a directory in memory, and what was asked of them. */
export function makePeople(
  holdings: readonly Holding[],
  persons?: readonly Person[]
): { identity: IdentityQueries; directory?: DirectoryQueries; readonly calls: string[] } {
  const calls: string[] = []
  const meets = (one: Holding, fromUs: number, toUs: number): boolean =>
    one.startUs - one.skewUs <= toUs && one.endUs + one.skewUs >= fromUs
  const identity: IdentityQueries = {
    async findHoldings({ address, fromUs, toUs, limit }) {
      calls.push('holdings')
      return holdings
        .filter((one) => one.prefix !== undefined && prefixHolds(one.prefix, ...address))
        .filter((one) => meets(one, fromUs, toUs))
        .slice(0, limit)
    },
    async holdingsOf({ mac, user, duid, circuitId, remoteId, prefix: around, fromUs, toUs }) {
      calls.push(mac === undefined ? 'user' : 'mac')
      return holdings
        .filter((one) => duid === undefined || one.device.duid === duid)
        .filter((one) => circuitId === undefined || one.device.circuitId === circuitId)
        .filter((one) => remoteId === undefined || one.device.remoteId === remoteId)
        .filter(
          (one) =>
            around === undefined ||
            (one.prefix !== undefined && prefixHolds(one.prefix, ...around.words))
        )
        .filter((one) => (mac === undefined ? true : one.device.mac === mac))
        .filter((one) => user === undefined || foldPerson(one.user ?? '') === foldPerson(user))
        .filter((one) => meets(one, fromUs, toUs))
    },
    async sources() {
      return [
        { name: 'dhcp', kind: 'dhcpd', heardFromUs: at(-900), lastHeardUs: at(900), gaps: [] },
      ]
    },
    connected: async () => true,
  }
  if (persons === undefined) return { identity, calls }
  const directory: DirectoryQueries = {
    async findSubscribers(keys, atUs) {
      calls.push('directory')
      return persons
        .filter((one) => (one.fromUs ?? -Infinity) <= atUs && atUs < (one.toUs ?? Infinity))
        .flatMap((one) =>
          one.keys
            .filter(([type, value]) =>
              keys.some((key) => key.type === type && key.value.toLowerCase() === value)
            )
            .map((key) => subscriberOf(one, key))
        )
    },
    async keysOf(id) {
      return persons
        .filter((one) => one.id === id)
        .flatMap(({ keys, fromUs = -Infinity, toUs = Infinity }) =>
          keys.map(([type, value]) => ({ type, value, directory: 'crm', fromUs, toUs }))
        )
    },
    connected: async () => true,
  }
  return { identity, directory, calls }
}
