import type { AddressWords } from './address.ts'
import type { NatKind } from './nat-view.ts'
import type { PortSet } from './port-set.ts'

/** An address and a port (for ICMP: the identifier). */
export interface Endpoint {
  readonly ip: AddressWords
  readonly port: number
}

/**
 * A ledger row, or a flow that is still open, as an object: for answers and tests, never on the way
 * in. Times are microseconds since 1970; counters are exact.
 */
export interface Slice {
  /** Name of the source that saw it. */
  readonly source: string
  /** Serial of the connection within its source: all its slices share it. */
  readonly flowId: bigint
  /** True where the mapping was still held when the source was asked: `endUs` is that instant. */
  readonly open: boolean
  readonly natKind: NatKind
  readonly protocol: number
  readonly zone: number
  readonly inside: Endpoint
  readonly public: Endpoint
  readonly remote: Endpoint
  /** Keyed hash of the far end (hexadecimal), which stands there in its place once it is past. */
  readonly remoteHash?: string
  readonly connectionStartUs: number
  readonly startUs: number
  readonly endUs: number
  readonly lastPacketUs: number
  readonly octets: bigint
  readonly packets: bigint
  readonly reverseOctets: bigint
  readonly reversePackets: bigint
  readonly conntrackId: number
  readonly mark: number
  readonly endReason: number
  /** Bits of `sliceFlags`. */
  readonly flags: number
  /** What it was found to be, as far as that is known. */
  readonly application?: string
  readonly protocolName?: string
  readonly hostName?: string
  /** The subscriber as the gateway calls him: for who may know who it was. */
  readonly userName?: string
  /** Where the record is of many ports and of no connection: `public.port` is the one asked for. */
  readonly ports?: PortSet
}

/** What a look-up asks of the ledger and of the open flows alike. */
export interface SliceQuery {
  readonly address: AddressWords
  /** Left out: every port of the address. */
  readonly port?: number
  /** IANA protocol number; left out: every protocol. */
  readonly protocol?: number
  /** Slices that meet [fromUs, toUs] are wanted. */
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}
