import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import {
  captureTable,
  installation,
  isInstalled,
  removal,
} from '../collector/capture/nflog-rules.ts'
import type { NflogRules } from '../collector/capture/nflog-rules.ts'
import { FlowledgerError } from '../model/errors.ts'

/** How things stand with the rule and with what it needs. */
export interface RulesetState {
  readonly rules: 'installed' | 'other' | 'absent'
  /** Without accounting no connection counts its packets, and the rule picks out none. */
  readonly accounting: boolean
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
