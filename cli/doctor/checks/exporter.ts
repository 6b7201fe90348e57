import { transports } from '../../../exporter/transports.ts'
import { TargetLost } from '../../../exporter/transport.ts'
import { whatIsLeftOut } from '../../../exporter/what-is-left-out.ts'
import type { ExportTarget } from '../../../model/export-targets.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

const fixes = {
  unresolved: 'see to the name, or write an address',
  refused: 'start the collector, or mend address and port',
  untrusted: 'see tls.ca_file and tls.server_name of the target, and its certificate',
  unreachable: 'see to the network, or to the rights of the directory',
} as const

async function reach(target: ExportTarget): Promise<Finding> {
  // A directory is looked at by the program itself: a file of ours would be one too many there.
  if (target.transport === 'file') return ok(target.name)
  try {
    const session = await transports[target.transport](target).open()
    await session.close()
  } catch (error) {
    if (!(error instanceof TargetLost)) throw error
    return fail(`export to ${target.name}: ${error.message}`, fixes[error.reason])
  }
  const sentence = whatIsLeftOut(target).find((text) => text.includes('no room'))
  return sentence === undefined ? ok(target.name) : warn(sentence, 'give the target a larger mtu')
}

/** Can the targets be reached? Over UDP there is a way then, not somebody who listens. */
export async function exportTargets({ config }: CheckContext): Promise<Finding> {
  const { targets } = config.exporter
  if (targets.length === 0) return ok('nothing is exported')
  const findings = await Promise.all(targets.map(reach))
  const worst =
    findings.find(({ state }) => state === 'fail') ?? findings.find(({ state }) => state === 'warn')
  return worst ?? ok(`${targets.length} targets of the exporter can be reached`)
}
