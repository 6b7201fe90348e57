import { rulesetState, whatIsMissing } from '../../../appliance/capture/nflog-ruleset.ts'
import { ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** Does the kernel hand over the first packets that classification goes by? */
export async function captureRule({ config }: CheckContext): Promise<Finding> {
  const { capture } = config.collector
  if (capture === undefined) return ok('connections are not classified')
  if (capture.enabled === false) return ok('not needed: collector.capture.enabled is false')
  if (capture.interfaces.length > 0) return ok('not needed: interfaces are read')
  const [first, ...others] = whatIsMissing(await rulesetState(capture), capture)
  if (first === undefined) return ok(`the rule for NFLOG group ${capture.group} is in place`)
  const all = [first, ...others]
  return warn(all.map(({ text }) => text).join('; '), all.map(({ fix }) => fix).join('; '))
}
