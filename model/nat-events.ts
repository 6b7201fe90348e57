/**
 * What a NAT gateway can tell that it did: the values of IANA's natEvent (element 230) as RFC 8158
 * §4.3 lists them. The column `natEvent` holds these numbers whatever dialect the gateway speaks.
 *
 * Gateways that tell again what they told before (Juniper's "port block active", an ASA's flow
 * update, interim logs) are heard as the same create or allocation once more: of something that is
 * held already that is a confirmation, of something unknown it is a start that nobody saw.
 */
export const natEvents = {
  /** No event: an ordinary flow record, a finished interval. */
  none: 0,
  /** Historic: a translation of a family that is not said was made. */
  translationCreate: 1,
  /** Historic: it was taken away. */
  translationDelete: 2,
  /** No public address was left. */
  addressesExhausted: 3,
  nat44SessionCreate: 4,
  nat44SessionDelete: 5,
  nat64SessionCreate: 6,
  nat64SessionDelete: 7,
  /** Binding information base: an inside endpoint got a public one, towards whoever. */
  nat44BibCreate: 8,
  nat44BibDelete: 9,
  nat64BibCreate: 10,
  nat64BibDelete: 11,
  /** No port was left. */
  portsExhausted: 12,
  /** A limit of sessions, bindings or subscribers was met: see natQuotaExceededEvent. */
  quotaExceeded: 13,
  /** An inside address got a public one. */
  addressBindingCreate: 14,
  addressBindingDelete: 15,
  /** A block of ports of a public address was given to an inside address. */
  portBlockAllocation: 16,
  portBlockDeallocation: 17,
  /** A high or low water mark was passed: see natThresholdEvent. */
  thresholdReached: 18,
} as const

/** What an event says of a mapping, so that who pairs events need not know the numbers. */
export type NatEventMeaning =
  | { readonly of: 'flow' }
  | {
      readonly of: 'session' | 'bib' | 'address' | 'block'
      readonly step: 'begin' | 'end'
    }
  /** Nothing began or ended: it is kept for reports. */
  | { readonly of: 'notice' }

const begins = (of: 'session' | 'bib' | 'address' | 'block') => ({ of, step: 'begin' }) as const
const ends = (of: 'session' | 'bib' | 'address' | 'block') => ({ of, step: 'end' }) as const
const notice = { of: 'notice' } as const

/** By number of the event; a number past the end is unknown, and a notice. */
export const natEventMeanings: readonly NatEventMeaning[] = [
  { of: 'flow' },
  begins('session'),
  ends('session'),
  notice,
  begins('session'),
  ends('session'),
  begins('session'),
  ends('session'),
  begins('bib'),
  ends('bib'),
  begins('bib'),
  ends('bib'),
  notice,
  notice,
  begins('address'),
  ends('address'),
  begins('block'),
  ends('block'),
  notice,
]
