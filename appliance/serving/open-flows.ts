/** Whom an answer asks for open connections: this host's collector, and those that are named. */
import { openFlowsAt } from '../../collector/open-flows-client.ts'
import { openFlowsOfAll } from '../../collector/open-flows-of-all.ts'
import { collectorSocket } from '../../collector/socket-path.ts'
import type { Config } from '../../model/config.ts'
import type { OpenFlows } from '../../model/open-flows.ts'

/** @param own the collector of this process; left out: the one that runs on the data directory */
export function openFlowsOf(config: Config, own?: OpenFlows): OpenFlows {
  const here = own ?? openFlowsAt(collectorSocket(config.dataDir))
  const { collectors } = config.api
  return collectors.length === 0 ? here : openFlowsOfAll([here, ...collectors.map(openFlowsAt)])
}
