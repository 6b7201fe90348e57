import { createHash } from 'node:crypto'
import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import { unweighed, weigh } from '../../classifier/applications/weigh.ts'
import { explanationOf } from '../../classifier/explain.ts'
import type { ClassifierEvents } from '../../classifier/classifier.ts'
import { FlowFacts, factsOf } from '../../classifier/facts.ts'
import { flowMatcher } from '../../classifier/flow-ends.ts'
import type { Flow } from '../../classifier/flow.ts'
import type { LocalNetworks } from '../../classifier/local-networks.ts'
import type { Rates } from '../../exporter/stream/counters.ts'
import type { StreamHub } from '../../exporter/stream/hub.ts'
import type { LinkWatch } from './link-watch.ts'
import { linkView } from './link-view.ts'
import { undecided } from '../../model/classification.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'
import type { Veil } from './personal.ts'

/** A flow that was classified, and what was told of it so far. */
export interface SeenFlow {
  readonly flow: Flow
  readonly detectionPackets: number
  /** Made when somebody is told of the flow. */
  digest: string | undefined
  clientOctets: number
  clientPackets: number
  serverOctets: number
  serverPackets: number
  lastUs: number
}

/** Who looks on in this program. */
export interface Onlooker {
  /** @param facts of the flow, as they are now */
  seen(flow: SeenFlow, facts: FlowFacts): void
}

/** Flows that one question is answered about. */
const maxExplained = 20

/**
 * Turns what the classifier says of flows into what the stream tells of them. Views are made for
 * readers alone: while nobody reads, a flow costs no more than its place here.
 */
export class FlowFeed implements ClassifierEvents {
  /** Where the stream is read; set once it is open. */
  hub: StreamHub | undefined
  /** Told of each flow that was classified. */
  onlooker: Onlooker | undefined
  expired = 0
  private readonly flows = new Map<Flow, SeenFlow>()
  private readonly rules: () => ApplicationRules
  private readonly networks: LocalNetworks

  private readonly veil: Veil
  private readonly links: LinkWatch | undefined

  /**
   * @param veil hides what tells about persons from who reads the stream
   * @param links what interfaces show of flows; left out: nobody counts that
   */
  constructor(
    rules: () => ApplicationRules,
    networks: LocalNetworks,
    veil: Veil,
    links?: LinkWatch
  ) {
    this.veil = veil
    this.links = links
    this.rules = rules
    this.networks = networks
  }

  get size(): number {
    return this.flows.size
  }

  /** The stream, while somebody reads it. */
  private get readHub(): StreamHub | undefined {
    return this.hub === undefined || this.hub.size === 0 ? undefined : this.hub
  }

  readonly decided = (flow: Flow): void => {
    const seen: SeenFlow = {
      flow,
      detectionPackets: flow.packets,
      digest: undefined,
      clientOctets: flow.clientOctets,
      clientPackets: flow.clientPackets,
      serverOctets: flow.serverOctets,
      serverPackets: flow.serverPackets,
      lastUs: flow.lastUs,
    }
    this.flows.set(flow, seen)
    this.readHub?.opened(this.viewOf(seen))
    if (this.onlooker === undefined) return
    const found = this.veil(flow.classification ?? undecided)
    const sources = { rules: this.rules(), networks: this.networks }
    const { clientAddress: client, serverAddress: server } = flow
    const facts = new FlowFacts(flow, found, sources, client, server)
    this.noteEndpoint(flow, facts)
    this.onlooker.seen(seen, facts)
  }

  /** Who is inside, and behind which Ethernet address. */
  private noteEndpoint(flow: Flow, { isServerLocal, local }: FlowFacts): void {
    const sight = this.links?.of(flow)
    if (sight === undefined || !this.networks.holds(local.address)) return
    const mac = isServerLocal ? sight.serverMac : sight.clientMac
    this.links?.endpoint({ ...local, mac })
  }

  readonly ended = (flow: Flow): void => {
    const seen = this.flows.get(flow)
    if (seen !== undefined) {
      this.flows.delete(flow)
      this.expired++
      this.readHub?.ended(this.viewOf(seen), flow.isFinished ? 'closed' : 'expired')
    }
    this.links?.forget(flow)
  }

  /** Tells the counters of every flow on which something passed since the last time. */
  tick(): void {
    const hub = this.readHub
    if (hub === undefined) return
    for (const [flow, seen] of this.flows) {
      if (!(flow.lastUs > seen.lastUs)) continue
      const view = this.viewOf(seen)
      hub.counted(view, ratesOf(seen, view))
      note(seen)
    }
  }

  /** Asks rules that have changed about every open flow, and tells what is another one now. */
  renameAll(): void {
    for (const [flow, seen] of this.flows) {
      const found = flow.classification
      if (found === undefined) continue
      const base = unweighed(found)
      const { dnsHostname } = found.metadata
      const names = dnsHostname === undefined ? [] : [dnsHostname]
      const facts = factsOf(flow, base, this.rules(), this.networks)
      const verdict = weigh(facts, names, this.rules())
      if (verdict.application === found.application) continue
      flow.classification = verdict
      this.readHub?.changed(this.viewOf(seen))
    }
  }

  /** Every open flow that is classified. */
  *established(): Iterable<StreamedFlow> {
    for (const seen of this.flows.values()) yield this.viewOf(seen)
  }

  /**
   * What the verdicts of flows rest on: of those that are open and, behind them, others.
   *
   * @throws FlowledgerError where the text names no flow
   */
  explain(text: string, others: readonly SeenFlow[]): string[] {
    const matches = flowMatcher(text)
    const found = new Set<Flow>()
    const look = (flow: Flow): boolean => {
      if (matches(flow)) found.add(flow)
      return found.size >= maxExplained
    }
    for (const flow of this.flows.keys()) if (look(flow)) break
    for (const { flow } of others) if (look(flow)) break
    return [...found].map((flow) =>
      explanationOf(
        flow,
        flow.classification === undefined ? undefined : this.veil(flow.classification)
      )
    )
  }

  /** A flow as it is now. */
  viewOf(seen: SeenFlow): StreamedFlow {
    const { flow, detectionPackets } = seen
    const digest = (seen.digest ??= digestOf(flow))
    const found = this.veil(flow.classification ?? undecided)
    const facts = factsOf(flow, found, this.rules(), this.networks)
    const client = { octets: flow.clientOctets, packets: flow.clientPackets }
    const server = { octets: flow.serverOctets, packets: flow.serverPackets }
    const isClientLocal = facts.origin === 'local'
    return {
      ...facts,
      ...(this.links === undefined ? {} : linkView(this.links, flow, facts, this.networks)),
      digest,
      detectionPackets,
      firstUs: flow.firstUs,
      lastUs: flow.lastUs,
      fromLocal: isClientLocal ? client : server,
      fromOther: isClientLocal ? server : client,
    }
  }
}

/** Its counters have been told. */
function note(seen: SeenFlow): void {
  const { flow } = seen
  seen.clientOctets = flow.clientOctets
  seen.clientPackets = flow.clientPackets
  seen.serverOctets = flow.serverOctets
  seen.serverPackets = flow.serverPackets
  seen.lastUs = flow.lastUs
}

/** What passed since counters were told. */
function ratesOf(seen: SeenFlow, { origin }: StreamedFlow): Rates {
  const { flow } = seen
  const client = {
    octets: flow.clientOctets - seen.clientOctets,
    packets: flow.clientPackets - seen.clientPackets,
  }
  const server = {
    octets: flow.serverOctets - seen.serverOctets,
    packets: flow.serverPackets - seen.serverPackets,
  }
  const [local, other] = origin === 'local' ? [client, server] : [server, client]
  return {
    localOctets: local.octets,
    localPackets: local.packets,
    otherOctets: other.octets,
    otherPackets: other.packets,
    seconds: Math.max(1, (flow.lastUs - seen.lastUs) / 1e6),
  }
}

function digestOf({ clientText, serverText, protocol, vlans, firstUs }: Flow): string {
  const text = `${clientText} ${serverText} ${protocol} ${vlans} ${firstUs}`
  return createHash('sha1').update(text).digest('hex')
}
