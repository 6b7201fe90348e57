import { z } from 'zod'
import type { ExporterDetail, ExporterHealth } from '../model/exporter-health.ts'
import { natEventDialects } from '../model/netflow-settings.ts'

/**
 * How the look-up API in another process asks the collector for its exporters: over the same unix
 * socket as for open flows, one line of JSON each way and connection. Octets travel as base64.
 *
 * ```
 * {"exporters":true}    ->  {"exporters":[health,…]}
 * {"exporter":"NAME"}   ->  {"exporter":detail}, or {"exporter":null} where there is none
 * ```
 */
const count = z.number()
const maxList = 100_000

const health = {
  name: z.string(),
  address: z.string(),
  port: count,
  domain: count,
  version: count,
  firstHeardUs: count,
  lastHeardUs: count,
  lastExportUs: count,
  watermarkUs: count,
  delayUs: count,
  clockOffsetUs: z.tuple([count, count]),
  messages: count,
  repeatedMessages: count,
  records: count,
  optionRecords: count,
  templates: count,
  templateChanges: count,
  isFlapping: z.boolean(),
  lostUnits: count,
  lateMessages: count,
  duplicateMessages: count,
  restarts: count,
  pendingSets: count,
  missingSets: count,
  implausibleTimes: count,
  wrongClocks: count.default(0),
  overlongFlows: count.default(0),
  portChanges: count,
  samplingInterval: count,
  // JSON has no undefined: what is not known is left out.
  samplingOrigin: z.string().optional(),
  dialect: z.enum(natEventDialects).optional(),
  malformed: z.record(z.string(), count),
  badDatagrams: count,
}

const field = z.object({ name: z.string(), pen: count, id: count, length: count })
const named = z.array(z.tuple([count, z.string()])).max(maxList)

const detail = z.object({
  ...health,
  templateList: z
    .array(
      z.object({
        id: count,
        isOptions: z.boolean(),
        sentMs: count,
        usedMs: count,
        changes: count,
        fields: z.array(field).max(maxList),
      })
    )
    .max(maxList),
  interfaces: named,
  vrfs: named,
  samplers: z.array(z.tuple([count, count])).max(maxList),
  interfaceSampling: z.array(z.tuple([count, count])).max(maxList),
  badCapture: z.base64(),
})

/** What the API asks. */
export const exportersQuestion = z.union([
  z.strictObject({ exporters: z.literal(true) }),
  z.strictObject({ exporter: z.string().max(1000) }),
])

/** What the collector answers. */
export const exportersAnswer = z.union([
  z.object({ exporters: z.array(z.object(health)).max(maxList) }),
  z.object({ exporter: detail.nullable() }),
  z.object({ error: z.string() }),
])

type Health = z.infer<z.ZodObject<typeof health>>

/** Puts back what was left out. */
export const healthOfWire = (one: Health): ExporterHealth => ({
  ...one,
  samplingOrigin: one.samplingOrigin,
  dialect: one.dialect,
})

export const detailOfWire = (one: z.infer<typeof detail>): ExporterDetail => ({
  ...one,
  ...healthOfWire(one),
  badCapture: Buffer.from(one.badCapture, 'base64'),
})

export const encodeExporters = (exporters: readonly ExporterHealth[]): string =>
  `${JSON.stringify({ exporters })}\n`

export function encodeExporter(exporter: ExporterDetail | undefined): string {
  if (exporter === undefined) return '{"exporter":null}\n'
  const badCapture = Buffer.from(exporter.badCapture).toString('base64')
  return `${JSON.stringify({ exporter: { ...exporter, badCapture } })}\n`
}
