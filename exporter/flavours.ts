import type { ExtraName, FieldName } from '../model/fields.ts'
import type { RecordSettings } from '../model/export-targets.ts'

/**
 * What can be told of one row. A connection is a row; the records that a collector gets of it are
 * its directions, its views from inside and outside, and the events of its translation.
 *
 * ```
 *             original: source ──────────────> destination
 *             reply:    postNatSource <─────── postNatDestination
 *
 * forward        source -> destination, after translation postNatSource -> postNatDestination
 * reverse        postNatDestination -> postNatSource, after translation destination -> source
 * inside         source -> destination           inside-reverse   destination -> source
 * outside        postNatSource -> postNatDestination   outside-reverse   the other way round
 * ```
 */
export const flavours = [
  'forward',
  'reverse',
  'inside',
  'inside-reverse',
  'outside',
  'outside-reverse',
  /** RFC 8158: a translation began or ended, as conntrack told it by a connection. */
  'session-create',
  'session-delete',
  /** RFC 8158: a row that is an event itself (its natEvent is not 0), with its beginning or end. */
  'event-begin',
  'event-end',
  'block-begin',
  'block-end',
] as const

export type Flavour = (typeof flavours)[number]

/** A flavour's number, which rows are sorted by. */
export const flavourNumber = (flavour: Flavour): number => flavours.indexOf(flavour)

/** Which flavours a target gets of rows that are connections. */
export function flavoursOf(settings: RecordSettings): readonly Flavour[] {
  const { protocol, directions, records, views } = settings
  const both = directions === 'uniflows'
  if (protocol === 'netflow5') {
    const inside: Flavour[] = both ? ['inside', 'inside-reverse'] : ['inside']
    const outside: Flavour[] = both ? ['outside', 'outside-reverse'] : ['outside']
    if (views === 'inside') return inside
    return views === 'outside' ? outside : [...inside, ...outside]
  }
  const flows: Flavour[] = both ? ['forward', 'reverse'] : ['forward']
  const events: Flavour[] = ['session-create', 'session-delete']
  if (records === 'flows') return flows
  return records === 'nat-events' ? events : [...flows, ...events]
}

type Name = FieldName | ExtraName

const counters = {
  octetDeltaCount: 'reverseOctetDeltaCount',
  packetDeltaCount: 'reversePacketDeltaCount',
} as const satisfies Partial<Record<Name, Name>>

const swapped = {
  sourceAddress: 'postNatDestinationAddress',
  destinationAddress: 'postNatSourceAddress',
  postNatSourceAddress: 'destinationAddress',
  postNatDestinationAddress: 'sourceAddress',
  sourceTransportPort: 'postNaptDestinationTransportPort',
  destinationTransportPort: 'postNaptSourceTransportPort',
  postNaptSourceTransportPort: 'destinationTransportPort',
  postNaptDestinationTransportPort: 'sourceTransportPort',
  ingressInterface: 'egressInterface',
  egressInterface: 'ingressInterface',
  ...counters,
} as const satisfies Partial<Record<Name, Name>>

const insideReverse = {
  sourceAddress: 'destinationAddress',
  destinationAddress: 'sourceAddress',
  sourceTransportPort: 'destinationTransportPort',
  destinationTransportPort: 'sourceTransportPort',
  ingressInterface: 'egressInterface',
  egressInterface: 'ingressInterface',
  ...counters,
} as const satisfies Partial<Record<Name, Name>>

const outside = {
  sourceAddress: 'postNatSourceAddress',
  destinationAddress: 'postNatDestinationAddress',
  sourceTransportPort: 'postNaptSourceTransportPort',
  destinationTransportPort: 'postNaptDestinationTransportPort',
} as const satisfies Partial<Record<Name, Name>>

const columnsOf: Partial<Record<Flavour, Partial<Record<Name, Name>>>> = {
  reverse: swapped,
  'inside-reverse': insideReverse,
  outside,
  'outside-reverse': swapped,
}

/** The column that a flavour's record takes a field from. */
export function columnOf(flavour: Flavour, field: Name): Name {
  return columnsOf[flavour]?.[field] ?? field
}

/** Bits of a row's families: set where an address is IPv6. */
export const familyBits = {
  sourceAddress: 1,
  destinationAddress: 2,
  postNatSourceAddress: 4,
  postNatDestinationAddress: 8,
} as const

/** True where a flavour's record has an IPv6 address in an address field. */
export function isV6In(
  flavour: Flavour,
  field: keyof typeof familyBits,
  families: number
): boolean {
  const column = columnOf(flavour, field) as keyof typeof familyBits
  return (families & familyBits[column]) !== 0
}
