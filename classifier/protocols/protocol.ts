import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Risk } from '../risks.ts'

/** One end of a connection and what it has said so far. */
export interface Side {
  /** Address, four words, IPv4 v4-mapped (model/address.ts). */
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
  readonly port: number
  /**
   * Of TCP the first octets that it sent, in order and without a hole; of UDP its first datagram.
   * `wireLength` tells the size of a datagram that the capture cut.
   */
  readonly bytes: Bytes
  /** Payload octets of its first packet on the wire; 0 before it. */
  readonly firstSize: number
  /** Packets with payload that it sent. */
  readonly packets: number
  /** True where no more of `bytes` will come: the limit is reached, or the capture has a hole. */
  readonly isOver: boolean
}

/** A UDP datagram. */
export interface Datagram {
  readonly fromClient: boolean
  readonly bytes: Bytes
}

/**
 * A connection as far as it has come. Who opened it is the client: the sender of the SYN, or of the
 * first packet. Of a capture that began late that may be wrong, so a protocol that can, looks at
 * both {@link sides}.
 */
export interface FlowView {
  readonly transport: 'tcp' | 'udp'
  readonly client: Side
  readonly server: Side
  /** Both, the client first. */
  readonly sides: readonly [Side, Side]
  /** True where the SYN was seen. */
  readonly isOpenerKnown: boolean
  /** UDP: the first datagrams of both sides in order; empty of TCP. */
  readonly datagrams: readonly Datagram[]
  /** When the last packet was seen, us since 1970; NaN where that is not known. */
  readonly timeUs: number
  /** Packets with payload so far. */
  readonly packets: number
  /** True where this is the last call: `more` now means the same as `never`. */
  readonly isLast: boolean
  /** True where either port is this. */
  hasPort(port: number): boolean
  /**
   * What a protocol remembers of this connection between calls; made at the first use, gone with
   * the verdict. For what is dear to compute again, such as decrypted datagrams.
   */
  recall<T>(protocol: string, make: () => T): T
}

/** The protocol was recognised. */
export interface Match {
  /**
   * How sure: 100 a magic and exact lengths in both directions, 90 the same in one, 70 a pattern
   * that other traffic is unlikely to show, 50 one that it may. Below 50 is no match.
   */
  readonly confidence: number
  /** What was seen, in a few words: `ClientHello, record version 3.1`. */
  readonly evidence: string
  /** Another identifier than the protocol's own name: that of a variant, named in `variants`. */
  readonly protocol?: string
  /** Application that the bytes themselves betray. */
  readonly application?: string | undefined
  readonly metadata?: Metadata
  /** Names of classifier/risks.ts. */
  readonly risks?: readonly Risk[]
  /** True where further packets would tell more of it; asked again, alone, within a limit. */
  readonly more?: boolean
}

/**
 * `more`: nothing speaks against it, and a later packet can tell. `never`: it is something else,
 * whatever comes.
 */
export type Answer = Match | 'more' | 'never'

/** What kinds of use protocols are put to. */
export const protocolCategories = [
  'web',
  'naming',
  'network',
  'routing',
  'management',
  'vpn',
  'tunnel',
  'mail',
  'messaging',
  'voip',
  'streaming',
  'file',
  'file-sharing',
  'remote-access',
  'database',
  'authentication',
  'discovery',
  'iot',
  'industrial',
  'games',
  'crypto-currency',
  'printing',
  'middleware',
  'monitoring',
  'other',
] as const

/** First octets: letters or numbers. */
export type Octets = string | readonly number[]

/**
 * A protocol: one file, and one line in ../protocols.ts. It does no I/O and keeps nothing: what it
 * answers depends on the flow that it is shown. Any octets may come; it never throws, and what it
 * does is bounded by what it is shown.
 */
export interface Protocol {
  /** Identifier: lower case, digits, hyphens. */
  readonly name: string
  /** As people write it. */
  readonly title: string
  readonly category: (typeof protocolCategories)[number]
  readonly transports: readonly ('tcp' | 'udp')[]
  /**
   * What the first payload of either side can begin with, of all transports or of each. A flow that
   * begins otherwise is never shown. Left out: anything.
   */
  readonly begins?: Octets | { readonly tcp?: Octets; readonly udp?: Octets }
  /** Ports one of which a flow must have to be shown. Left out: any. */
  readonly onPorts?: { readonly tcp?: readonly number[]; readonly udp?: readonly number[] }
  /** Ports that IANA or custom gives it; a flow without payload is guessed by them. */
  readonly ports?: { readonly tcp?: readonly number[]; readonly udp?: readonly number[] }
  /** Other identifiers that its matches may carry, with their titles. */
  readonly variants?: Readonly<Record<string, string>>
  /**
   * Looks at a flow. Called when payload came, first with the first packet of either side, then,
   * while it answers `more`, with each further one.
   */
  readonly classify: (flow: FlowView) => Answer
}

/** The protocols that flows are shown to, in the order in which they are asked. */
export type ProtocolList = readonly Protocol[]
