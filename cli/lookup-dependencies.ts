import { makeAnswerDependencies } from '../answering.ts'
import { openFlowsAt } from '../collector/open-flows-client.ts'
import { collectorSocket } from '../collector/socket-path.ts'
import type { AnswerDependencies } from '../lookup-api/dependencies.ts'
import type { Config } from '../model/config.ts'
import type { LedgerAccess } from './ledger-access.ts'

/** What a look-up of the command line needs: the same as one that comes by HTTP. */
export function lookupDependencies(config: Config, access: LedgerAccess): AnswerDependencies {
  const databases = { lookup: access.database('lookup'), audit: access.database('audit', 1) }
  const openFlows = openFlowsAt(collectorSocket(access.dataDir))
  return makeAnswerDependencies(config, databases, openFlows)
}
