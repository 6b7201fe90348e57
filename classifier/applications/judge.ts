import type { Classification } from '../../model/classification.ts'
import type { Judge } from '../classifier.ts'
import { FlowFacts } from '../facts.ts'
import type { FactSources } from '../facts.ts'
import type { Flow } from '../flow.ts'
import type { LocalNetworks } from '../local-networks.ts'
import { withOddPort } from '../odd-port.ts'
import type { DnsHints } from './dns-hints.ts'
import type { FlowMemory } from './flow-memory.ts'
import type { RuleKeeper } from './rule-keeper.ts'

/** Names applications by the rules in force. */
export type Namer = Pick<RuleKeeper, 'rules' | 'judge'>

/** What a judge goes by. */
export interface JudgeParts {
  readonly keeper: Namer
  readonly networks: LocalNetworks
  /** Left out: what clients ask DNS for is not remembered. */
  readonly hints?: DnsHints
  /** Left out: flows that were silent for long are not recognised again. */
  readonly memory?: FlowMemory
}

const noNames: readonly string[] = []

/** Names the application of each flow by the rules in force, and learns from what DNS answers. */
export function makeJudge({ keeper, networks, hints, memory }: JudgeParts): Judge {
  let sources: FactSources = { rules: keeper.rules, networks }
  return (flow: Flow, found: Classification): Classification => {
    const client = flow.clientAddress
    const server = flow.serverAddress
    if (found.protocol === 'dns') hints?.learn(client, found.metadata, flow.lastUs)
    const remembered = memory?.completed(flow, found, client, server) ?? found
    const known = withOddPort(flow, remembered)
    if (sources.rules !== keeper.rules) sources = { rules: keeper.rules, networks }
    const base = new FlowFacts(flow, known, sources, client, server)
    const names = hints?.namesFor(client, server, flow.lastUs) ?? noNames
    const verdict = keeper.judge(base, names)
    memory?.keep(flow, verdict, client, server)
    return verdict
  }
}
