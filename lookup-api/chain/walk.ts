import { formatWords, isV4 } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Holding, Subscriber } from '../../model/identity.ts'
import { formatInstant } from '../../model/time.ts'
import type { DirectoryQueries, IdentityCoverage, IdentityQueries } from '../dependencies.ts'
import { claimsOf, lookBackUs, withoutSuperseded } from './bearing.ts'
import type { Claim, HoldingWindow } from './bearing.ts'
import { emptyChain, makeChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { leavesOf } from './leaf.ts'
import type { Leaf } from './leaf.ts'
import type { Link } from './link.ts'
import { findParties } from './parties.ts'
import type { Party } from './parties.ts'
import { behindSentence } from './sentences.ts'
import { keysOf, pickSubscribers, unreachable } from './subscribers.ts'
import type { Found, Key } from './subscribers.ts'
import { devicesAtOnce, usersOf } from './users.ts'
import type { User } from './users.ts'

/** Holdings that are read of one address or subject. More than that, and nothing is concluded. */
const maxHoldings = 500

/** Parties of one address that are followed further; of more than that nobody is picked anyway. */
const maxParties = 8

/** Holdings that begin or end up to this far from the window are read: no clock is further off. */
const maxSkewUs = 600e6

/** An inside address at a time: the question who held it. */
export interface Target {
  readonly ip: AddressWords
  /** Connection tracking zone: identity sources know none. */
  readonly zone: number
  readonly window: HoldingWindow
}

/** The stores behind the ledger. */
export interface Stores {
  readonly identity: IdentityQueries
  readonly directory?: DirectoryQueries
}

interface Walk extends Target, Stores {
  readonly address: string
  readonly doubts: readonly string[]
}

const reachOf = ({ fromUs, toUs, skewUs }: HoldingWindow): { fromUs: number; toUs: number } => ({
  fromUs: fromUs - skewUs - maxSkewUs,
  toUs: toUs + skewUs + Math.max(maxSkewUs, lookBackUs),
})

const isHost = ({ prefix }: Holding): boolean => prefix !== undefined && prefix.length === 128

/** The claims of the longest prefix among them: an inner delegation is nearer to the host. */
function ofLongestPrefix(claims: readonly Claim[]): Claim[] {
  const lengths = claims.map(({ holding }) => holding.prefix?.length ?? 0)
  const longest = Math.max(0, ...lengths)
  return claims.filter((_, i) => lengths[i] === longest)
}

/** Claims on the MACs of a party, by log-ins that know no address. */
async function claimsByMac(party: Party, { identity, window }: Walk): Promise<Claim[]> {
  const macs = new Set(party.claims.flatMap(({ holding }) => holding.device.mac ?? []))
  const lists = await Promise.all(
    [...macs].map((mac) => identity.holdingsOf({ mac, ...reachOf(window), limit: maxHoldings }))
  )
  return claimsOf(lists.flat(), window).filter(({ bearing }) => bearing !== 'before')
}

/** Devices that a user was on at T, wherever that was. */
async function countDevices(user: User, { identity, window }: Walk): Promise<number> {
  const query = { user: user.name, ...reachOf(window), limit: maxHoldings }
  return devicesAtOnce(claimsOf(await identity.holdingsOf(query), window))
}

/**
 * Whom the directory knows by the keys. Where a version of what it says ends within the window,
 * what was true at either side of that counts as well.
 */
async function findSubscribers(keys: readonly Key[], walk: Walk): Promise<Found | undefined> {
  const { directory } = walk
  if (directory === undefined) return undefined
  try {
    return pickSubscribers(keys, await askDirectory(keys, directory, walk.window))
  } catch (error) {
    // What the ledger and the identities say is worth having without it.
    if (!(error instanceof FlowledgerError && error.code === 'directory-unreachable')) throw error
    return unreachable
  }
}

async function askDirectory(
  keys: readonly Key[],
  directory: DirectoryQueries,
  window: HoldingWindow
): Promise<readonly Subscriber[]> {
  const asked = keys.map(({ type, value }) => ({ type, value }))
  const found = [...(await directory.findSubscribers(asked, window.atUs))]
  const fromUs = window.fromUs - window.skewUs
  const toUs = window.toUs + window.skewUs
  const changed = found.some((one) => one.fromUs > fromUs || one.toUs < toUs)
  if (changed) {
    found.push(...(await directory.findSubscribers(asked, fromUs)))
    found.push(...(await directory.findSubscribers(asked, toUs)))
  }
  return found
}

/** Everybody that one party may stand for. */
async function walkParty(party: Party, lines: readonly Claim[], walk: Walk): Promise<Leaf[]> {
  const { address, window } = walk
  const users = usersOf(party, await claimsByMac(party, walk), window.atUs)
  const [line, ...more] = lines
  const ofLine = line === undefined ? [] : usersOf({ claims: [line, ...more] }, [], window.atUs)
  const all: (User | undefined)[] = users.length > 0 ? users : ofLine
  const leaves = await Promise.all(
    (all.length > 0 ? all : [undefined]).map(async (user) => {
      const keys = keysOf([...party.claims, ...lines], user, address)
      return leavesOf({
        party,
        ...(user === undefined ? {} : { user }),
        devices: user === undefined ? 0 : await countDevices(user, walk),
        shared: user !== undefined && walk.identity.isShared?.(user.name) === true,
        keys,
        ...foundIn(await findSubscribers(keys, walk)),
        window,
        doubts: walk.doubts,
      })
    })
  )
  return leaves.flat()
}

const foundIn = (found: Found | undefined): { found?: Found } =>
  found === undefined ? {} : { found }

/** Sources that may have missed something in the window, and why. */
function deafness(sources: readonly IdentityCoverage[], { fromUs, toUs }: HoldingWindow): string[] {
  return sources.flatMap(({ name, gaps, heardFromUs = Infinity, lastHeardUs = -Infinity }) => {
    if (heardFromUs > toUs) return [`${name} was first heard after that.`]
    if (gaps.length > 0) return [`${name} was not heard all that time.`]
    return lastHeardUs < fromUs ? [`${name} was last heard at ${formatInstant(lastHeardUs)}.`] : []
  })
}

/** What was looked for in vain, and in which sources: the reason of an `unknown`. */
async function nobody({ address, window, identity }: Walk): Promise<Chain> {
  const sources = await identity.sources(window.fromUs, window.toUs)
  const names = sources.map(({ name }) => name).join(', ')
  const sentence = `None of the sources (${names}) has anybody on ${address} at`
  const reasons = [`${sentence} ${formatInstant(window.atUs)}.`, ...deafness(sources, window)]
  const link: Link = { step: 'device', class: 'unknown', counts: true, why: reasons.join(' ') }
  return emptyChain('unknown', reasons, [link])
}

function doubtsOf({ zone }: Target, lines: readonly Party[]): string[] {
  const doubts: string[] = []
  if (zone !== 0) {
    doubts.push(`The address is one of zone ${zone}; the sources of identities know no zones.`)
  }
  if (lines.length > 1) doubts.push('The prefix around it changed hands in the time asked for.')
  return doubts
}

/**
 * Follows an inside address to who held it, who was logged in there, and whose it is.
 *
 * @throws FlowledgerError of the stores; nothing is concluded from a part
 */
export async function walkChain(target: Target, stores: Stores): Promise<Chain> {
  const { ip, window } = target
  const query = { address: ip, ...reachOf(window), limit: maxHoldings }
  const holdings = await stores.identity.findHoldings(query)
  if (holdings.length >= maxHoldings) {
    return emptyChain('unknown', [
      'There were more holdings of the address than one look-up reads; give an exacter time.',
    ])
  }
  const claims = claimsOf(holdings, window)
  const hosts = withoutSuperseded(
    claims.filter(({ holding }) => isHost(holding)),
    window
  )
  const around = claims.filter(({ holding }) => !isHost(holding))
  const lines = withoutSuperseded(ofLongestPrefix(around), window)
  const lineParties = findParties(lines)
  const parties = hosts.length > 0 ? findParties(hosts) : lineParties
  const doubts = doubtsOf(target, hosts.length > 0 ? lineParties : [])
  const walk: Walk = { ...target, ...stores, address: formatWords(ip), doubts }
  const [first] = parties
  if (first === undefined) return nobody(walk)
  const reasons = remarks(target, hosts, lines)
  if (parties.length > maxParties) {
    return emptyChain('ambiguous', [`${parties.length} devices meet the time asked for.`])
  }
  const ofLine = hosts.length > 0 && lineParties.length === 1 ? lines : []
  const found = await Promise.all(parties.map((party) => walkParty(party, ofLine, walk)))
  const [leaf, ...more] = found.flat()
  if (leaf === undefined) return nobody(walk)
  return makeChain([leaf, ...more], stores.directory !== undefined, reasons)
}

function remarks({ ip }: Target, hosts: readonly Claim[], lines: readonly Claim[]): string[] {
  const [line] = lines
  const prefix = line?.holding.prefix
  if (hosts.length > 0 || prefix === undefined) return []
  const v4 = isV4(ip[0], ip[1], ip[2])
  return [behindSentence(prefix), ...(v4 ? [] : ['It stands for the line that the prefix is of.'])]
}
