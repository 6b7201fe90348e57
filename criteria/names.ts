import type { Prefix } from '../model/address.ts'

/** Addresses that an expression names as `@name`. */
export interface AddressGroup {
  readonly prefixes: readonly Prefix[]
  /** As model/mac.ts spells them. */
  readonly macs: readonly string[]
}

/**
 * What the names in expressions mean; whoever compiles one hands it in. Each takes a name as
 * people write it, in any case, and also Netify's tags and numbers, where the list knows them.
 */
export interface CriteriaNames {
  /** Our identifier of an application; undefined where there is none of this name. */
  application(name: string): string | undefined
  /** Our identifiers of a protocol: Netify's `HTTP/S` is our `tls` and `quic`; empty: unknown. */
  protocol(name: string): readonly string[]
  applicationCategory(name: string): string | undefined
  protocolCategory(name: string): string | undefined
  group(name: string): AddressGroup | undefined
  /** Names that may be suggested for one that is not known. */
  readonly suggestions: {
    readonly applications: () => readonly string[]
    readonly protocols: () => readonly string[]
  }
}
