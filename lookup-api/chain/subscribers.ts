import type { Subscriber, SubscriberKey, SubscriberKeyType } from '../../model/identity.ts'
import { isRandomised } from '../../model/mac.ts'
import type { Claim } from './bearing.ts'

/** Keys in the order of their strength: who logged in, then which line, then which device. */
export const keyOrder: readonly SubscriberKeyType[] = [
  'user',
  'circuit-id',
  'remote-id',
  'duid',
  'client-id',
  'mac',
  'prefix',
]

const lineKeys: ReadonlySet<SubscriberKeyType> = new Set(['circuit-id', 'remote-id'])
const deviceKeys: ReadonlySet<SubscriberKeyType> = new Set(['duid', 'client-id', 'mac'])

/** A key, and the claims that give it. */
export interface Key extends SubscriberKey {
  readonly claims: readonly Claim[]
}

const fieldOfKey = {
  'circuit-id': 'circuitId',
  'remote-id': 'remoteId',
  duid: 'duid',
  'client-id': 'clientId',
  mac: 'mac',
} as const

/**
 * What a directory may know somebody by, strongest first.
 *
 * @param user left out where nobody was logged in
 * @param address the inside address as text, which a directory may know by its prefix
 */
export function keysOf(
  claims: readonly Claim[],
  user: { readonly name: string; readonly claims: readonly Claim[] } | undefined,
  address: string
): Key[] {
  const keys = new Map<string, { type: SubscriberKeyType; value: string; claims: Claim[] }>()
  const add = (type: SubscriberKeyType, value: string, from: readonly Claim[]): void => {
    const name = `${type} ${value}`
    const key = keys.get(name)
    if (key === undefined) keys.set(name, { type, value, claims: [...from] })
    else key.claims.push(...from)
  }
  if (user !== undefined) add('user', user.name, user.claims)
  for (const claim of claims) {
    for (const [type, field] of Object.entries(fieldOfKey)) {
      const value = claim.holding.device[field]
      if (value !== undefined) add(type as SubscriberKeyType, value, [claim])
    }
  }
  add('prefix', address, claims)
  return [...keys.values()].sort((a, b) => keyOrder.indexOf(a.type) - keyOrder.indexOf(b.type))
}

/** A key that cannot be told apart from another is the same one: directories match folded text. */
export const sameKey = (a: SubscriberKey, b: SubscriberKey): boolean =>
  a.type === b.type && a.value.toLowerCase() === b.value.toLowerCase()

const identityOf = ({ directory, id }: Subscriber): string => `${directory} ${id}`

/** One each of the subscribers, the one found by the strongest key. */
function distinct(found: readonly Subscriber[]): Subscriber[] {
  const byId = new Map<string, Subscriber>()
  for (const one of found) {
    const other = byId.get(identityOf(one))
    const stronger =
      other === undefined || keyOrder.indexOf(one.by.type) < keyOrder.indexOf(other.by.type)
    if (stronger) byId.set(identityOf(one), one)
  }
  return [...byId.values()]
}

/** Whether a weaker key that names somebody else is of no weight against the strongest. */
function isOverruled(strongest: SubscriberKeyType, by: SubscriberKey): boolean {
  // The line is where the packets came from; a device on it may have been somebody else's once.
  if (lineKeys.has(strongest)) return deviceKeys.has(by.type)
  return strongest === 'user' && by.type === 'mac' && isRandomised(by.value)
}

/** Whom the directories name. */
export interface Found {
  /** More than one: they cannot be told apart, or keys contradict each other. */
  readonly subscribers: readonly Subscriber[]
  /** True where two keys, each good by itself, name different ones. */
  readonly conflict: boolean
  /** Those that a stronger key ruled out. */
  readonly overruled: readonly Subscriber[]
  /** True where a directory gave no answer: nobody is named, since it might name somebody else. */
  readonly unreachable?: boolean
}

export const unreachable: Found = {
  subscribers: [],
  conflict: false,
  overruled: [],
  unreachable: true,
}

/** Takes the strongest key that names anybody, and holds what weaker ones say against it. */
export function pickSubscribers(keys: readonly Key[], all: readonly Subscriber[]): Found {
  const found = all.filter(({ by }) => keys.some((key) => sameKey(key, by)))
  const strongest = keyOrder.find((type) => found.some(({ by }) => by.type === type))
  if (strongest === undefined) return { subscribers: [], conflict: false, overruled: [] }
  const chosen = distinct(found.filter(({ by }) => by.type === strongest))
  const ids = new Set(chosen.map(identityOf))
  const others = distinct(found.filter((one) => !ids.has(identityOf(one))))
  const overruled = others.filter(({ by }) => isOverruled(strongest, by))
  const against = others.filter((one) => !overruled.includes(one))
  return {
    subscribers: [...chosen, ...against],
    conflict: against.length > 0,
    overruled,
  }
}
