import type { Classification, Evidence } from '../model/classification.ts'
import { ipProtocol } from '../model/packet.ts'
import type { Found } from './conversation.ts'
import type { Flow } from './flow.ts'
import { ipProtocols } from './ip-protocols.ts'
import { portsOf } from './port-names.ts'
import type { Protocol } from './protocols/protocol.ts'

/** How sure a port alone makes. */
const portConfidence = 20

/** Weighs what was found of a flow, and says what it is. */
export function verdictOf(flow: Flow, protocols: readonly Protocol[]): Classification {
  const found = flow.conversation?.found
  if (found === undefined || found.length === 0) return withoutPayload(flow, protocols)
  const best = surest(found)
  const { match } = best
  const protocol = nameOf(best, protocols)
  const evidence = found.map((item): Evidence => {
    const isBest = item === best
    return {
      source: 'payload',
      packet: item.packet,
      speaksFor: nameOf(item, protocols),
      confidence: item.match.confidence,
      what: item.match.evidence,
      ...(isBest ? {} : { lostTo: protocol }),
    }
  })
  return {
    protocol,
    application: match.application,
    confidence: match.confidence,
    metadata: match.metadata ?? {},
    risks: match.risks ?? [],
    evidence,
  }
}

function nameOf(found: Found, protocols: readonly Protocol[]): string {
  return found.match.protocol ?? protocols[found.index]?.name ?? 'unknown'
}

function surest(found: readonly Found[]): Found {
  return found.reduce((best, item) => (item.match.confidence > best.match.confidence ? item : best))
}

/** The verdict where no payload told anything: the IP protocol, or a guess by the port. */
function withoutPayload(flow: Flow, protocols: readonly Protocol[]): Classification {
  const empty = { application: undefined, metadata: {}, risks: [] }
  const byNumber = ipProtocols.get(flow.protocol)
  if (byNumber !== undefined) {
    const [protocol] = byNumber
    const what = `IP protocol ${flow.protocol}`
    return {
      ...empty,
      protocol,
      confidence: 100,
      evidence: [{ source: 'ip-protocol', packet: 1, speaksFor: protocol, confidence: 100, what }],
    }
  }
  const guess = flow.conversation === undefined ? guessByPort(flow, protocols) : undefined
  if (guess === undefined) {
    return { ...empty, protocol: 'unknown', confidence: 0, evidence: [] }
  }
  return {
    ...empty,
    protocol: guess.speaksFor,
    confidence: guess.confidence,
    evidence: [guess],
  }
}

/**
 * A port is asked only where no payload came: with payload, the protocol of that port has seen it
 * and refused.
 */
function guessByPort(flow: Flow, protocols: readonly Protocol[]): Evidence | undefined {
  if (flow.protocol !== ipProtocol.tcp && flow.protocol !== ipProtocol.udp) return undefined
  for (const port of [flow.serverPort, flow.clientPort]) {
    const speaksFor = portsOf(protocols, flow.transport).get(port)
    if (speaksFor !== undefined) {
      const what = `port ${port}/${flow.transport}, no payload seen`
      return { source: 'port', packet: 1, speaksFor, confidence: portConfidence, what }
    }
  }
  return undefined
}
