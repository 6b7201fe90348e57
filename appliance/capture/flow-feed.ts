import { createHash } from 'node:crypto'
import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import { unweighed, weigh } from '../../classifier/applications/weigh.ts'
import type { ClassifierEvents } from '../../classifier/classifier.ts'
import { factsOf } from '../../classifier/facts.ts'
import type { Flow } from '../../classifier/flow.ts'
import type { LocalNetworks } from '../../classifier/local-networks.ts'
import type { Rates } from '../../exporter/stream/counters.ts'
import type { StreamHub } from '../../exporter/stream/hub.ts'
import type { Classification } from '../../model/classification.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'
import type { Veil } from './personal.ts'

/** What was told of a flow so far. */
interface Told {
  readonly digest: string
  readonly detectionPackets: number
  localOctets: number
  localPackets: number
  otherOctets: number
  otherPackets: number
  lastUs: number
}

const unknown: Classification = {
  protocol: 'unknown',
  application: undefined,
  confidence: 0,
  metadata: {},
  risks: [],
  evidence: [],
}

/** Turns what the classifier says of flows into what the stream tells of them. */
export class FlowFeed implements ClassifierEvents {
  /** Where the stream is read; set once it is open. */
  hub: StreamHub | undefined
  /** Told of each flow that was classified, for who looks on in this program. */
  seen: ((flow: StreamedFlow) => void) | undefined
  expired = 0
  private readonly flows = new Map<Flow, Told>()
  private readonly rules: () => ApplicationRules
  private readonly networks: LocalNetworks

  private readonly veil: Veil

  /** @param veil hides what tells about persons from who reads the stream */
  constructor(rules: () => ApplicationRules, networks: LocalNetworks, veil: Veil) {
    this.veil = veil
    this.rules = rules
    this.networks = networks
  }

  get size(): number {
    return this.flows.size
  }

  readonly decided = (flow: Flow): void => {
    const told: Told = {
      digest: digestOf(flow),
      detectionPackets: flow.packets,
      localOctets: 0,
      localPackets: 0,
      otherOctets: 0,
      otherPackets: 0,
      lastUs: flow.firstUs,
    }
    this.flows.set(flow, told)
    const streamed = this.streamed(flow, told)
    this.hub?.opened(streamed)
    this.seen?.(streamed)
    note(told, streamed)
  }

  readonly ended = (flow: Flow): void => {
    const told = this.flows.get(flow)
    if (told === undefined) return
    this.flows.delete(flow)
    this.expired++
    this.hub?.ended(this.streamed(flow, told), flow.isFinished ? 'closed' : 'expired')
  }

  /** Tells the counters of every flow on which something passed since the last time. */
  tick(): void {
    const { hub } = this
    if (hub === undefined || hub.size === 0) return
    for (const [flow, told] of this.flows) {
      if (!(flow.lastUs > told.lastUs)) continue
      const streamed = this.streamed(flow, told)
      hub.counted(streamed, ratesOf(told, streamed))
      note(told, streamed)
    }
  }

  /** Asks rules that have changed about every open flow, and tells what is another one now. */
  renameAll(): void {
    for (const [flow, told] of this.flows) {
      const found = flow.classification
      if (found === undefined) continue
      const base = unweighed(found)
      const { dnsHostname } = found.metadata
      const names = dnsHostname === undefined ? [] : [dnsHostname]
      const facts = factsOf(flow, base, this.rules(), this.networks)
      const verdict = weigh(facts, names, this.rules())
      if (verdict.application === found.application) continue
      flow.classification = verdict
      this.hub?.changed(this.streamed(flow, told))
    }
  }

  /** Every open flow that is classified. */
  *established(): Iterable<StreamedFlow> {
    for (const [flow, told] of this.flows) yield this.streamed(flow, told)
  }

  private streamed(flow: Flow, { digest, detectionPackets }: Told): StreamedFlow {
    const found = this.veil(flow.classification ?? unknown)
    const facts = factsOf(flow, found, this.rules(), this.networks)
    const client = { octets: flow.clientOctets, packets: flow.clientPackets }
    const server = { octets: flow.serverOctets, packets: flow.serverPackets }
    const isClientLocal = facts.origin === 'local'
    return {
      ...facts,
      digest,
      detectionPackets,
      firstUs: flow.firstUs,
      lastUs: flow.lastUs,
      fromLocal: isClientLocal ? client : server,
      fromOther: isClientLocal ? server : client,
    }
  }
}

function note(told: Told, { fromLocal, fromOther, lastUs }: StreamedFlow): void {
  told.localOctets = fromLocal.octets
  told.localPackets = fromLocal.packets
  told.otherOctets = fromOther.octets
  told.otherPackets = fromOther.packets
  told.lastUs = lastUs
}

function ratesOf(told: Told, { fromLocal, fromOther, lastUs }: StreamedFlow): Rates {
  return {
    localOctets: fromLocal.octets - told.localOctets,
    localPackets: fromLocal.packets - told.localPackets,
    otherOctets: fromOther.octets - told.otherOctets,
    otherPackets: fromOther.packets - told.otherPackets,
    seconds: Math.max(1, (lastUs - told.lastUs) / 1e6),
  }
}

function digestOf({ clientText, serverText, protocol, vlans, firstUs }: Flow): string {
  const text = `${clientText} ${serverText} ${protocol} ${vlans} ${firstUs}`
  return createHash('sha1').update(text).digest('hex')
}
