import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import { protocolCategory } from '../../classifier/applications/names.ts'
import { LocalNetworks } from '../../classifier/local-networks.ts'
import { parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { Config } from '../../model/config.ts'
import type { Policy } from '../../policy/policy.ts'
import type { JudgedConnection } from '../../store/read-judged.ts'

/** Fields of expressions that the ledger has of a connection that is over. */
const inLedger: ReadonlySet<string> = new Set([
  'app',
  'protocol',
  'category',
  'app_category',
  'proto_category',
  'detected_hostname',
  'ip_protocol',
  'ip_version',
  'ip_nat',
  'other_type',
  'origin',
  'local_ip',
  'other_ip',
  'local_port',
  'other_port',
  'detection_complete',
  'fwmark',
  'time',
  'weekday',
])

/** What an action would have meant. */
export interface PlannedAction {
  readonly action: string
  readonly targets: readonly string[]
  readonly connections: number
  readonly octets: number
  /** Inside addresses among them. */
  readonly hosts: number
  /** Far ends of some of them. */
  readonly examples: readonly string[]
  /** Fields that it asks for and the ledger does not have: then it is not known what it means. */
  readonly unknownFields: readonly string[]
}

const none: AddressWords = [0, 0, 0, 0]
const maxExamples = 3

/** A connection of the ledger, as the policy would have seen it. */
function flowOf(
  row: JudgedConnection,
  rules: ApplicationRules,
  networks: LocalNetworks
): ClassifiedFlow {
  const other = parseAddress(row.remoteIp) ?? none
  const protocol = row.protocolName ?? 'unknown'
  const application = row.application ?? undefined
  return {
    protocol,
    application,
    confidence: 0,
    metadata: row.hostName === null ? {} : { hostname: row.hostName },
    risks: [],
    evidence: [],
    ipProtocol: row.protocol,
    vlan: 0,
    local: { address: parseAddress(row.insideIp) ?? none, port: row.insidePort },
    other: { address: other, port: row.remotePort },
    otherType: networks.typeOf(other),
    origin: row.nat === 'destination' ? 'other' : 'local',
    isTranslated: row.nat !== 'none',
    mark: row.mark,
    protocolCategory: protocolCategory(protocol),
    applicationCategory:
      application === undefined ? undefined : rules.application(application)?.category,
    atUs: row.startUs,
  }
}

/** What each action of a policy would have meant of these connections. */
export function planOf(
  policy: Policy,
  rows: readonly JudgedConnection[],
  rules: ApplicationRules,
  networksOf: Config['networks']
): readonly PlannedAction[] {
  const networks = new LocalNetworks(networksOf?.inside)
  const found = policy.actions.map((action) => ({
    action,
    connections: 0,
    octets: 0,
    hosts: new Set<string>(),
    examples: new Set<string>(),
  }))
  for (const row of rows) {
    const flow = flowOf(row, rules, networks)
    if (policy.isExempt(flow)) continue
    for (const one of found) {
      if (!one.action.matches(flow)) continue
      one.connections++
      one.octets += row.octets
      one.hosts.add(row.insideIp)
      const host = row.hostName ?? row.remoteIp
      if (one.examples.size < maxExamples) one.examples.add(`${host}:${row.remotePort}`)
      if (one.action.halts) break
    }
  }
  return found.map(({ action, connections, octets, hosts, examples }) => ({
    action: action.name,
    targets: action.targets,
    connections,
    octets,
    hosts: hosts.size,
    examples: [...examples],
    unknownFields: [...action.fields].filter((field) => !inLedger.has(field)),
  }))
}
