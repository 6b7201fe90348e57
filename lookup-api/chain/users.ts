import type { Holding } from '../../model/identity.ts'
import { bestOf, classOfClaim, compareClaims } from './bearing.ts'
import type { Claim } from './bearing.ts'
import { weakest } from './link.ts'
import type { LinkClass } from './link.ts'
import type { Party } from './parties.ts'

/** Somebody who was logged in, by the name that their sessions share. */
export interface User {
  /** As the best source has it. */
  readonly name: string
  /** Best first. */
  readonly claims: readonly [Claim, ...Claim[]]
  readonly class: LinkClass
  /** The claim that ties the address to the MAC, where the log-in names only that. */
  readonly through?: Claim
}

const foldUser = (name: string): string => name.trim().toLowerCase()

/**
 * True for a name that stands for a person or contract. `anonymous@realm` and `@realm` are outer
 * identities of EAP (RFC 7542 §2.4), `host/pc` is a machine, and a MAC is a device that was let in
 * by it.
 */
export function isUser(name: string): boolean {
  const folded = foldUser(name)
  if (folded === '' || /^(anonymous|anon)?(@|$)/.test(folded)) return false
  if (folded.startsWith('host/')) return false
  return !/^[0-9a-f]{2}([:.-]?[0-9a-f]{2}){5}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/.test(folded)
}

const named = ({ holding }: Claim): boolean => holding.user !== undefined && isUser(holding.user)

/** Sessions are one at a time: a later one on the same device ends one whose end was not told. */
function isOver(claim: Claim, all: readonly Claim[], atUs: number): boolean {
  const { holding, bearing } = claim
  if (bearing !== 'perhaps' || holding.kind !== 'session') return false
  return all.some(({ holding: later }) => {
    const other = foldUser(later.user ?? '') !== foldUser(holding.user ?? '')
    const skewUs = later.skewUs + holding.skewUs
    const after = later.startUs - holding.sureUntilUs >= skewUs && later.startUs <= atUs - skewUs
    return other && after && later.kind === 'session' && !later.weak
  })
}

/**
 * Who was logged in at a party.
 *
 * @param byMac claims on the MACs of the party, whatever their address: 802.1X knows no addresses
 */
export function usersOf(party: Party, byMac: readonly Claim[], atUs: number): User[] {
  const own = party.claims.filter(named)
  const ownIds = new Set(own.map(({ holding }) => `${holding.source} ${holding.id}`))
  const more = byMac.filter(
    (claim) => named(claim) && !ownIds.has(`${claim.holding.source} ${claim.holding.id}`)
  )
  const all = [...own, ...more]
  const groups = new Map<string, Claim[]>()
  for (const claim of all) {
    if (isOver(claim, all, atUs)) continue
    const name = foldUser(claim.holding.user ?? '')
    groups.set(name, [...(groups.get(name) ?? []), claim])
  }
  const users = [...groups.values()].map((group): User => {
    const claims = group.sort(compareClaims) as [Claim, ...Claim[]]
    const name = claims[0].holding.user ?? ''
    const direct = claims.filter((claim) => own.includes(claim))
    const [first, ...rest] = direct
    if (first !== undefined) {
      return { name, claims, class: classOfClaim(bestOf([first, ...rest])) }
    }
    const through = deviceClaim(party)
    const parts = [classOfClaim(claims[0]), ...(through === undefined ? [] : [through])]
    const classes = parts.map((part) => (typeof part === 'string' ? part : classOfClaim(part)))
    return {
      name,
      claims,
      class: weakest(classes),
      ...(through === undefined ? {} : { through }),
    }
  })
  return users.sort((a, b) => compareClaims(a.claims[0], b.claims[0]))
}

/** The best claim that ties the address to a MAC. */
export function deviceClaim({ claims }: Party): Claim | undefined {
  return claims.find(({ holding }) => holding.device.mac !== undefined)
}

/** Devices that a user was surely logged in on at one time: more than one is a shared account. */
export function devicesAtOnce(claims: readonly Claim[]): number {
  const macs = claims
    .filter(({ bearing, holding }) => bearing === 'holds' && holding.user !== undefined)
    .flatMap(({ holding }: { holding: Holding }) => holding.device.mac ?? [])
  return new Set(macs).size
}
