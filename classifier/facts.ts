import type { AddressWords } from '../model/address.ts'
import type { Classification } from '../model/classification.ts'
import type { ClassifiedFlow, FlowEnd } from '../model/classified-flow.ts'
import type { ApplicationRules } from './applications/application-rules.ts'
import { protocolCategory } from './applications/names.ts'
import type { Flow } from './flow.ts'
import type { LocalNetworks } from './local-networks.ts'

/** Where facts about flows come from. */
export interface FactSources {
  readonly rules: ApplicationRules
  readonly networks: LocalNetworks
}

type Named = Pick<Classification, 'metadata' | 'application'>
type Facts<K extends keyof ClassifiedFlow> = ClassifiedFlow[K]

/**
 * A flow as rules see it. They ask for little of most flows, so all is looked up when it is asked
 * for; {@link factsOf} makes a plain view.
 */
export class FlowFacts implements ClassifiedFlow {
  readonly metadata: Facts<'metadata'>
  readonly application: string | undefined
  readonly isServerLocal: boolean
  private readonly flow: Flow
  private readonly found: Classification
  private readonly sources: FactSources
  private readonly clientAddress: AddressWords
  private readonly serverAddress: AddressWords

  /**
   * @param found what is known of it so far; rules see it before it is final
   * @param named facts that the flow was given since
   */
  constructor(
    flow: Flow,
    found: Classification,
    sources: FactSources,
    client: AddressWords,
    server: AddressWords,
    { metadata, application }: Named = found
  ) {
    this.flow = flow
    this.found = found
    this.sources = sources
    this.clientAddress = client
    this.serverAddress = server
    this.metadata = metadata
    this.application = application
    this.isServerLocal = sources.networks.holds(server) && !sources.networks.holds(client)
  }

  /** The same flow with what rules, which need not be those of before, made of it. */
  named(as: Named, rules: ApplicationRules): ClassifiedFlow {
    const { flow, found, clientAddress, serverAddress } = this
    const isHere = rules === this.sources.rules
    if (isHere && as.metadata === this.metadata && as.application === this.application) return this
    const sources = isHere ? this.sources : { rules, networks: this.sources.networks }
    return new FlowFacts(flow, found, sources, clientAddress, serverAddress, as)
  }

  /** What was known before rules were asked. */
  get before(): Classification {
    return this.found
  }

  get protocol(): string {
    return this.found.protocol
  }

  get confidence(): number {
    return this.found.confidence
  }

  get risks(): readonly string[] {
    return this.found.risks
  }

  get evidence(): Facts<'evidence'> {
    return this.found.evidence
  }

  get ipProtocol(): number {
    return this.flow.protocol
  }

  get vlan(): number {
    const { vlans } = this.flow
    return vlans >>> 12 === 0 ? vlans & 0xfff : vlans >>> 12
  }

  get local(): FlowEnd {
    return this.isServerLocal ? this.server : this.client
  }

  get other(): FlowEnd {
    return this.isServerLocal ? this.client : this.server
  }

  /** Address of {@link other}. */
  get otherAddress(): AddressWords {
    return this.isServerLocal ? this.clientAddress : this.serverAddress
  }

  private get client(): FlowEnd {
    return { address: this.clientAddress, port: this.flow.clientPort }
  }

  private get server(): FlowEnd {
    return { address: this.serverAddress, port: this.flow.serverPort }
  }

  get otherType(): Facts<'otherType'> {
    return this.sources.networks.typeOf(this.otherAddress)
  }

  get origin(): Facts<'origin'> {
    return this.isServerLocal ? 'other' : 'local'
  }

  get isTranslated(): boolean {
    return false
  }

  get mark(): number {
    return 0
  }

  get protocolCategory(): string {
    return protocolCategory(this.found.protocol)
  }

  get applicationCategory(): string | undefined {
    const { application } = this
    if (application === undefined) return undefined
    return this.sources.rules.application(application)?.category
  }

  get atUs(): number {
    return this.flow.lastUs
  }
}

/** A flow as policy and the stream see it: a plain view. */
export function factsOf(
  flow: Flow,
  found: Classification,
  rules: ApplicationRules,
  networks: LocalNetworks
): ClassifiedFlow {
  const sources = { rules, networks }
  const facts = new FlowFacts(flow, found, sources, flow.clientAddress, flow.serverAddress)
  return {
    protocol: found.protocol,
    application: found.application,
    confidence: found.confidence,
    metadata: found.metadata,
    risks: found.risks,
    evidence: found.evidence,
    ipProtocol: facts.ipProtocol,
    vlan: facts.vlan,
    local: facts.local,
    other: facts.other,
    otherType: facts.otherType,
    origin: facts.origin,
    isTranslated: facts.isTranslated,
    mark: facts.mark,
    protocolCategory: facts.protocolCategory,
    applicationCategory: facts.applicationCategory,
    atUs: facts.atUs,
  }
}
