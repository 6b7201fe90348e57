import type { Classification, Evidence, EvidenceSource } from '../../model/classification.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { ApplicationRules } from './application-rules.ts'
import { formatPlace, ruleConfidence } from './rules.ts'
import type { RuleHit } from './rules.ts'

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
  const packet = base.evidence.find(({ lostTo }) => lostTo === undefined)?.packet ?? 1
  const found = [
    byPayload(base, packet, rules),
    byHost(base, packet, rules),
    byCertificate(base, packet, rules),
    byDns(dnsNames, rules),
    byAddress(base, rules),
  ].filter((item) => item !== undefined)
  const winner = found.find(({ lostTo }) => lostTo === undefined)
  const dnsHostname = dnsNames[0]
  const metadata = dnsHostname === undefined ? base.metadata : { ...base.metadata, dnsHostname }
  const application = winner?.speaksFor
  const applicationCategory =
    application === undefined ? undefined : rules.application(application)?.category
  // Of most flows nothing was learnt: they are not copied.
  const isSame =
    metadata === base.metadata &&
    application === base.application &&
    applicationCategory === base.applicationCategory
  const named = isSame ? base : { ...base, metadata, application, applicationCategory }
  const soft = rules.bySoftRule(named)
  const evidence = found.map((item) => loses(item, soft?.application ?? application))
  const plain = { metadata, risks: base.risks }
  if (soft === undefined) {
    return {
      ...plain,
      protocol: base.protocol,
      application,
      confidence: fused(base, winner?.confidence),
      evidence: evidence.length === 0 ? base.evidence : [...base.evidence, ...evidence],
    }
  }
  const confidence = sure('soft-rule')
  const protocol = soft.protocol ?? base.protocol
  const what = `${soft.rule} (${formatPlace(soft.place)})`
  const speaksFor = soft.application ?? protocol
  const own: Evidence = { source: 'soft-rule', packet, speaksFor, confidence, what }
  return {
    ...plain,
    protocol,
    application: soft.application ?? application,
    confidence: soft.protocol === undefined ? fused(base, confidence) : confidence,
    evidence: [
      ...base.evidence.map((item) =>
        soft.protocol === undefined ? item : loses(item, soft.protocol)
      ),
      own,
      ...evidence,
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

function evidenceOf(
  source: EvidenceSource,
  packet: number,
  hit: RuleHit,
  subject: string,
  lostTo?: string
): Evidence {
  const what = `${subject} meets ${hit.rule} (${formatPlace(hit.place)})`
  const speaksFor = hit.application
  const finding = { source, packet, speaksFor, confidence: sure(source), what }
  return lostTo === undefined ? finding : { ...finding, lostTo }
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

function byDns(names: readonly string[], rules: ApplicationRules): Evidence | undefined {
  if (names.length === 0) return undefined
  const hit = agreed(names, rules)
  if (hit === undefined) return undefined
  return evidenceOf('dns-hint', 1, hit, `${names[0] ?? ''}, asked before,`)
}

/** Resolvers answer about everybody: their address names them and not what is asked. */
function byAddress(base: ClassifiedFlow, rules: ApplicationRules): Evidence | undefined {
  const hit = rules.byAddress(...base.other.address)
  if (hit === undefined) return undefined
  const lostTo = hit.isShared ? 'nothing: many services share it' : undefined
  return evidenceOf('address-rule', 1, hit, 'far address', lostTo)
}
