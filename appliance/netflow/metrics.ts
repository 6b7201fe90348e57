import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import { addRead, single, valuesBy } from '../read-metric.ts'
import type { Value } from '../read-metric.ts'
import type { CollectingNetflow } from './collecting.ts'
import type { NetflowStatus } from './messages.ts'
import type { ExporterHealth } from '../../model/exporter-health.ts'

type Numeric<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T]

/** What the collector counts of all exporters together. */
const totals: readonly (readonly [name: string, help: string, key: Numeric<NetflowStatus>])[] = [
  ['datagrams_total', 'Datagrams and messages read.', 'datagrams'],
  ['octets_total', 'Octets of them.', 'octets'],
  ['records_total', 'Data records decoded.', 'records'],
  ['option_records_total', 'Option records decoded.', 'optionRecords'],
  ['exporters', 'Exporters and observation domains that are known.', 'exporters'],
  ['templates', 'Templates that are known.', 'templates'],
  ['pending_bytes', 'Octets of data sets that wait for their template.', 'pendingBytes'],
  ['pending_lost_total', 'Data sets whose template never came.', 'lostPending'],
  ['sequence_lost_total', 'Units that sequence numbers say are lost.', 'lostSequence'],
  [
    'kernel_drops_total',
    'Datagrams that the kernel dropped, joined ones as one: the buffer was full.',
    'kernelDrops',
  ],
  ['refused_address_total', 'Datagrams of who is not on the list.', 'refusedAddress'],
  ['refused_exporters_total', 'Datagrams past the bound on exporters.', 'refusedExporters'],
  ['refused_templates_total', 'Templates past a bound.', 'refusedTemplates'],
  ['refused_rows_total', 'Rows that the spool did not take.', 'refusedRows'],
  ['clamped_values_total', 'Values that did not fit their column.', 'clampedValues'],
  ['open_mappings', 'NAT mappings that are open.', 'openMappings'],
  ['orphan_ends_total', 'Ends of mappings not seen to begin.', 'orphanEnds'],
  ['receive_buffer_bytes', 'Receive buffer that the kernel granted.', 'receiveBuffer'],
  ['connections', 'IPFIX connections that are open.', 'connections'],
]

/** What is shown of each exporter. */
const each: readonly (readonly [name: string, help: string, key: Numeric<ExporterHealth>])[] = [
  ['records_total', 'Data records of an exporter.', 'records'],
  ['sequence_lost_total', 'Units of its sequence that are lost.', 'lostUnits'],
  ['restarts_total', 'Times that it began anew.', 'restarts'],
  ['missing_template_total', 'Its data sets whose template never came.', 'missingSets'],
  ['template_changes_total', 'Times that a template changed its meaning.', 'templateChanges'],
  ['wrong_clocks_total', 'Its messages that were not sent when they say.', 'wrongClocks'],
  ['overlong_flows_total', 'Its data sets with a flow longer than is waited for.', 'overlongFlows'],
  ['sampling_interval', 'It counts one of so many packets.', 'samplingInterval'],
]

/** More exporters than this are shown by /v1/exporters alone. */
const maxLabelled = 500

/** Puts what the NetFlow collector counts on the program's registry. */
export function countNetflow(registry: Registry, netflow: CollectingNetflow): void {
  const status = perScrape(() => netflow.status().catch(() => undefined))
  const exporters = perScrape(() => netflow.exporters().catch(() => undefined))
  for (const [name, help, key] of totals) {
    const read = async (): Promise<Value[] | undefined> => single((await status())?.[key])
    addRead(registry, { name: `netflow_${name}`, help, read })
  }
  addRead(registry, {
    name: 'netflow_malformed_total',
    help: 'Messages and sets that could not be read, by reason.',
    labels: ['reason'],
    read: async () => valuesBy('reason', (await status())?.malformed ?? {}),
  })
  for (const [name, help, key] of each) {
    addRead(registry, {
      name: `netflow_exporter_${name}`,
      help,
      labels: ['exporter'],
      async read() {
        const list = (await exporters()) ?? []
        return list.slice(0, maxLabelled).map((one) => [{ exporter: one.name }, one[key]])
      },
    })
  }
}
