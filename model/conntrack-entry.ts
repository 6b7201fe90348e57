import type { AddressWords } from './address.ts'

/** One direction of a conntrack entry; `port` is the identifier for ICMP, 0 without ports. */
export interface Tuple {
  readonly source: { readonly address: AddressWords; readonly port: number }
  readonly destination: { readonly address: AddressWords; readonly port: number }
}

/**
 * Which entry of the kernel's table a connection is: what ctnetlink addresses it by
 * (CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_ZONE, CTA_ID), and its mark when it was last told.
 */
export interface ConntrackEntry {
  /** IP protocol number. */
  readonly ipProtocol: number
  readonly original: Tuple
  readonly reply: Tuple
  readonly zone: number
  readonly id: number
  readonly mark: number
  /** When the connection began, us since 1970. */
  readonly startUs: number
}
