import type { DeskContext } from '../lookup-api/cases/desk.ts'
import type { Config } from '../model/config.ts'
import { loadAloud } from './common-options.ts'
import type { CommonFlags } from './config/layers.ts'

/** Runs `work` with cases, holds and evidence, as the user of the command line. */
export async function withDesk<T>(
  flags: CommonFlags & { readonly tokenFile?: string },
  work: (context: DeskContext, config: Config) => Promise<T>
): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('./ledger-access.ts')
  const { openFlowsOf } = await import('../appliance/serving/open-flows.ts')
  const { makeAnswerDependencies } = await import('../appliance/serving/answering.ts')
  const { makeDesk } = await import('../appliance/serving/case-desk.ts')
  const { principalOfFlags } = await import('./token-principal.ts')
  return await withLedger(config, 'audit', async (access) => {
    const databases = {
      lookup: access.database('lookup'),
      audit: access.database('audit'),
      identity: access.database('identity'),
      directory: access.database('directory'),
    }
    const openFlows = openFlowsOf(config)
    const deps = makeAnswerDependencies(config, databases, openFlows)
    const desk = makeDesk(() => config, databases.audit)
    const principal = await principalOfFlags(databases.audit, config, flags)
    return await work({ ...desk, deps, principal }, config)
  })
}
