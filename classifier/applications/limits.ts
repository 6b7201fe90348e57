/** Bounds on rules; beyond them a file is refused, and the rules in force stay. */

/** Octets of one rule file. */
export const maxFileBytes = 256 << 20

/** Names of hosts, of all files together. */
export const maxHostRules = 4_000_000

/** Address prefixes. */
export const maxPrefixes = 2_000_000

export const maxApplications = 65_535

/**
 * Patterns over host names, and soft rules: each costs time for each flow that is asked, so there
 * are fewer of them.
 */
export const maxPatterns = 1000
export const maxSoftRules = 2000

/** Problems that are shown of one loading; the rest is counted. */
export const maxProblems = 100

/** Host names whose answer is kept, so that patterns are asked once for each. */
export const maxRecentHosts = 16_384
