import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { ExporterDetail, ExporterHealth, Exporters } from '../../model/exporter-health.ts'
import { formatInstant } from '../../model/time.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { recordAct } from '../answer.ts'
import { describeV1 } from '../openapi.ts'
import { ProblemError } from '../problem.ts'

const time = z.string().nullable()

const exporterSchema = z.object({
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  domain: z.number().int(),
  version: z.number().int(),
  first_heard: time,
  last_heard: time,
  last_export: time,
  watermark: time,
  delay_seconds: z.number().describe('how long after it happened a thing can be told of'),
  clock_offset_seconds: z.object({ least: z.number(), most: z.number() }),
  messages: z.number().int(),
  repeated: z.number().int().describe('datagrams that came once more, which were left out'),
  records: z.number().int(),
  option_records: z.number().int(),
  templates: z.number().int(),
  template_changes: z.number().int(),
  flapping: z.boolean().describe('templates of one number change their meaning again and again'),
  lost: z.number().int().describe('units of the sequence: flows (v5), messages (v9), records'),
  late: z.number().int(),
  duplicates: z.number().int(),
  restarts: z.number().int(),
  waiting_sets: z.number().int().describe('data sets that wait for their template'),
  missing_template: z.number().int().describe('data sets whose template never came'),
  implausible_times: z.number().int(),
  wrong_clocks: z.number().int().describe('messages that were not sent when they say'),
  overlong_flows: z
    .number()
    .int()
    .describe('data sets with a flow that lasted longer than is waited for, a day'),
  port_changes: z.number().int(),
  sampling: z.object({ interval: z.number(), origin: z.string().nullable() }),
  nat_event_dialect: z.string().nullable(),
  malformed: z.record(z.string(), z.number()),
  bad_datagrams: z.number().int(),
})

const exporterDetailSchema = exporterSchema.extend({
  template_list: z.array(
    z.object({
      id: z.number().int(),
      options: z.boolean(),
      sent: time,
      used: time,
      changes: z.number().int(),
      fields: z.array(
        z.object({ name: z.string(), pen: z.number(), id: z.number(), length: z.number() })
      ),
    })
  ),
  interfaces: z.record(z.string(), z.string()),
  vrfs: z.record(z.string(), z.string()),
  samplers: z.record(z.string(), z.number()),
  interface_sampling: z.record(z.string(), z.number()),
})

export type ExporterJson = z.infer<typeof exporterSchema>
export type ExporterDetailJson = z.infer<typeof exporterDetailSchema>

const exportersSchema = z.object({ exporters: z.array(exporterSchema) })

const instant = (us: number): string | null => (us > 0 ? formatInstant(us) : null)

function healthJson(one: ExporterHealth): ExporterJson {
  const [least, most] = one.clockOffsetUs
  return {
    name: one.name,
    address: one.address,
    port: one.port,
    domain: one.domain,
    version: one.version,
    first_heard: instant(one.firstHeardUs),
    last_heard: instant(one.lastHeardUs),
    last_export: instant(one.lastExportUs),
    watermark: instant(one.watermarkUs),
    delay_seconds: one.delayUs / 1e6,
    clock_offset_seconds: { least: least / 1e6, most: most / 1e6 },
    messages: one.messages,
    repeated: one.repeatedMessages,
    records: one.records,
    option_records: one.optionRecords,
    templates: one.templates,
    template_changes: one.templateChanges,
    flapping: one.isFlapping,
    lost: one.lostUnits,
    late: one.lateMessages,
    duplicates: one.duplicateMessages,
    restarts: one.restarts,
    waiting_sets: one.pendingSets,
    missing_template: one.missingSets,
    implausible_times: one.implausibleTimes,
    wrong_clocks: one.wrongClocks,
    overlong_flows: one.overlongFlows,
    port_changes: one.portChanges,
    sampling: { interval: one.samplingInterval, origin: one.samplingOrigin ?? null },
    nat_event_dialect: one.dialect ?? null,
    malformed: one.malformed,
    bad_datagrams: one.badDatagrams,
  }
}

function detailJson(one: ExporterDetail): ExporterDetailJson {
  return {
    ...healthJson(one),
    template_list: one.templateList.map(({ id, isOptions, sentMs, usedMs, changes, fields }) => ({
      id,
      options: isOptions,
      changes,
      fields: [...fields],
      sent: instant(sentMs * 1e3),
      used: instant(usedMs * 1e3),
    })),
    interfaces: Object.fromEntries(one.interfaces),
    vrfs: Object.fromEntries(one.vrfs),
    samplers: Object.fromEntries(one.samplers),
    interface_sampling: Object.fromEntries(one.interfaceSampling),
  }
}

async function requireExporter(
  exporters: Exporters | undefined,
  name: string
): Promise<ExporterDetail> {
  const found = await exporters?.exporter(name)
  if (found !== undefined) return found
  const detail = `No exporter "${name.slice(0, 200)}" is heard here.`
  throw new ProblemError(404, 'not-found', detail)
}

/**
 * `GET /v1/exporters`: how those are doing who send NetFlow and IPFIX. Their last bad datagrams,
 * which may hold connections of customers, are for who may list flows.
 */
export function exportersRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const list = describeV1({ summary: 'Who sends NetFlow and IPFIX', response: exportersSchema })
  const one = describeV1({
    summary: 'An exporter, with its templates',
    response: exporterDetailSchema,
    problems: [404],
  })
  const bad = describeV1({
    summary: 'The last datagrams that could not be read, as a capture (pcap)',
    response: z.string(),
    problems: [404],
  })
  return new Hono<ApiEnv>()
    .get('/exporters', describeRoute(list), async (c) => {
      const exporters = (await deps.exporters?.exporters()) ?? []
      return c.json({ exporters: exporters.map(healthJson) })
    })
    .get('/exporters/:name', describeRoute(one), async (c) =>
      c.json(detailJson(await requireExporter(deps.exporters, c.req.param('name'))))
    )
    .get('/exporters/:name/bad-datagrams', describeRoute(bad), requireRight('flows'), async (c) => {
      const name = c.req.param('name')
      const { badCapture, badDatagrams } = await requireExporter(deps.exporters, name)
      const detail = { exporter: name, datagrams: badDatagrams, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'bad-datagrams', detail })
      c.header('Content-Disposition', 'attachment; filename="bad-datagrams.pcap"')
      return c.body(Uint8Array.from(badCapture), 200, {
        'Content-Type': 'application/vnd.tcpdump.pcap',
      })
    })
}
