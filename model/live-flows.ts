import type { StreamedFlow } from './streamed-flow.ts'
import type { UnknownClusters } from './unknown-cluster.ts'

/** What of live flows is asked for. */
export interface LiveQuery {
  /** Number of the last one that is known; 0: those that are remembered. */
  readonly after: number
  readonly limit: number
  /** An expression (criteria/) that they meet; left out: all. */
  readonly filter?: string | undefined
}

/** Flows as they were classified, oldest first. */
export interface LivePage {
  readonly flows: readonly StreamedFlow[]
  /** Number of the last one, to ask on from. */
  readonly last: number
  /** How many were forgotten before they could be given. */
  readonly missed: number
}

/** An inside host, as its connections show it. */
export interface SeenHost {
  /** Address as text. */
  readonly address: string
  readonly mac: string | undefined
  /** Options that its DHCP client asks for, and the class that it names (option 60). */
  readonly dhcpFingerprint: string | undefined
  readonly dhcpClass: string | undefined
  /** Identifiers, those seen last at the end. */
  readonly applications: readonly string[]
  readonly protocols: readonly string[]
  /** Us since 1970. */
  readonly firstUs: number
  readonly lastUs: number
  readonly connections: number
}

/** Whoever classifies connections, and can show what it sees. */
export interface LiveFlows {
  /** @throws FlowledgerError `rules-invalid` for a filter that cannot be read */
  live(query: LiveQuery): Promise<LivePage | undefined>
  /**
   * What the verdicts of flows rest on, as text: those that are followed, and the last ones that
   * were. Undefined where nothing is classified.
   *
   * @param flow an end, or both with a space between
   * @throws FlowledgerError `address-invalid`, `usage` where it is not that
   */
  explain(flow: string): Promise<readonly string[] | undefined>
  /** Connections that nothing recognised; undefined where nothing is classified. */
  unknown(limit: number): Promise<UnknownClusters | undefined>
  /** Inside hosts by what they did; undefined where nothing is classified. */
  hosts(): Promise<readonly SeenHost[] | undefined>
}
