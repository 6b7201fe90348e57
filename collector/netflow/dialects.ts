import { natEvents } from '../../model/nat-events.ts'
import type { NatEventDialect } from '../../model/netflow-settings.ts'
import { enterprises } from './elements.ts'
import type { Layout } from './layout.ts'

/*
 * What gateways mean by their event numbers. The same number means different things to different
 * makers; which families and fields a template has tells most of them apart.
 *
 *   rfc8158   IANA's natEvent as RFC 8158 has it
 *   historic  1 made, 2 deleted, 3 exhausted, of what the template describes: IOS-XE, ipt_NETFLOW
 *   juniper   Juniper's own numbers
 *   nokia     no event at all: what has only a start was made, what has only an end is gone
 *   asa       firewallEvent of a Cisco ASA, by its elements since 8.4 or before
 */
type Dialect = NatEventDialect

/** What of a template tells how its events are to be read. */
export interface EventShape {
  /** Only IPv6, or IPv6 inside and IPv4 outside. */
  readonly isNat64: boolean
  readonly hasDestination: boolean
  readonly hasSource: boolean
  readonly hasPorts: boolean
  readonly hasBlock: boolean
  readonly hasPublic: boolean
  /** Which element tells the event; undefined: none does. */
  readonly carrier: 'natEvent' | 'firewallEvent' | undefined
  readonly isNokia: boolean
  readonly hasStart: boolean
  readonly hasEnd: boolean
}

/** Looks at the fields of a template. */
export function shapeOf({ pens, ids }: Layout): EventShape {
  const has = (pen: number, ...wanted: readonly number[]): boolean =>
    ids.some((id, index) => pens[index] === pen && wanted.includes(id))
  return {
    isNat64: has(0, 27) && !has(0, 8),
    hasSource: has(0, 8, 27),
    hasDestination: has(0, 12, 28),
    hasPorts: has(0, 7, 227),
    hasBlock: has(0, 361, 362),
    hasPublic: has(0, 225, 281),
    carrier: has(0, 230) ? 'natEvent' : has(0, 233, 40005) ? 'firewallEvent' : undefined,
    isNokia: has(enterprises.nokia, 91, 92, 93),
    hasStart: has(0, 22, 150, 152, 154),
    hasEnd: has(0, 21, 151, 153, 155),
  }
}

/**
 * True where records of this shape tell of events, and not of finished flows: a firewall that tells
 * start and end with what it did tells of whole flows.
 */
export function isEventShape({ carrier, isNokia, hasStart, hasEnd }: EventShape): boolean {
  if (carrier === 'firewallEvent') return !(hasStart && hasEnd)
  return carrier !== undefined || isNokia
}

const e = natEvents

/** What is made (or, with `deleted`, deleted) by an event that does not say of what. */
function byShape(shape: EventShape, deleted: boolean): number {
  const pick = (created: number): number => (deleted ? created + 1 : created)
  if (shape.hasBlock) return pick(e.portBlockAllocation)
  if (!shape.hasPorts) return pick(e.addressBindingCreate)
  if (shape.hasDestination) {
    return pick(shape.isNat64 ? e.nat64SessionCreate : e.nat44SessionCreate)
  }
  return pick(shape.isNat64 ? e.nat64BibCreate : e.nat44BibCreate)
}

/** Numbers of Juniper's gateways: 14, 15 and 16 are allocation, release and "still active". */
const juniper: Readonly<Record<number, number>> = {
  1: e.nat44SessionCreate,
  2: e.nat44SessionDelete,
  3: e.addressesExhausted,
  4: e.nat64SessionCreate,
  5: e.nat64SessionDelete,
  6: e.nat44BibCreate,
  7: e.nat44BibDelete,
  8: e.nat64BibCreate,
  9: e.nat64BibDelete,
  10: e.portsExhausted,
  11: e.quotaExceeded,
  12: e.addressBindingCreate,
  13: e.addressBindingDelete,
  14: e.portBlockAllocation,
  15: e.portBlockDeallocation,
  16: e.portBlockAllocation,
}

/** What an ASA does: updates tell again what was made; denied and alerts are no translation. */
function asaEvent(value: number, shape: EventShape): number {
  if (value === 1 || value === 5) return byShape(shape, false)
  return value === 2 ? byShape(shape, true) : notTranslated
}

/** Of rows that are no event of a translation: they are counted and left out. */
export const notTranslated = 255

/** What a number means in RFC 8158's numbers; one that nobody knows stays as it is. */
export function eventOf(value: number, dialect: Dialect, shape: EventShape): number {
  if (dialect === 'nokia') return byShape(shape, shape.hasEnd && !shape.hasStart)
  if (dialect === 'asa') return asaEvent(value, shape)
  if (dialect === 'juniper') return juniper[value] ?? value
  if (value === 1 || value === 2) {
    // A pool that has no inside address is told of, not given to anybody.
    return shape.hasSource ? byShape(shape, value === 2) : e.addressesExhausted
  }
  return value
}

/**
 * What one event says of its exporter's dialect; undefined where several could have said it.
 * Juniper gives 4 and 5 to NAT64, RFC 8158 to NAT44; 6 and 7 the other way round; 14 to 16 are
 * Juniper's blocks where there is a range of ports, and bindings of addresses where there is none.
 */
export function evidenceOf(value: number, shape: EventShape): Dialect | undefined {
  if (shape.carrier === 'firewallEvent') return 'asa'
  if (shape.carrier === undefined) return shape.isNokia ? 'nokia' : undefined
  if (value === 4 || value === 5) return shape.isNat64 ? 'juniper' : 'rfc8158'
  if (value === 6 || value === 7) return shape.isNat64 ? 'rfc8158' : 'juniper'
  if (value === 8 || value === 9) return shape.isNat64 ? 'juniper' : 'rfc8158'
  if (value === 10 || value === 11) return shape.isNat64 ? 'rfc8158' : 'juniper'
  if (value === 14 || value === 15) return shape.hasBlock ? 'juniper' : 'rfc8158'
  if (value === 12 || value === 13 || value === 17 || value === 18) return 'rfc8158'
  if (value === 1 || value === 2) return 'historic'
  return undefined
}

/** Stronger evidence than that of numbers which more than one dialect has. */
const strength: Readonly<Record<Dialect, number>> = {
  historic: 1,
  rfc8158: 2,
  juniper: 3,
  nokia: 4,
  asa: 4,
}

/**
 * The dialect that an exporter speaks, after another event. Who said something that only Juniper
 * says keeps being Juniper, whose other numbers others have too.
 */
export function learnDialect(
  known: Dialect | undefined,
  value: number,
  shape: EventShape
): Dialect | undefined {
  const found = evidenceOf(value, shape)
  if (found === undefined) return known
  if (known === undefined || strength[found] > strength[known]) return found
  return known
}
