import { applicationRulesOf, readPolicyFile } from '../../../appliance/policy/reading.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import { inspect } from '../../../policy/kernel/inspect.ts'
import { wantedOf } from '../../../policy/kernel/ruleset.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** Can the policy be used, and does the kernel have what it needs? */
export async function policyRules({ config }: CheckContext): Promise<Finding> {
  const { policy, applications } = config
  if (policy === undefined) return ok('nothing is done with connections')
  let needs
  try {
    const read = readPolicyFile(policy.rules, applicationRulesOf(applications), applications)
    needs = read.targets.flatMap((target) => target.needs)
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    return fail(error.message.split('\n')[0] ?? '', `flowledger policy check ${policy.rules}`)
  }
  const findings = await inspect(wantedOf(needs))
  if (findings.length === 0) return ok(`the kernel has what ${policy.rules} needs`)
  const fixes = [...new Set(findings.map(({ fix }) => fix))]
  return warn(findings.map(({ text }) => text).join(' '), fixes.join('; '))
}
