import { z } from 'zod'
import type { AddressWords } from '../../model/address.ts'
import { natEventDialects } from '../../model/netflow-settings.ts'
import { maxSkewUs } from '../clock-skew.ts'
import { Exporter } from './exporter.ts'
import type { TemplateEntry } from './exporter.ts'
import type { NetflowDecoder } from './decoder.ts'
import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { maxFields, maxNames, maxPendingBytes, maxTemplates } from './limits.ts'
import { settingsFor } from './settings.ts'
import type { ExporterSettings } from './settings.ts'

/*
 * What is known of exporters, kept over a restart of the program: without their templates all that
 * they send until they repeat them would wait, and without their sequence numbers nobody could tell
 * what was lost in between. Layouts stand once, since exporters of one make share them.
 */

const count = z.number()
const words = z.tuple([count, count, count, count])
const names = z.array(z.tuple([count, z.string()])).max(maxNames)
const savedExporter = z.object({
  address: words,
  port: count,
  domain: count,
  version: count,
  /** Template id, number of the layout, when it was last sent. */
  templates: z.array(z.tuple([count, count, count])).max(maxTemplates),
  pending: z
    .array(
      z.object({
        id: z.string().max(40).default(''),
        templateId: count,
        version: z.union([z.literal(9), z.literal(10)]),
        exportUs: count,
        sysUptimeMs: count,
        arrivalMs: count,
        bytes: z.string().max(2 * maxPendingBytes),
      })
    )
    .max(10_000),
  next: count,
  newest: count.default(-1),
  lastExportUs: count,
  lastUptimeMs: count,
  longestUs: count,
  samplingInterval: count,
  samplers: z.array(z.tuple([count, count])).max(maxNames),
  interfaceSampling: z
    .array(z.tuple([count, count]))
    .max(maxNames)
    .default([]),
  recordSampling: count.default(0),
  startedUs: count,
  tellsFlows: z.boolean(),
  tellsEvents: z.boolean(),
  dialect: z.enum(natEventDialects).optional(),
  interfaces: names,
  vrfs: names,
  applications: names,
  pools: names,
})

const saved = z.object({
  layouts: z.array(
    z.object({ scopes: count, fields: z.array(z.tuple([count, count, count])).max(maxFields) })
  ),
  exporters: z.array(savedExporter),
})

type SavedExporter = z.infer<typeof savedExporter>

/** Everything that the next run wants to know, as JSON. */
export function saveState(decoder: NetflowDecoder): string {
  const layouts = new Map<Layout, number>()
  const numberOf = (layout: Layout): number => {
    const known = layouts.get(layout)
    if (known !== undefined) return known
    layouts.set(layout, layouts.size)
    return layouts.size - 1
  }
  const exporters = [...decoder.exporters.values()].map((one) => savedOf(one, numberOf))
  return JSON.stringify({
    layouts: [...layouts.keys()].map(({ scopes, pens, ids, lengths }) => ({
      scopes,
      fields: ids.map((id, index) => [pens[index], id, lengths[index]]),
    })),
    exporters,
  })
}

function savedOf(exporter: Exporter, numberOf: (layout: Layout) => number): SavedExporter {
  const { names: told } = exporter
  return {
    address: [...exporter.address],
    port: exporter.keyPort,
    domain: exporter.domain,
    version: exporter.version,
    templates: [...exporter.templates].map(([id, { layout, sentMs }]) => [
      id,
      numberOf(layout),
      sentMs,
    ]),
    pending: exporter.pending.map((set) => ({ ...set, bytes: set.bytes.toString('base64') })),
    next: exporter.sequence.nextUntold,
    newest: exporter.sequence.newest,
    lastExportUs: Math.min(exporter.lastExportUs, exporter.sequence.missingAfterUs),
    lastUptimeMs: exporter.lastUptimeMs,
    longestUs: exporter.longestUs,
    samplingInterval: exporter.samplingInterval,
    samplers: [...exporter.samplers],
    interfaceSampling: [...exporter.interfaceSampling],
    recordSampling: exporter.recordSampling,
    startedUs: exporter.startedUs,
    tellsFlows: exporter.tellsFlows,
    tellsEvents: exporter.tellsEvents,
    ...(exporter.dialect === undefined ? {} : { dialect: exporter.dialect }),
    interfaces: [...told.interfaces],
    vrfs: [...told.vrfs],
    applications: [...told.applications],
    pools: [...told.pools],
  }
}

/**
 * Takes up what an earlier run knew.
 *
 * @param wasRead true of a data set that waited when this was saved, and was read after that
 * @returns false where the text is not what {@link saveState} wrote: nothing is taken then
 */
export function restoreState(
  text: string,
  decoder: NetflowDecoder,
  settings: readonly ExporterSettings[],
  wasRead: (id: string) => boolean = () => false
): boolean {
  const parsed = saved.safeParse(parseJson(text))
  if (!parsed.success) return false
  const layouts = parsed.data.layouts.map(({ fields, scopes }) =>
    layoutOf(
      fields.map(([pen, id, length]) => ({ pen, id, length })),
      scopes
    )
  )
  for (const one of parsed.data.exporters) {
    const own = settingsFor(settings, ...one.address)
    if (own !== undefined) restoreOne(one, own, layouts, decoder, wasRead)
  }
  return true
}

function restoreOne(
  one: SavedExporter,
  settings: ExporterSettings,
  layouts: readonly (Layout | undefined)[],
  decoder: NetflowDecoder,
  wasRead: (id: string) => boolean
): void {
  const address: AddressWords = one.address
  const exporter = new Exporter(address, one.port, one.domain, one.version, settings)
  for (const [id, number, sentMs] of one.templates) {
    const layout = layouts[number]
    if (layout === undefined) continue
    const entry: TemplateEntry = { layout, plan: undefined, sentMs, usedMs: sentMs, changes: 0 }
    exporter.templates.set(id, entry)
  }
  for (const set of one.pending) {
    if (wasRead(set.id)) continue
    const id = set.id || decoder.pending.nextId()
    decoder.pending.keep(exporter, { ...set, id, bytes: Buffer.from(set.bytes, 'base64') })
  }
  exporter.sequence.resume(one.next, one.newest, one.lastExportUs)
  // One that was taken of a clock that was wrong would never be reached again.
  exporter.lastExportUs = Math.min(one.lastExportUs, Date.now() * 1000 + maxSkewUs)
  exporter.lastUptimeMs = one.lastUptimeMs
  exporter.longestUs = one.longestUs
  exporter.samplingInterval = one.samplingInterval
  exporter.startedUs = one.startedUs
  exporter.tellsFlows = one.tellsFlows
  exporter.tellsEvents = one.tellsEvents
  exporter.dialect = settings.dialect ?? one.dialect
  exporter.lastArrivalMs = one.lastExportUs / 1000
  for (const [sampler, interval] of one.samplers) exporter.samplers.set(sampler, interval)
  for (const [index, interval] of one.interfaceSampling) {
    exporter.interfaceSampling.set(index, interval)
  }
  exporter.recordSampling = one.recordSampling
  for (const key of ['interfaces', 'vrfs', 'applications', 'pools'] as const) {
    for (const [number, name] of one[key]) exporter.names[key].set(number, name)
  }
  decoder.restore(exporter)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
