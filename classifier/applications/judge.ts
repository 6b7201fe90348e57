import type { Classification } from '../../model/classification.ts'
import type { Judge } from '../classifier.ts'
import { factsOf } from '../facts.ts'
import type { Flow } from '../flow.ts'
import type { LocalNetworks } from '../local-networks.ts'
import type { DnsHints } from './dns-hints.ts'
import type { FlowMemory } from './flow-memory.ts'
import type { RuleKeeper } from './rule-keeper.ts'

/** What a judge goes by. */
export interface JudgeParts {
  readonly keeper: RuleKeeper
  readonly networks: LocalNetworks
  /** Left out: what clients ask DNS for is not remembered. */
  readonly hints?: DnsHints
  /** Left out: flows that were silent for long are not recognised again. */
  readonly memory?: FlowMemory
}

/** Names the application of each flow by the rules in force, and learns from what DNS answers. */
export function makeJudge({ keeper, networks, hints, memory }: JudgeParts): Judge {
  return (flow: Flow, found: Classification): Classification => {
    const client = flow.clientAddress
    if (found.protocol === 'dns') hints?.learn(client, found.metadata, flow.lastUs)
    const known = memory?.completed(flow, found) ?? found
    const base = factsOf(flow, known, keeper.rules, networks)
    const names = hints?.namesFor(client, flow.serverAddress, flow.lastUs) ?? []
    const verdict = keeper.judge(base, names)
    memory?.keep(flow, verdict)
    return verdict
  }
}
