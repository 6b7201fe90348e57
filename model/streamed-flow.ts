import type { ClassifiedFlow } from './classified-flow.ts'

/** What the stream tells of one direction. */
export interface DirectionCount {
  readonly octets: number
  readonly packets: number
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
