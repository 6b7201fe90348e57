import type { ExporterDetail, ExporterHealth } from '../../model/exporter-health.ts'
import { formatWords } from '../../model/address.ts'
import { badAsPcap } from './bad-datagrams.ts'
import { elementOf } from './elements.ts'
import type { Exporter } from './exporter.ts'
import { scopePen } from './layout.ts'

/** More changes of meaning than this of one template are no update of its exporter. */
const flappingChanges = 3

/** How an exporter is doing. */
export function healthOf(exporter: Exporter): ExporterHealth {
  const { counters, sequence } = exporter
  const changes = [...exporter.templates.values()].map((entry) => entry.changes)
  const isKnown = Number.isFinite(exporter.leastOffsetUs)
  return {
    name: exporter.sourceName,
    address: formatWords(exporter.address),
    port: exporter.lastPort,
    domain: exporter.domain,
    version: exporter.version,
    firstHeardUs: exporter.firstArrivalUs,
    lastHeardUs: exporter.lastArrivalMs * 1000,
    lastExportUs: exporter.lastExportUs,
    watermarkUs: exporter.watermarkUs,
    delayUs: exporter.delayUs,
    clockOffsetUs: isKnown
      ? [exporter.leastOffsetUs, exporter.mostOffsetUs]
      : [exporter.wrongOffsetUs, exporter.wrongOffsetUs],
    messages: counters.messages,
    repeatedMessages: counters.repeated,
    records: counters.records,
    optionRecords: counters.optionRecords,
    templates: exporter.templates.size,
    templateChanges: counters.templateChanges,
    isFlapping: changes.some((count) => count > flappingChanges),
    lostUnits: counters.lost,
    lateMessages: sequence.late,
    duplicateMessages: sequence.duplicates,
    restarts: sequence.restarts,
    pendingSets: exporter.pending.length,
    missingSets: counters.missingSets,
    implausibleTimes: counters.implausibleTimes,
    wrongClocks: counters.wrongClocks,
    overlongFlows: counters.overlongFlows,
    portChanges: exporter.portChanges,
    samplingInterval: Math.max(exporter.samplingInterval, exporter.recordSampling),
    samplingOrigin: exporter.samplingOrigin,
    dialect: exporter.dialect,
    malformed: { ...counters.malformed },
    badDatagrams: exporter.bad.length,
  }
}

/** All that is known of an exporter. */
export function detailOf(exporter: Exporter): ExporterDetail {
  const nameOf = (pen: number, id: number): string =>
    pen === scopePen ? `scope ${id}` : (elementOf(pen, id, exporter.learnt)?.name ?? 'unknown')
  return {
    ...healthOf(exporter),
    templateList: [...exporter.templates].map(([id, { layout, sentMs, usedMs, changes }]) => ({
      id,
      isOptions: layout.scopes >= 0,
      sentMs,
      usedMs,
      changes,
      fields: layout.ids.map((element, index) => ({
        name: nameOf(layout.pens[index] ?? 0, element),
        pen: layout.pens[index] ?? 0,
        id: element,
        length: layout.lengths[index] ?? 0,
      })),
    })),
    interfaces: [...exporter.names.interfaces],
    vrfs: [...exporter.names.vrfs],
    samplers: [...exporter.samplers],
    interfaceSampling: [...exporter.interfaceSampling],
    badCapture: badAsPcap(exporter, exporter.bad),
  }
}
