/** Whom an answer asks for open connections: this host's collector, and those that are named. */
import { exportersAt, exportersOfAll } from '../../collector/exporters-client.ts'
import { openFlowsAt } from '../../collector/open-flows-client.ts'
import { openFlowsOfAll } from '../../collector/open-flows-of-all.ts'
import { collectorSocket } from '../../collector/socket-path.ts'
import type { Config } from '../../model/config.ts'
import type { Exporters } from '../../model/exporter-health.ts'
import type { OpenFlows } from '../../model/open-flows.ts'

/** @param own the collector of this process; left out: the one that runs on the data directory */
export function openFlowsOf(config: Config, own?: OpenFlows): OpenFlows {
  const here = own ?? openFlowsAt(collectorSocket(config.dataDir))
  const { collectors } = config.api
  return collectors.length === 0 ? here : openFlowsOfAll([here, ...collectors.map(openFlowsAt)])
}

/**
 * Who sends NetFlow, here and at other collectors.
 *
 * @param collects true where this process is the collector; `own` is undefined where that hears
 *   nobody
 */
export function exportersOf(
  config: Config,
  collects: boolean,
  own: Exporters | undefined
): Exporters | undefined {
  const here = collects ? own : exportersAt(collectorSocket(config.dataDir))
  const all = [here, ...config.api.collectors.map(exportersAt)]
  const known = all.filter((one) => one !== undefined)
  return known.length === 0 ? undefined : exportersOfAll(known)
}
