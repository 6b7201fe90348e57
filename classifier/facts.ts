import type { Classification } from '../model/classification.ts'
import type { ClassifiedFlow, FlowEnd } from '../model/classified-flow.ts'
import type { ApplicationRules } from './applications/application-rules.ts'
import { protocolCategory } from './applications/names.ts'
import type { Flow } from './flow.ts'
import type { LocalNetworks } from './local-networks.ts'

/**
 * A flow as rules, policy and the stream see it.
 *
 * @param found what is known of it so far; rules see it before it is final
 */
export function factsOf(
  flow: Flow,
  found: Classification,
  rules: ApplicationRules,
  networks: LocalNetworks
): ClassifiedFlow {
  const client: FlowEnd = { address: flow.clientAddress, port: flow.clientPort }
  const server: FlowEnd = { address: flow.serverAddress, port: flow.serverPort }
  const isServerLocal = networks.holds(server.address) && !networks.holds(client.address)
  const [local, other] = isServerLocal ? [server, client] : [client, server]
  const { application } = found
  return {
    protocol: found.protocol,
    application,
    confidence: found.confidence,
    metadata: found.metadata,
    risks: found.risks,
    evidence: found.evidence,
    ipProtocol: flow.protocol,
    vlan: flow.vlans >>> 12 === 0 ? flow.vlans & 0xfff : flow.vlans >>> 12,
    local,
    other,
    otherType: networks.typeOf(other.address),
    origin: isServerLocal ? 'other' : 'local',
    isTranslated: false,
    mark: 0,
    protocolCategory: protocolCategory(found.protocol),
    applicationCategory:
      application === undefined ? undefined : rules.application(application)?.category,
    atUs: flow.lastUs,
  }
}
