import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import {
  captureTable,
  installation,
  isInstalled,
  removal,
} from '../../collector/capture/nflog-rules.ts'
import type { NflogRules } from '../../collector/capture/nflog-rules.ts'
import { FlowledgerError } from '../../model/errors.ts'

/** How things stand with the rule and with what it needs. */
export interface RulesetState {
  readonly rules: 'installed' | 'other' | 'absent'
  /** Without accounting no connection counts its packets, and the rule picks out none. */
  readonly accounting: boolean
}

/** Something that keeps packets from coming, and how to mend it. */
export interface Missing {
  readonly text: string
  readonly fix: string
}

/** The command that puts these rules in place. */
function installCommand({ group, packets, snapLength }: NflogRules): string {
  const usual = group === 5 && packets === 10 && snapLength === 4096
  const options = ` --group ${group} --packets ${packets} --snaplen ${snapLength}`
  return `flowledger capture install${usual ? '' : options}`
}

/** What of it keeps connections from being classified, in plain words. */
export function whatIsMissing({ rules, accounting }: RulesetState, wanted: NflogRules): Missing[] {
  const missing: Missing[] = []
  if (rules !== 'installed') {
    const how = rules === 'other' ? 'is another one than configured' : 'is not in place'
    missing.push({
      text: `the nftables rule that hands over first packets ${how}: nothing can be classified`,
      fix: installCommand(wanted),
    })
  }
  if (!accounting) {
    missing.push({
      text: 'nf_conntrack_acct is off: the rule picks out no packet',
      fix: 'sysctl -w net.netfilter.nf_conntrack_acct=1 (counts for connections made after it)',
    })
  }
  return missing
}

/** Runs nft; gives what it printed, or undefined where it refused. */
function nft(args: readonly string[], input?: string): Promise<{ out: string; error: string }> {
  return new Promise((resolve) => {
    const child = execFile('nft', [...args], (failure, out, error) => {
      resolve({ out, error: failure === null ? '' : error.trim() || failure.message })
    })
    child.stdin?.end(input)
  })
}

async function apply(ruleset: string): Promise<void> {
  const { error } = await nft(['-f', '-'], ruleset)
  if (error === '') return
  throw new FlowledgerError('permission-missing', `nft did not take the rules: ${error}`, {
    fix: 'Run as root, and install nftables.',
  })
}

/** Puts the rule in place, in one step. */
export const installRules = (rules: NflogRules): Promise<void> => apply(installation(rules))

/** Takes it away again. */
export const removeRules = (): Promise<void> => apply(removal)

/** What of it stands in the kernel now. */
export async function rulesetState(rules: NflogRules): Promise<RulesetState> {
  const { out, error } = await nft(['list', 'table', 'inet', captureTable])
  const absent = error !== ''
  const setting = await readFile('/proc/sys/net/netfilter/nf_conntrack_acct', 'utf8').catch(
    () => '0'
  )
  return {
    rules: absent ? 'absent' : isInstalled(out, rules) ? 'installed' : 'other',
    accounting: setting.trim() === '1',
  }
}
