import type { AddressWords } from './address.ts'
import type { ClassifiedFlow, OtherType } from './classified-flow.ts'

/** What the stream tells of one direction. */
export interface DirectionCount {
  readonly octets: number
  readonly packets: number
}

/** What was seen of a TCP connection's segments, both directions together. */
export interface SegmentCounts {
  readonly resets: number
  /** Segments with octets that had come, or been passed over, before. */
  readonly repeated: number
  /** Segments before which octets are missing: lost, late, or not handed over. */
  readonly gaps: number
}

/** One end of a GTP-U tunnel, and the number under which it receives, once seen. */
export interface GtpEnd {
  readonly address: AddressWords
  readonly port: number
  readonly teid: number | undefined
}

/** A GTP-U tunnel; `local` is its end on the side of the connection's local end. */
export interface StreamedGtp {
  readonly version: number
  readonly ipVersion: 4 | 6
  readonly dscp: number
  readonly local: GtpEnd
  readonly other: GtpEnd
  readonly otherType: OtherType
}

/** A connection as the stream of flows tells of it. */
export interface StreamedFlow extends ClassifiedFlow {
  /** SHA-1 of both ends, protocol, VLAN and start, 40 hexadecimal digits. */
  readonly digest: string
  /** Us since 1970. */
  readonly firstUs: number
  readonly lastUs: number
  readonly fromLocal: DirectionCount
  readonly fromOther: DirectionCount
  /** Packets that the verdict took. */
  readonly detectionPackets: number
  /** What its segments showed; undefined of what is no TCP. */
  readonly segments?: SegmentCounts | undefined
  /** The GTP-U tunnel that its packets came through. */
  readonly gtp?: StreamedGtp | undefined
  /** Identifier of its conntrack entry, where there is one. */
  readonly conntrackId?: number | undefined
}

/** A name with the number under which messages carry it. */
export interface NamedNumber {
  /** Our identifier. */
  readonly name: string
  readonly id: number
  readonly tag: string
  readonly title: string
  readonly category: string
}

/** What the stream asks about names. */
export interface StreamNames {
  /** An application by our identifier; undefined where there is none of that name. */
  application(name: string): NamedNumber | undefined
  protocol(name: string): NamedNumber
  applications(): readonly NamedNumber[]
  protocols(): readonly NamedNumber[]
  /** Categories in the order of their numbers, which count from 1. */
  readonly applicationCategories: readonly string[]
  readonly protocolCategories: readonly string[]
}
