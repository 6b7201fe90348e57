import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import type { Classification } from '../../model/classification.ts'
import { applicationIdOf } from '../../model/flow-verdict.ts'
import type { FlowVerdict } from '../../model/flow-verdict.ts'

/** A port that nothing was said on suggests a protocol, and that is no finding to be kept. */
function isGuessed({ protocol, evidence }: Classification): boolean {
  const own = evidence.find(({ speaksFor, lostTo }) => speaksFor === protocol && !lostTo)
  return own?.source === 'port'
}

/** What ledger and records say of a flow that was classified. */
export function verdictOf(found: Classification, rules: ApplicationRules): FlowVerdict {
  const { protocol, application, metadata } = found
  const known = application === undefined ? undefined : rules.application(application)
  return {
    applicationId: known === undefined ? 0 : applicationIdOf(known.id),
    application: application ?? '',
    category: known?.category ?? '',
    protocol: protocol === 'unknown' || isGuessed(found) ? '' : protocol,
    hostName: metadata.hostname ?? '',
  }
}
