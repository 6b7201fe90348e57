import { z } from 'zod'
import { formatWords } from '../../model/address.ts'
import { evidenceSources } from '../../model/classification.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'
import { formatProtocol } from '../../model/protocol.ts'
import { formatInstant } from '../../model/time.ts'

/** A connection as it was classified, for who watches. */

const end = z.object({ ip: z.string(), port: z.number().int() })

export const liveFlowSchema = z.object({
  id: z.string().describe('digest of its ends, protocol and start'),
  at: z.string().describe('RFC 3339, UTC: when the verdict was given'),
  inside: end.describe('the end inside our networks; where neither is, who opened it'),
  remote: end,
  transport: z.string(),
  interface: z.string().nullable(),
  protocol: z.string(),
  application: z.string().nullable(),
  hostname: z.string().nullable(),
  confidence: z.number().int().describe('0 to 100'),
  evidence: z.array(
    z.object({
      source: z.enum(evidenceSources),
      speaks_for: z.string(),
      confidence: z.number().int(),
      packet: z.number().int(),
      what: z.string(),
      lost_to: z.string().nullable().describe('null: the verdict rests on it'),
    })
  ),
})

export const livePageSchema = z.object({
  flows: z.array(liveFlowSchema).describe('oldest first'),
  last: z.number().int().describe('to be sent as `after` by who asks on'),
  missed: z.number().int().describe('flows that were forgotten before they could be given'),
})

export type LiveFlowJson = z.infer<typeof liveFlowSchema>
export type LivePageJson = z.infer<typeof livePageSchema>

/** A flow as the API gives it. */
export function liveFlowJson(flow: StreamedFlow): LiveFlowJson {
  const { local, other, metadata } = flow
  return {
    id: flow.digest,
    at: formatInstant(flow.atUs),
    inside: { ip: formatWords(local.address), port: local.port },
    remote: { ip: formatWords(other.address), port: other.port },
    transport: formatProtocol(flow.ipProtocol),
    interface: flow.interface ?? null,
    protocol: flow.protocol,
    application: flow.application ?? null,
    hostname: metadata.hostname ?? metadata.dnsHostname ?? null,
    confidence: Math.round(flow.confidence),
    evidence: flow.evidence.map((one) => ({
      source: one.source,
      speaks_for: one.speaksFor,
      confidence: Math.round(one.confidence),
      packet: one.packet,
      what: one.what,
      lost_to: one.lostTo ?? null,
    })),
  }
}
