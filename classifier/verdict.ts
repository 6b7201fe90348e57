import type { Classification, Evidence, EvidenceSource, Metadata } from '../model/classification.ts'
import { ipProtocol } from '../model/packet.ts'
import type { Found } from './conversation.ts'
import type { Flow } from './flow.ts'
import { ipProtocols } from './ip-protocols.ts'
import { portsOf } from './port-names.ts'
import type { Protocol } from './protocols/protocol.ts'
import type { Risk } from './risks.ts'

const nothing: Metadata = Object.freeze({})
const noRisks: readonly Risk[] = []

/** How sure a port alone makes. */
const portConfidence = 20

/** Weighs what was found of a flow, and says what it is. */
export function verdictOf(flow: Flow, protocols: readonly Protocol[]): Classification {
  const found = flow.conversation?.found
  const best = found === undefined ? undefined : surest(found)
  if (found === undefined || best === undefined) return withoutPayload(flow, protocols)
  const { match } = best
  const protocol = nameOf(best, protocols)
  const evidence: Evidence[] = []
  for (const item of found) {
    evidence.push(evidenceOf(item, protocols, item === best ? undefined : protocol))
  }
  return {
    protocol,
    application: match.application,
    confidence: match.confidence,
    metadata: match.metadata ?? nothing,
    risks: match.risks ?? noRisks,
    evidence,
  }
}

/** A power of two. */
const slots = 4096
/** Findings made lately: most flows of a protocol are recognised by the same. */
const recent = Array.from({ length: slots }, (): Evidence | undefined => undefined)

/** @param lostTo what won over it; undefined of the winner */
function evidenceOf(
  item: Found,
  protocols: readonly Protocol[],
  lostTo: string | undefined
): Evidence {
  const { packet, match } = item
  const { confidence, evidence: what } = match
  const speaksFor = nameOf(item, protocols)
  const slot = (item.index * 16 + (packet & 15)) & (slots - 1)
  const known = recent[slot]
  if (
    known?.packet === packet &&
    known.what === what &&
    known.confidence === confidence &&
    known.speaksFor === speaksFor &&
    known.lostTo === lostTo
  ) {
    return known
  }
  const finding = { source: 'payload', packet, speaksFor, confidence, what } as const
  const made = lostTo === undefined ? finding : { ...finding, lostTo }
  recent[slot] = made
  return made
}

function nameOf(found: Found, protocols: readonly Protocol[]): string {
  return found.match.protocol ?? protocols[found.index]?.name ?? 'unknown'
}

/** Among equals the first. */
function surest(found: readonly Found[]): Found | undefined {
  let best = found[0]
  for (const item of found) {
    if (best !== undefined && item.match.confidence > best.match.confidence) best = item
  }
  return best
}

/** Of a flow of which nothing is known; one for all of them. */
const unknown: Classification = Object.freeze({
  protocol: 'unknown',
  application: undefined,
  confidence: 0,
  metadata: nothing,
  risks: noRisks,
  evidence: [],
})

/** The verdict where no payload told anything: the IP protocol, or a guess by the port. */
function withoutPayload(flow: Flow, protocols: readonly Protocol[]): Classification {
  const { protocol, transport, serverPort, clientPort } = flow
  const known = ipProtocols.get(protocol)
  if (known !== undefined) {
    return alone('ip-protocol', known[0], 100, protocol, () => `IP protocol ${protocol}`)
  }
  // A port is asked only where no payload came: with payload, the protocol of that port has seen it
  // and refused.
  const hasPorts = protocol === ipProtocol.tcp || protocol === ipProtocol.udp
  if (!hasPorts || flow.conversation !== undefined) return unknown
  const names = portsOf(protocols, transport)
  const port = names.has(serverPort) ? serverPort : clientPort
  const name = names.get(port)
  if (name === undefined) return unknown
  const number = (protocol << 16) | port
  const what = (): string => `port ${port}/${transport}, no payload seen`
  return alone('port', name, portConfidence, number, what)
}

/** Verdicts that rest on a number alone: some hundreds, which most flows of scans get. */
const byNumber = new Map<number, Classification>()

function alone(
  source: EvidenceSource,
  protocol: string,
  confidence: number,
  number: number,
  what: () => string
): Classification {
  const known = byNumber.get(number)
  if (known?.protocol === protocol) return known
  const evidence = [{ source, packet: 1, speaksFor: protocol, confidence, what: what() }]
  const made = {
    protocol,
    application: undefined,
    confidence,
    metadata: nothing,
    risks: noRisks,
    evidence,
  }
  byNumber.set(number, made)
  return made
}
