import type { Prefix } from './address.ts'

/**
 * Who held an inside address: what a source of identities says, and what the store makes of it.
 * Times are microseconds since 1970.
 */

/** What a source is: the format of a file, or what is listened to. */
export const identitySourceKinds = [
  'dhcpd',
  'kea',
  'kea-legal',
  'dnsmasq',
  'radius',
  'radius-detail',
  'radacct',
  'logins',
  'hostapd',
  'neighbours',
] as const

export type IdentitySourceKind = (typeof identitySourceKinds)[number]

/**
 * `lease`: an address was lent; `delegation`: a prefix was; `session`: a log-in held an address or
 * prefix (RADIUS accounting); `neighbour`: the address answered from that device (ARP, ND);
 * `login`: a log-in was seen from the address, or (802.1X) from the device.
 */
export const holdingKinds = ['lease', 'delegation', 'session', 'neighbour', 'login'] as const

export type HoldingKind = (typeof holdingKinds)[number]

/** What tells a device, as far as the source does. Text as the source has it, MACs normalised. */
export interface Device {
  /** Six octets in lower-case hexadecimal with colons. */
  readonly mac?: string
  /** DHCP Unique Identifier (RFC 8415 §11), lower-case hexadecimal. */
  readonly duid?: string
  /** DHCPv4 client identifier (option 61), lower-case hexadecimal. */
  readonly clientId?: string
  /** Relay agent information (RFC 3046): printable text, else `0x` and hexadecimal. */
  readonly circuitId?: string
  readonly remoteId?: string
  readonly hostname?: string
}

/**
 * One statement of a source about one holding.
 *
 * - `start`: it begins at `atUs`.
 * - `alive`: it is held at `atUs`; it began at `startUs` where that is told, else some time before.
 * - `end`: it ends at `atUs`.
 * - `restart`: everything that this source (this `nas`, where given) held ended, at `atUs` at the
 *   latest (RADIUS Accounting-On/Off). Needs no `prefix` or `key`.
 */
export interface IdentityEvent {
  readonly what: 'start' | 'alive' | 'end' | 'restart'
  readonly kind: HoldingKind
  readonly atUs: number
  readonly startUs?: number
  /**
   * Of an `end` that was only inferred: up to here it was surely held, and at `atUs` it surely was
   * not (a neighbour that no longer answers, a lease that is gone from a file). The fold takes this
   * as `sureUntilUs`, `atUs` as `endUs`, and the end as not known.
   */
  readonly sureUs?: number
  /** Until when it is promised (end of a lease); Infinity: for ever. */
  readonly untilUs?: number
  /** Left out where only a device and its user are told (802.1X). */
  readonly prefix?: Prefix
  /**
   * What later statements about the same holding have in common, within the source: of a lease its
   * address and client, of a session NAS, session id and user.
   */
  readonly key: string
  readonly device: Device
  /** As the source has it, not folded. */
  readonly user?: string
  readonly session?: string
  /** Address or name of who serves the session. */
  readonly nas?: string
  /** Where the user was: access point, port (Called-Station-Id, NAS-Port-Id). */
  readonly station?: string
  /** Where this statement stands: `file:line`, or the peer and identifier of a packet. */
  readonly record: string
  /** True where the source is known to lose history (radacct) or infers a start (a snapshot). */
  readonly weak?: boolean
}

/** An interval in which somebody held an address or prefix, as the store answers it. */
export interface Holding {
  readonly id: string
  readonly source: string
  readonly sourceKind: IdentitySourceKind
  readonly kind: HoldingKind
  readonly prefix?: Prefix
  readonly startUs: number
  /** False where it may have begun earlier: the source was first heard of it then. */
  readonly startKnown: boolean
  /** Up to here it was surely held. */
  readonly sureUntilUs: number
  /** It ended here at the latest; Infinity while nothing bounds it. */
  readonly endUs: number
  /** True where the source told the end, so that `sureUntilUs` is `endUs`. */
  readonly endKnown: boolean
  readonly device: Device
  readonly user?: string
  readonly session?: string
  readonly nas?: string
  readonly station?: string
  /** First and last statement that it was made of. */
  readonly records: readonly string[]
  readonly weak: boolean
  /** How far the source's clock may be off (us). */
  readonly skewUs: number
}

/** What a directory knows subscribers by. */
export const subscriberKeyTypes = [
  'user',
  'mac',
  'duid',
  'client-id',
  'circuit-id',
  'remote-id',
  'prefix',
] as const

export type SubscriberKeyType = (typeof subscriberKeyTypes)[number]

/** A prefix (or address) as text is matched by what holds it; all else by its folded text. */
export interface SubscriberKey {
  readonly type: SubscriberKeyType
  readonly value: string
}

/** A version of what a directory says of a subscriber, valid in [fromUs, toUs). */
export interface Subscriber {
  /** The provider's own number. */
  readonly id: string
  readonly name?: string
  readonly contact?: string
  /** Whatever else the directory was told to keep. */
  readonly attributes: Readonly<Record<string, string>>
  readonly directory: string
  readonly version: number
  readonly fromUs: number
  /** Infinity: still valid. */
  readonly toUs: number
  /** The key by which it was found. */
  readonly by: SubscriberKey
  /** The directory says that several people use it (guest, family, shared log-in). */
  readonly shared: boolean
}
