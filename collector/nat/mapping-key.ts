import { natEventMeanings } from '../../model/nat-events.ts'
import type { NatColumns } from './nat-row.ts'

/** Kinds of mapping that begin and end; each is a name space of its own. */
export const mappingKinds = ['session', 'bib', 'address', 'block'] as const

export type MappingKind = (typeof mappingKinds)[number]

/** The kind of mapping that an event is about; undefined where it begins or ends none. */
export function mappingKindOf(natEvent: number): MappingKind | undefined {
  const meaning = natEventMeanings[natEvent]
  return meaning === undefined || meaning.of === 'flow' || meaning.of === 'notice'
    ? undefined
    : meaning.of
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

function mixAddress(hash: number, words: ArrayLike<number>, row: number): number {
  return mixWords(hash, words, 4 * row)
}

function mixWords(hash: number, words: ArrayLike<number>, at: number): number {
  let out = mix(hash, words[at + 3] ?? 0)
  // Of IPv4 the other words are always the same.
  if (words[at + 2] === 0xffff) return out
  for (let word = 0; word < 3; word++) out = mix(out, words[at + word] ?? 0)
  return out
}

/** Hash of an address, whose four words begin at `at`, and a port. */
export function addressAndPortHash(words: ArrayLike<number>, at: number, port: number): number {
  return finish(mix(mixWords(0x3c6ef372, words, at), port))
}

const finish = (hash: number): number => (hash ^ (hash >>> 13)) >>> 0

/** True where the address is not told: all words zero. */
export function isUnknown(words: ArrayLike<number>, row: number): boolean {
  const at = 4 * row
  return words[at + 3] === 0 && words[at + 2] === 0 && words[at + 1] === 0 && words[at] === 0
}

/**
 * Hash of what the inside sees of a mapping. A gateway that ends a session without telling its
 * public side (ASA 302014) still tells this, so begin and end are paired by it.
 */
export function insideHash(c: NatColumns, row: number, kind: MappingKind): number {
  let hash = mix(0x811c9dc5 ^ mappingKinds.indexOf(kind), c.sourceIndex[row] ?? 0)
  hash = mix(hash, c.ingressVrfId[row] ?? 0)
  hash = mixAddress(hash, c.sourceAddress, row)
  if (kind === 'address') return finish(hash)
  if (kind === 'block') {
    hash = mixAddress(hash, c.postNatSourceAddress, row)
    return finish(mix(hash, c.portRangeStart[row] ?? 0))
  }
  hash = mix(hash, ((c.protocolIdentifier[row] ?? 0) << 16) | (c.sourceTransportPort[row] ?? 0))
  if (kind === 'bib') return finish(hash)
  hash = mixAddress(hash, c.destinationAddress, row)
  return finish(mix(hash, c.destinationTransportPort[row] ?? 0))
}

/** Hash of what the world sees of it: nobody else can have that at the same time. */
export function publicHash(c: NatColumns, row: number, kind: MappingKind): number {
  let hash = mix(0x2545f491 ^ mappingKinds.indexOf(kind), c.sourceIndex[row] ?? 0)
  hash = mixAddress(hash, c.postNatSourceAddress, row)
  if (kind === 'block') return finish(mix(hash, c.portRangeStart[row] ?? 0))
  const port = c.postNaptSourceTransportPort[row] ?? 0
  hash = mix(hash, ((c.protocolIdentifier[row] ?? 0) << 16) | port)
  if (kind === 'bib') return finish(hash)
  hash = mixAddress(hash, c.postNatDestinationAddress, row)
  return finish(mix(hash, c.postNaptDestinationTransportPort[row] ?? 0))
}

function sameAddress(a: ArrayLike<number>, row: number, b: ArrayLike<number>, other: number) {
  for (let word = 3; word >= 0; word--) {
    if (a[4 * row + word] !== b[4 * other + word]) return false
  }
  return true
}

/** Compares what {@link insideHash} is of. */
export function sameInside(
  a: NatColumns,
  row: number,
  b: NatColumns,
  other: number,
  kind: MappingKind
): boolean {
  if (mappingKindOf(a.natEvent[row] ?? 0) !== kind) return false
  if (a.sourceIndex[row] !== b.sourceIndex[other]) return false
  if (a.ingressVrfId[row] !== b.ingressVrfId[other]) return false
  if (!sameAddress(a.sourceAddress, row, b.sourceAddress, other)) return false
  if (kind === 'address') return true
  if (kind === 'block') return sameBlock(a, row, b, other)
  if (a.protocolIdentifier[row] !== b.protocolIdentifier[other]) return false
  if (a.sourceTransportPort[row] !== b.sourceTransportPort[other]) return false
  return (
    kind === 'bib' ||
    (a.destinationTransportPort[row] === b.destinationTransportPort[other] &&
      sameAddress(a.destinationAddress, row, b.destinationAddress, other))
  )
}

/** Ports of one protocol may be a block of another host's than those of the next. */
function sameBlock(a: NatColumns, row: number, b: NatColumns, other: number): boolean {
  const [one = 0, two = 0] = [a.protocolIdentifier[row], b.protocolIdentifier[other]]
  return (
    a.portRangeStart[row] === b.portRangeStart[other] &&
    (one === two || one === 0 || two === 0) &&
    sameAddress(a.postNatSourceAddress, row, b.postNatSourceAddress, other)
  )
}

/** Compares what {@link publicHash} is of. */
export function samePublic(
  a: NatColumns,
  row: number,
  b: NatColumns,
  other: number,
  kind: MappingKind
): boolean {
  if (mappingKindOf(a.natEvent[row] ?? 0) !== kind) return false
  if (a.sourceIndex[row] !== b.sourceIndex[other]) return false
  if (kind === 'block') return sameBlock(a, row, b, other)
  if (!sameAddress(a.postNatSourceAddress, row, b.postNatSourceAddress, other)) return false
  if (kind === 'address') return true
  if (a.protocolIdentifier[row] !== b.protocolIdentifier[other]) return false
  if (a.postNaptSourceTransportPort[row] !== b.postNaptSourceTransportPort[other]) return false
  return (
    kind === 'bib' ||
    (a.postNaptDestinationTransportPort[row] === b.postNaptDestinationTransportPort[other] &&
      sameAddress(a.postNatDestinationAddress, row, b.postNatDestinationAddress, other))
  )
}
