import type { Classification, Evidence, Metadata } from '../model/classification.ts'
import type { Flow } from './flow.ts'
import { reportOf } from './report.ts'
import { risks } from './risks.ts'
import type { Risk } from './risks.ts'

/**
 * Why a flow was named as it was, for people: the verdict, what it rests on, and what lost.
 *
 * @param found its verdict as it may be shown
 */
export function explanationOf(flow: Flow, found = flow.classification): string {
  const { l4, a, b } = reportOf(flow)
  if (found === undefined) return `${l4} ${a} ${b}: not classified yet\n`
  const packets = `${flow.clientPackets} packets of the client, ${flow.serverPackets} of the server`
  return [
    `${l4} ${a} ${b} (${packets})`,
    `  ${verdictLine(found)}`,
    ...found.evidence.map(evidenceLine),
    ...metadataLines(found.metadata),
    ...found.risks.map((risk) => `  risk ${risk}: ${risks[risk as Risk]}`),
    '',
  ].join('\n')
}

function verdictLine({ protocol, application, confidence }: Classification): string {
  if (protocol === 'unknown' && application === undefined)
    return 'unknown: nothing recognised what was said'
  const serves = application === undefined ? '' : `, application ${application}`
  return `${protocol}${serves}, confidence ${confidence} of 100`
}

function evidenceLine(evidence: Evidence): string {
  const { source, packet, speaksFor, confidence, what, lostTo } = evidence
  const end = lostTo === undefined ? '' : `; lost to ${lostTo}`
  return `  packet ${packet}, ${source}: ${what} -> ${speaksFor} (${confidence})${end}`
}

/** Escaped as JSON, so that nothing from the wire can drive a terminal. */
function metadataLines(metadata: Metadata): string[] {
  return Object.entries(metadata).map(([name, value]) => `  ${name} ${JSON.stringify(value)}`)
}
