import { undecided } from '../model/classification.ts'
import type { Classification, Evidence } from '../model/classification.ts'
import { formatProtocol } from '../model/protocol.ts'
import type { Flow } from './flow.ts'

/** A classified flow as people and programs are told of it. */
export interface FlowReport {
  /** Transport in upper case; the number of one without a name. */
  readonly l4: string
  /** `ip:port`, IPv6 in brackets: who sent the first packet that was seen, and the other. */
  readonly a: string
  readonly b: string
  readonly protocol: string
  readonly application: string | null
  readonly hostname: string | null
  readonly ja3: string | null
  readonly ja4: string | null
  readonly confidence: number
  readonly evidence: readonly Record<string, unknown>[]
}

const transports: (string | undefined)[] = []

/** Transport in upper case; the number of one without a name. */
function transportName(protocol: number): string {
  return (transports[protocol] ??= formatProtocol(protocol).toUpperCase())
}

/** What `flowledger classify` says of a flow; it must be classified. */
export function reportOf(flow: Flow): FlowReport {
  const { clientText, serverText, isReversed, classification: found } = flow
  const [a, b] = isReversed ? [serverText, clientText] : [clientText, serverText]
  return {
    l4: transportName(flow.protocol),
    a,
    b,
    protocol: found?.protocol ?? 'unknown',
    application: found?.application ?? null,
    hostname: found?.metadata.hostname ?? null,
    ja3: found?.metadata.ja3 ?? null,
    ja4: found?.metadata.ja4 ?? null,
    confidence: found?.confidence ?? 0,
    evidence: (found?.evidence ?? []).map(evidenceJson),
  }
}

/** Letters that JSON takes as they are. */
const plain = /^[ !#-[\]-~]*$/

/** A power of two. */
const slots = 1024
/** Texts that were put between quotes lately, and what came of it: most come again and again. */
const texts: string[] = Array.from({ length: slots }, () => '')
const results: string[] = Array.from({ length: slots }, () => '""')

/** Where a text that was seen lately stands, by its length and two of its letters. */
function slotOf(text: string): number {
  const { length } = text
  const ends = length === 0 ? 0 : text.charCodeAt(length >> 1) * 31 + text.charCodeAt(length - 1)
  return (length * 37 + ends) & (slots - 1)
}

function quoted(text: string): string {
  const slot = slotOf(text)
  if (texts[slot] === text) return results[slot] as string
  const result = plain.test(text) ? `"${text}"` : JSON.stringify(text)
  texts[slot] = text
  results[slot] = result
  return result
}

const orNull = (text: string | undefined): string => (text === undefined ? 'null' : quoted(text))

/**
 * {@link reportOf} as a line of JSON without its end, put together by hand: a capture has a hundred
 * thousand of them.
 *
 * @param more further members, each with a comma before it
 */
export function reportLine(flow: Flow, more = ''): string {
  const { clientText, serverText, isReversed, classification = undecided } = flow
  const [a, b] = isReversed ? [serverText, clientText] : [clientText, serverText]
  const said = classificationLine(classification)
  return `{"l4":"${transportName(flow.protocol)}","a":"${a}","b":"${b}"${said}${more}}`
}

/** Verdicts and findings told lately, which many flows share, and what was said of them. */
const verdicts: (Classification | undefined)[] = Array.from({ length: slots }, () => undefined)
const verdictLines: string[] = Array.from({ length: slots }, () => '')
const findings: (Evidence | undefined)[] = Array.from({ length: slots }, () => undefined)
const findingLines: string[] = Array.from({ length: slots }, () => '')

function classificationLine(found: Classification): string {
  const { protocol, application, metadata, confidence, evidence } = found
  const slot = slotOf(protocol)
  if (verdicts[slot] === found) return verdictLines[slot] as string
  let findingsLine = ''
  for (let i = 0; i < evidence.length; i++) {
    findingsLine += (i === 0 ? '' : ',') + evidenceLine(evidence[i] as Evidence)
  }
  const line =
    `,"protocol":${quoted(protocol)},"application":${orNull(application)}` +
    `,"hostname":${orNull(metadata.hostname)},"ja3":${orNull(metadata.ja3)}` +
    `,"ja4":${orNull(metadata.ja4)},"confidence":${confidence},"evidence":[${findingsLine}]`
  verdicts[slot] = found
  verdictLines[slot] = line
  return line
}

function evidenceLine(finding: Evidence): string {
  const { source, packet, confidence, what, speaksFor, lostTo } = finding
  const slot = slotOf(what)
  if (findings[slot] === finding) return findingLines[slot] as string
  const lost = lostTo === undefined ? '' : `,"lost_to":${quoted(lostTo)}`
  const line =
    `{"source":"${source}","packet":${packet},"confidence":${confidence}` +
    `,"what":${quoted(what)},"speaks_for":${quoted(speaksFor)}${lost}}`
  findings[slot] = finding
  findingLines[slot] = line
  return line
}

function evidenceJson(evidence: Evidence): Record<string, unknown> {
  const { source, packet, confidence, what, speaksFor, lostTo } = evidence
  const json = { source, packet, confidence, what, speaks_for: speaksFor }
  return lostTo === undefined ? json : { ...json, lost_to: lostTo }
}
