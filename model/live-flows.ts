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

/** What other rules change, by flows that were seen lately. */
export interface RuleChanges {
  /** Flows that they were tried on. */
  readonly tried: number
  /** Those named otherwise: application before and after, undefined: none. */
  readonly changes: readonly {
    readonly from: string | undefined
    readonly to: string | undefined
    readonly flows: number
  }[]
}

/** `plan`: read files anew, and change nothing; `rollback`: back to those before. */
export type RulesAct = 'plan' | 'rollback'

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
  /**
   * What becomes of the rules that name applications.
   *
   * @returns undefined where nothing is classified, or where no rules were in force before
   * @throws FlowledgerError `rules-invalid` with the places of what is wrong in the files
   */
  rules(act: RulesAct): Promise<RuleChanges | undefined>
  /** Inside hosts by what they did; undefined where nothing is classified. */
  hosts(): Promise<readonly SeenHost[] | undefined>
}
