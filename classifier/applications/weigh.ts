import type {
  Classification,
  Evidence,
  EvidenceSource,
  Metadata,
} from '../../model/classification.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { ApplicationRules } from './application-rules.ts'
import { FlowFacts } from '../facts.ts'
import { formatPlace, ruleConfidence } from './rules.ts'
import type { RuleHit, SoftHit } from './rules.ts'

/** What a rule may say at most of each kind of evidence. */
const sure = (source: EvidenceSource): number => ruleConfidence[source] ?? 0

/**
 * Names the application of a flow whose protocol is known: asks the rules for all that there is to
 * ask, and lets the weightiest that answered decide. What says the same supports it; what says
 * something else is kept with what it lost to.
 *
 * @param base the flow as the packets alone show it
 * @param dnsNames names that led the client there, the latest first
 */
export function weigh(
  base: ClassifiedFlow,
  dnsNames: readonly string[],
  rules: ApplicationRules
): Classification {
  const packet = packetOf(base)
  const found: Evidence[] = []
  add(found, byPayload(base, packet, rules))
  add(found, byHost(base, packet, rules))
  add(found, byCertificate(base, packet, rules))
  add(found, byDns(base, dnsNames, rules))
  add(found, byAddress(base, rules))
  const winner = winnerOf(found)
  const dnsHostname = dnsNames[0]
  const metadata = dnsHostname === undefined ? base.metadata : { ...base.metadata, dnsHostname }
  const application = winner?.speaksFor
  const soft = rules.hasSoftRules
    ? rules.bySoftRule(withNames(base, metadata, application, rules))
    : undefined
  const served = soft?.application ?? application
  for (let i = 0; i < found.length; i++) found[i] = loses(found[i] as Evidence, served)
  if (soft !== undefined) return bySoft(base, soft, metadata, application, packet, found)
  if (base instanceof FlowFacts && found.length === 0) {
    const { before } = base
    // Of most flows rules say nothing: what was found stands as it is.
    if (metadata === before.metadata && application === before.application) return before
  }
  return {
    protocol: base.protocol,
    application,
    confidence: fused(base, winner?.confidence),
    metadata,
    risks: base.risks,
    evidence: found.length === 0 ? base.evidence : [...base.evidence, ...found],
  }
}

/** The packet after which the protocol was found. */
function packetOf({ evidence }: ClassifiedFlow): number {
  return winnerOf(evidence)?.packet ?? 1
}

function winnerOf(found: readonly Evidence[]): Evidence | undefined {
  for (let i = 0; i < found.length; i++) if (found[i]?.lostTo === undefined) return found[i]
  return undefined
}

function add(found: Evidence[], item: Evidence | undefined): void {
  if (item !== undefined) found.push(item)
}

/** The flow with what the other rules found, as expressions see it. */
function withNames(
  base: ClassifiedFlow,
  metadata: Metadata,
  application: string | undefined,
  rules: ApplicationRules
): ClassifiedFlow {
  if (base instanceof FlowFacts) return base.named({ metadata, application }, rules)
  const applicationCategory =
    application === undefined ? undefined : rules.application(application)?.category
  return { ...base, metadata, application, applicationCategory }
}

function bySoft(
  base: ClassifiedFlow,
  soft: SoftHit,
  metadata: Metadata,
  application: string | undefined,
  packet: number,
  others: readonly Evidence[]
): Classification {
  const confidence = sure('soft-rule')
  const protocol = soft.protocol ?? base.protocol
  const what = `${soft.rule} (${formatPlace(soft.place)})`
  const speaksFor = soft.application ?? protocol
  const own: Evidence = { source: 'soft-rule', packet, speaksFor, confidence, what }
  return {
    protocol,
    application: soft.application ?? application,
    confidence: soft.protocol === undefined ? fused(base, confidence) : confidence,
    metadata,
    risks: base.risks,
    evidence: [
      ...base.evidence.map((item) =>
        soft.protocol === undefined ? item : loses(item, soft.protocol)
      ),
      own,
      ...others,
    ],
  }
}

/** Why the bytes themselves name an application. */
const betrayed = 'its bytes betray it'
/** Why a protocol names an application, before the protocol's name. */
const onlySpoken = 'the only one that speaks '

/** What was known of a flow before rules were asked, from what they made of it. */
export function unweighed(found: Classification): Classification {
  const isOwn = ({ source, speaksFor }: Evidence): boolean =>
    ['payload', 'ip-protocol', 'port'].includes(source) ||
    (source === 'expectation' && speaksFor === found.protocol)
  const named = found.evidence.find(({ what }) => what === betrayed)
  return {
    ...found,
    application: named?.speaksFor,
    confidence: Math.max(0, ...found.evidence.filter(isOwn).map((item) => item.confidence)),
    evidence: found.evidence.filter(
      (item) => isOwn(item) && item !== named && !item.what.startsWith(onlySpoken)
    ),
  }
}

/** Protocol and application together are as sure as the less sure of them. */
function fused({ protocol, confidence }: ClassifiedFlow, application: number | undefined): number {
  if (application === undefined) return confidence
  return protocol === 'unknown' ? application : Math.min(confidence, application)
}

function loses(item: Evidence, winner: string | undefined): Evidence {
  if (item.lostTo !== undefined || winner === undefined || item.speaksFor === winner) return item
  return { ...item, lostTo: winner }
}

/** A finding by a rule; the one made of it last is given again where it is the same. */
function evidenceOf(
  source: EvidenceSource,
  packet: number,
  hit: RuleHit,
  subject: string,
  lostTo?: string
): Evidence {
  const { said } = hit
  if (said?.subject === subject && said.packet === packet && said.lostTo === lostTo) {
    if (said.source === source) return said.evidence
  }
  const what = `${subject} meets ${hit.rule} (${formatPlace(hit.place)})`
  const speaksFor = hit.application
  const finding = { source, packet, speaksFor, confidence: sure(source), what }
  const evidence = lostTo === undefined ? finding : { ...finding, lostTo }
  hit.said = { source, packet, subject, lostTo, evidence }
  return evidence
}

/** What the bytes betrayed, and protocols that only one service speaks, by its own name. */
function byPayload(
  base: ClassifiedFlow,
  packet: number,
  rules: ApplicationRules
): Evidence | undefined {
  const { application, protocol, confidence } = base
  const isTwin = rules.application(protocol) !== undefined
  const speaksFor = application ?? (isTwin ? protocol : undefined)
  if (speaksFor === undefined || confidence < 30) return undefined
  const what = application === undefined ? `${onlySpoken}${protocol}` : betrayed
  return { source: 'payload', packet, speaksFor, confidence, what }
}

function byHost(
  base: ClassifiedFlow,
  packet: number,
  rules: ApplicationRules
): Evidence | undefined {
  const { hostname, sniKind } = base.metadata
  if (hostname === undefined) return undefined
  const hit = rules.byHost(hostname)
  if (hit === undefined) return undefined
  // The outer name of an encrypted hello is that of who hides the true one.
  const lostTo = sniKind === 'outer' ? 'the name within the encrypted hello' : undefined
  return evidenceOf('host-rule', packet, hit, hostname, lostTo)
}

/** Where all names that rules know lead to one application. */
function agreed(names: readonly string[], rules: ApplicationRules): RuleHit | undefined {
  const hits = names.flatMap((name) => rules.byHost(name) ?? [])
  const [first] = hits
  return hits.every(({ application }) => application === first?.application) ? first : undefined
}

const bare = (name: string): string => (name.startsWith('*.') ? name.slice(2) : name)

function byCertificate(
  base: ClassifiedFlow,
  packet: number,
  rules: ApplicationRules
): Evidence | undefined {
  const names = base.metadata.certificateNames?.slice(0, 32).map(bare)
  const hit = names === undefined ? undefined : agreed(names, rules)
  if (hit === undefined) return undefined
  return evidenceOf('certificate-rule', packet, hit, 'certificate')
}

/**
 * Names that led the client to the address. Behind one address there are many services: where the
 * client says which it wants, what it had asked for others says nothing.
 */
function byDns(
  base: ClassifiedFlow,
  names: readonly string[],
  rules: ApplicationRules
): Evidence | undefined {
  if (names.length === 0) return undefined
  const { hostname, sniKind } = base.metadata
  const says = sniKind === 'real' || base.protocol === 'http' ? hostname : undefined
  const hit = agreed(says !== undefined && names.includes(says) ? [says] : names, rules)
  if (hit === undefined) return undefined
  const lostTo = says === undefined || names.includes(says) ? undefined : says
  return evidenceOf('dns-hint', 1, hit, `${names[0] ?? ''}, asked before,`, lostTo)
}

/** Resolvers answer about everybody: their address names them and not what is asked. */
function byAddress(base: ClassifiedFlow, rules: ApplicationRules): Evidence | undefined {
  const [w0, w1, w2, w3] = base instanceof FlowFacts ? base.otherAddress : base.other.address
  const hit = rules.byAddress(w0, w1, w2, w3)
  if (hit === undefined) return undefined
  const lostTo = hit.isShared ? 'nothing: many services share it' : undefined
  return evidenceOf('address-rule', 1, hit, 'far address', lostTo)
}
