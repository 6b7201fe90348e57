import { parsePrefix, prefixHolds, requireAddress } from '../../model/address.ts'
import type { AddressWords, Prefix } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Holding, SubscriberKey, SubscriberKeyType } from '../../model/identity.ts'
import { normaliseMac } from '../../model/mac.ts'
import type { Slice } from '../../model/slice.ts'
import type { AnswerDependencies, SubjectQuery } from '../dependencies.ts'
import { prefixText } from './sentences.ts'

/** What somebody held: the look-up the other way round. */

/** Whom the question is about: one of them. */
export const subjectKinds = [
  'subscriber',
  'mac',
  'duid',
  'user',
  'circuit_id',
  'remote_id',
  'address',
] as const

export type SubjectKind = (typeof subjectKinds)[number]

export interface ReverseQuery {
  readonly kind: SubjectKind
  readonly value: string
  readonly fromUs: number
  readonly toUs: number
  readonly offset: number
  readonly limit: number
  /** Prefixes that the asker may ask for; left out: all. */
  readonly scope?: readonly Prefix[]
}

/** A holding, and what it was found by. */
export interface Held {
  readonly holding: Holding
  readonly by: string
}

export interface ReverseFound {
  /** A page, oldest first. */
  readonly held: readonly Held[]
  readonly hasMore: boolean
  /** True where there are more holdings than one question reads. */
  readonly cut: boolean
  /** Keys of the subscriber that holdings cannot be looked up by. */
  readonly notSearched: readonly SubscriberKey[]
}

/** Holdings that one question reads, of each key. */
const maxRead = 1000

type Search = Omit<SubjectQuery, 'limit'> & { readonly by: string }

/** The key that a subject is. */
const keyOf = {
  mac: 'mac',
  duid: 'duid',
  user: 'user',
  circuit_id: 'circuit-id',
  remote_id: 'remote-id',
  address: 'prefix',
} as const satisfies Readonly<Record<Exclude<SubjectKind, 'subscriber'>, SubscriberKeyType>>

function requireMac(text: string): string {
  const mac = normaliseMac(text)
  if (mac !== undefined) return mac
  throw new FlowledgerError('usage', `"${text.slice(0, 40)}" is no MAC address.`, {
    fix: 'Write six octets in hexadecimal, such as 00:11:22:33:44:55.',
  })
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix !== undefined) return prefix
  requireAddress(text)
  throw new FlowledgerError('address-invalid', `"${text.slice(0, 60)}" is no address or prefix.`)
}

/** How a key is searched for; undefined where holdings have no index by it. */
function searchOf({ type, value }: SubscriberKey, times: Omit<Search, 'by'>): Search | undefined {
  const by = `${type} ${value}`
  if (type === 'mac') return { ...times, by, mac: requireMac(value) }
  if (type === 'duid') return { ...times, by, duid: value.toLowerCase() }
  if (type === 'user') return { ...times, by, user: value }
  if (type === 'circuit-id') return { ...times, by, circuitId: value }
  if (type === 'remote-id') return { ...times, by, remoteId: value }
  const prefix = type === 'prefix' ? parsePrefix(value) : undefined
  return prefix === undefined ? undefined : { ...times, by, prefix }
}

/** What is searched for a subscriber: each of its keys, while it was its. */
async function searchesOf(
  { kind, value, fromUs, toUs }: ReverseQuery,
  { directory }: AnswerDependencies
): Promise<{ searches: Search[]; notSearched: SubscriberKey[] }> {
  const times = { fromUs, toUs }
  if (kind !== 'subscriber') {
    const search =
      kind === 'address'
        ? { ...times, by: `address ${value}`, prefix: prefixOf(value) }
        : searchOf({ type: keyOf[kind], value }, times)
    return { searches: search === undefined ? [] : [search], notSearched: [] }
  }
  const searches: Search[] = []
  const notSearched: SubscriberKey[] = []
  for (const key of (await directory?.keysOf(value)) ?? []) {
    const during = { fromUs: Math.max(fromUs, key.fromUs), toUs: Math.min(toUs, key.toUs) }
    if (during.fromUs > during.toUs) continue
    const search = searchOf(key, during)
    if (search === undefined) notSearched.push({ type: key.type, value: key.value })
    else searches.push(search)
  }
  return { searches, notSearched }
}

const inScope = ({ prefix }: Holding, scope: readonly Prefix[] | undefined): boolean =>
  scope === undefined ||
  (prefix !== undefined &&
    scope.some((one) => one.length <= prefix.length && prefixHolds(one, ...prefix.words)))

/**
 * Looks up what a subject held in [fromUs, toUs].
 *
 * @throws FlowledgerError `usage`, `address-invalid` where the subject cannot be read
 */
export async function findHeld(
  query: ReverseQuery,
  deps: AnswerDependencies
): Promise<ReverseFound> {
  const { searches, notSearched } = await searchesOf(query, deps)
  const { identity } = deps
  const found = new Map<string, Held>()
  let cut = false
  for (const { by, ...search } of searches) {
    const list = (await identity?.holdingsOf({ ...search, limit: maxRead })) ?? []
    cut ||= list.length >= maxRead
    for (const holding of list) {
      const key = `${holding.source} ${holding.id}`
      if (inScope(holding, query.scope) && !found.has(key)) found.set(key, { holding, by })
    }
  }
  const all = [...found.values()].sort(
    (a, b) => a.holding.startUs - b.holding.startUs || Number(a.holding.id) - Number(b.holding.id)
  )
  const { offset, limit } = query
  const held = all.slice(offset, offset + limit)
  return { held, hasMore: all.length > offset + limit, cut, notSearched }
}

/** Flows that are listed of one holding, and the longest time for which they are looked for. */
export const maxFlowsOfHolding = 100
export const maxFlowSpanUs = 86_400e6

const hostOf = ({ prefix }: Holding): AddressWords | undefined =>
  prefix?.length === 128 ? prefix.words : undefined

/**
 * Flows of the ledger that began while an address was held, within [fromUs, toUs], and the ports
 * that it had in blocks or by computing.
 */
export async function flowsDuring(
  holding: Holding,
  { fromUs, toUs }: Pick<ReverseQuery, 'fromUs' | 'toUs'>,
  { ledger }: Pick<AnswerDependencies, 'ledger'>
): Promise<{ flows: readonly Slice[]; cut: boolean } | undefined> {
  const inside = hostOf(holding)
  if (inside === undefined) return undefined
  const asked = {
    fromUs: Math.max(fromUs, holding.startUs),
    toUs: Math.min(toUs, holding.endUs),
    inside,
    limit: maxFlowsOfHolding,
  }
  const [{ items, next }, ports = []] = await Promise.all([
    ledger.listFlows(asked),
    ledger.heldPorts?.(asked),
  ])
  return { flows: [...items, ...ports], cut: next !== undefined || ports.length >= asked.limit }
}

/** The holding's address or prefix as text. */
export const heldText = ({ prefix }: Holding): string | null =>
  prefix === undefined ? null : prefixText(prefix)
