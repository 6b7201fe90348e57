import type { AnyTarget } from './engine/target.ts'
import { captureTargets } from './targets/capture.ts'
import { fileTargets } from './targets/files.ts'
import { identityTargets } from './targets/identity.ts'
import { lineTargets } from './targets/lines.ts'
import { netflowTargets } from './targets/netflow.ts'
import { conntrackEventTargets } from './targets/conntrack-events.ts'
import { netlinkTargets } from './targets/netlink.ts'
import { noticeTargets } from './targets/notices.ts'
import { protocolTargets } from './targets/protocols.ts'
import { ruleTargets } from './targets/rules.ts'
import { wireTargets } from './targets/wire.ts'

/**
 * Every decoder that meets a network or a file. Properties of whole parts of the program, which are
 * slower and look deeper, stand beside this as tests of their own.
 */
export const targets: readonly AnyTarget[] = [
  ...netlinkTargets,
  ...conntrackEventTargets,
  ...netflowTargets,
  ...captureTargets,
  ...wireTargets,
  ...lineTargets,
  ...identityTargets,
  ...ruleTargets,
  ...noticeTargets,
  ...fileTargets,
  ...protocolTargets,
]

/** The targets that names mean: each one, or those of a group; all of them without a name. */
export function targetsNamed(names: readonly string[]): readonly AnyTarget[] {
  if (names.length === 0) return targets
  return targets.filter((one) => names.includes(one.name) || names.includes(one.group))
}
