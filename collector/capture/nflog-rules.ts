/** What the kernel is asked to hand over. */
export interface NflogRules {
  readonly group: number
  /** Packets of each connection, both directions together. */
  readonly packets: number
  readonly snapLength: number
}

/** The table that is flowledger's alone: nobody else's rules are touched. */
export const captureTable = 'flowledger-capture'

/**
 * The ruleset, as nft(8) reads it. At the forward hook packets stand behind destination translation
 * and before source translation, so both directions have the inside host's own address.
 *
 * `1-n` and not `< n + 1`: an entry without accounting counts 0 for ever, and would hand over all
 * its packets.
 */
export function nflogRuleset({ group, packets, snapLength }: NflogRules): string {
  const log = `log group ${group} snaplen ${snapLength} queue-threshold 64`
  return `table inet ${captureTable} {
  chain forward {
    type filter hook forward priority filter + 10; policy accept;
    meta l4proto { tcp, udp } ct packets 1-${packets + 1} ${log}
  }
}
`
}

/** A ruleset that puts the table in place, whatever of it was there before, in one step. */
export function installation(rules: NflogRules): string {
  return `table inet ${captureTable} {}\ndelete table inet ${captureTable}\n${nflogRuleset(rules)}`
}

/** A ruleset that takes it away, also where it is not there. */
export const removal = `table inet ${captureTable} {}\ndelete table inet ${captureTable}\n`

/** What stands in the kernel, as `nft list table` prints it, compared with what should. */
export function isInstalled(listed: string, rules: NflogRules): boolean {
  const has = (pattern: RegExp): boolean => pattern.test(listed)
  return (
    has(new RegExp(`ct packets 1-${rules.packets + 1}\\b`)) &&
    has(new RegExp(`log .*group ${rules.group}\\b`)) &&
    has(new RegExp(`snaplen ${rules.snapLength}\\b`)) &&
    has(/hook forward/)
  )
}
