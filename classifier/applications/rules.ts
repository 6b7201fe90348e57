import type { Evidence, EvidenceSource } from '../../model/classification.ts'

/** The words of Netify's list, so that its users' expressions keep their meaning. */
export const applicationCategories = [
  'adult',
  'advertiser',
  'ai',
  'business',
  'cdn',
  'cybersecurity',
  'device-iot',
  'education',
  'entertainment',
  'file-sharing',
  'financial',
  'games',
  'government',
  'hosting',
  'mail',
  'malware',
  'messaging',
  'news',
  'os-software-updates',
  'portal',
  'recreation',
  'reference',
  'remote-desktop',
  'shopping',
  'social-media',
  'sports',
  'streaming-media',
  'technology',
  'telco',
  'unclassified',
  'voip',
  'vpn-and-proxy',
] as const

export type ApplicationCategory = (typeof applicationCategories)[number]

/** A service that connections serve. */
export interface Application {
  /** Identifier: lower case, digits, hyphens. */
  readonly name: string
  /** As people write it. */
  readonly title: string
  readonly category: ApplicationCategory
  /** Number, 1 to 2^24 - 1: from a Netify file, else made of the name and always the same. */
  readonly id: number
}

/** Where a rule stands. */
export interface RulePlace {
  readonly file: string
  readonly line: number
}

/** What a rule says of a flow, and where it stands. */
export interface RuleHit {
  readonly application: string
  readonly place: RulePlace
  /** The rule in a few words: `*.zoom.us`. */
  readonly rule: string
  /** The finding that was made of it last. */
  said?: Said | undefined
}

/** A finding, and what it was made of. */
export interface Said {
  readonly source: EvidenceSource
  readonly packet: number
  readonly subject: string
  readonly lostTo: string | undefined
  readonly evidence: Evidence
}

/** What a soft rule says: either may be left as it is. */
export interface SoftHit {
  readonly application: string | undefined
  readonly protocol: string | undefined
  readonly place: RulePlace
  readonly rule: string
}

/** How sure each kind of rule makes. */
export const ruleConfidence: Readonly<Partial<Record<EvidenceSource, number>>> = {
  'soft-rule': 95,
  'host-rule': 95,
  'certificate-rule': 85,
  'dns-hint': 75,
  expectation: 60,
  'address-rule': 50,
}

/** What is wrong with a rule file, or may surprise; `column` counts from 1. */
export interface RuleProblem extends RulePlace {
  readonly column: number
  readonly text: string
}

/** `FILE:LINE:COLUMN: TEXT`, as compilers write it. */
export function formatProblem({ file, line, column, text }: RuleProblem): string {
  return `${file}:${line}:${column}: ${text}`
}

/** `FILE:LINE`. */
export const formatPlace = ({ file, line }: RulePlace): string => `${file}:${line}`
