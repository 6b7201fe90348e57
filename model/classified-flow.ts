import type { AddressWords } from './address.ts'
import type { Classification } from './classification.ts'

/** What the far end of a connection is, by the words of Netify's agent. */
export const otherTypes = [
  'unknown',
  'unsupported',
  'local',
  'multicast',
  'broadcast',
  'remote',
  'error',
] as const

export type OtherType = (typeof otherTypes)[number]

/** One end of a connection. */
export interface FlowEnd {
  readonly address: AddressWords
  /** 0 of protocols without ports. */
  readonly port: number
  /** Ethernet address as model/mac.ts spells it, where it is known. */
  readonly mac?: string | undefined
}

/**
 * A classified connection as rules, policy and the stream see it: a plain view, made once for a
 * flow. `local` is the end inside our networks; where both or neither are, who opened it.
 */
export interface ClassifiedFlow extends Classification {
  /** IP protocol number. */
  readonly ipProtocol: number
  /** Outermost VLAN tag; 0 is none. */
  readonly vlan: number
  /** Interface it was seen on, where that is known. */
  readonly interface?: string | undefined
  readonly local: FlowEnd
  readonly other: FlowEnd
  readonly otherType: OtherType
  /** Which end opened it. */
  readonly origin: 'local' | 'other' | 'unknown'
  /** True where conntrack translates it. */
  readonly isTranslated: boolean
  /** Mark of its conntrack entry; 0 is none. */
  readonly mark: number
  readonly protocolCategory: string
  readonly applicationCategory: string | undefined
  /** When the verdict was given, us since 1970; rules about the time of day go by it. */
  readonly atUs: number
}
