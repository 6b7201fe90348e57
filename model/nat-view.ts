import { isV4, prefixHolds } from './address.ts'
import type { Prefix } from './address.ts'
import type { Columns } from './flow-batch.ts'

/**
 * The three parties of a connection as the question is asked: **inside** (the customer), **public**
 * (what the world saw) and **remote** (the other end), whichever way the translation worked.
 *
 * ```
 *             original: source ──────────────> destination
 *             reply:    postNatSource <─────── postNatDestination
 *
 * source NAT  inside = source               public = postNatSource   remote = postNatDestination
 * port forward inside = postNatDestination  public = destination     remote = postNatSource
 * none        inside = public = the end that is ours                 remote = the other end
 * ```
 * A connection translated both ways (hairpin) has two views, since two public addresses were held.
 * An untranslated one has two where nothing says which end is ours.
 */
export const natKinds = {
  none: 0,
  source: 1,
  destination: 2,
} as const

export type NatKind = (typeof natKinds)[keyof typeof natKinds]

/** Which of the four address/port pairs of a row plays a part. */
export const ends = {
  source: 0,
  destination: 1,
  postNatSource: 2,
  postNatDestination: 3,
} as const

export type End = (typeof ends)[keyof typeof ends]

/** One view of a row: the ends that play inside, public and remote. */
export interface NatView {
  readonly kind: NatKind
  readonly inside: End
  readonly public: End
  readonly remote: End
  /** 0 for the first view of a connection, 1 for the second: sums count the first only. */
  readonly ordinal: 0 | 1
}

/** What is known of whose an address is. */
export interface Networks {
  readonly inside: readonly Prefix[]
  /** Addresses of this gateway itself, as prefixes. */
  readonly local: readonly Prefix[]
}

/** Nothing is said of whose an address is: what addresses say of themselves decides. */
export const noNetworks: Networks = { inside: [], local: [] }

const sourceView = { kind: 1, inside: 0, public: 2, remote: 3 } as const
const forwardView = { kind: 2, inside: 3, public: 1, remote: 2 } as const
const initiatorView = { kind: 0, inside: 0, public: 0, remote: 1 } as const
const responderView = { kind: 0, inside: 1, public: 1, remote: 0 } as const

const viewsOfSourceNat: readonly NatView[] = [{ ...sourceView, ordinal: 0 }]
const viewsOfForward: readonly NatView[] = [{ ...forwardView, ordinal: 0 }]
const viewsOfBoth: readonly NatView[] = [
  { ...sourceView, ordinal: 0 },
  { ...forwardView, ordinal: 1 },
]
const viewsOfInitiator: readonly NatView[] = [{ ...initiatorView, ordinal: 0 }]
const viewsOfResponder: readonly NatView[] = [{ ...responderView, ordinal: 0 }]
const viewsOfUnknown: readonly NatView[] = [
  { ...initiatorView, ordinal: 0 },
  { ...responderView, ordinal: 1 },
]

function sameEnd(
  addresses: Uint32Array,
  otherAddresses: Uint32Array,
  port: number | undefined,
  otherPort: number | undefined,
  row: number
): boolean {
  const at = 4 * row
  return (
    addresses[at + 3] === otherAddresses[at + 3] &&
    port === otherPort &&
    addresses[at + 2] === otherAddresses[at + 2] &&
    addresses[at + 1] === otherAddresses[at + 1] &&
    addresses[at] === otherAddresses[at]
  )
}

/** RFC 1918, RFC 6598, link-local, loopback; unique local and link-local IPv6 (RFC 4193, 4291). */
export function isPrivate(words: ArrayLike<number>, at: number): boolean {
  const w0 = words[at] ?? 0
  const w3 = words[at + 3] ?? 0
  if (!isV4(w0, words[at + 1] ?? 0, words[at + 2] ?? 0)) {
    return w0 >>> 25 === 0x7e || w0 >>> 22 === 0x3fa
  }
  return (
    w3 >>> 24 === 10 ||
    w3 >>> 20 === 0xac1 ||
    w3 >>> 16 === 0xc0a8 ||
    w3 >>> 22 === 0x191 ||
    w3 >>> 16 === 0xa9fe ||
    w3 >>> 24 === 127
  )
}

function anyHolds(prefixes: readonly Prefix[], words: Uint32Array, at: number): boolean {
  for (const prefix of prefixes) {
    const [w0, w1, w2, w3] = [words[at], words[at + 1], words[at + 2], words[at + 3]]
    if (prefixHolds(prefix, w0 ?? 0, w1 ?? 0, w2 ?? 0, w3 ?? 0)) return true
  }
  return false
}

/** Which end of an untranslated flow is ours: by configuration, else by what addresses say. */
function viewsWithoutNat(columns: Columns, row: number, networks: Networks): readonly NatView[] {
  const { sourceAddress, destinationAddress } = columns
  const at = 4 * row
  for (const test of [
    (words: Uint32Array) => anyHolds(networks.inside, words, at),
    (words: Uint32Array) => anyHolds(networks.local, words, at),
    (words: Uint32Array) => isPrivate(words, at),
  ]) {
    const source = test(sourceAddress)
    const destination = test(destinationAddress)
    if (source && !destination) return viewsOfInitiator
    if (destination && !source) return viewsOfResponder
    if (source && destination) return viewsOfUnknown
  }
  return viewsOfUnknown
}

/**
 * Views of a connection whose family changes. Only one of its ends is translated by a mapping; the
 * other is written anew in the other family by rule (RFC 6052: the IPv4 address is the end of the
 * IPv6 one), and nobody holds it.
 */
function viewsAcrossFamilies(columns: Columns, row: number): readonly NatView[] {
  const last = 4 * row + 3
  const { sourceAddress, postNatSourceAddress } = columns
  const isV4Source = v4At(sourceAddress, row)
  const byRule = isV4Source && sourceAddress[last] === postNatSourceAddress[last]
  return byRule ? viewsOfForward : viewsOfSourceNat
}

function v4At(words: Uint32Array, row: number): boolean {
  const at = 4 * row
  return isV4(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0)
}

/** True where both ends of the translated side are known and of the other family. */
function changesFamily(columns: Columns, row: number): boolean {
  const { sourceAddress, postNatSourceAddress } = columns
  if (v4At(sourceAddress, row) === v4At(postNatSourceAddress, row)) return false
  // An end that nobody told is neither.
  return isTold(sourceAddress, row) && isTold(postNatSourceAddress, row)
}

function isTold(words: Uint32Array, row: number): boolean {
  const at = 4 * row
  return words[at + 3] !== 0 || words[at + 2] !== 0 || words[at + 1] !== 0 || words[at] !== 0
}

/** The views of row `row`: one or two of them; see the top of this file. */
export function natViews(columns: Columns, row: number, networks: Networks): readonly NatView[] {
  if (changesFamily(columns, row)) return viewsAcrossFamilies(columns, row)
  const sourceKept = sameEnd(
    columns.sourceAddress,
    columns.postNatSourceAddress,
    columns.sourceTransportPort[row],
    columns.postNaptSourceTransportPort[row],
    row
  )
  const destinationKept = sameEnd(
    columns.destinationAddress,
    columns.postNatDestinationAddress,
    columns.destinationTransportPort[row],
    columns.postNaptDestinationTransportPort[row],
    row
  )
  if (sourceKept) {
    return destinationKept ? viewsWithoutNat(columns, row, networks) : viewsOfForward
  }
  return destinationKept ? viewsOfSourceNat : viewsOfBoth
}

/** The address column of an end; with {@link portColumn}, how a view is read. */
export function addressColumn(columns: Columns, end: End): Uint32Array {
  if (end === ends.source) return columns.sourceAddress
  if (end === ends.destination) return columns.destinationAddress
  if (end === ends.postNatSource) return columns.postNatSourceAddress
  return columns.postNatDestinationAddress
}

/** The port column of an end. */
export function portColumn(columns: Columns, end: End): Uint16Array {
  if (end === ends.source) return columns.sourceTransportPort
  if (end === ends.destination) return columns.destinationTransportPort
  if (end === ends.postNatSource) return columns.postNaptSourceTransportPort
  return columns.postNaptDestinationTransportPort
}
