import { Registry } from 'prom-client'
import { countArchive } from '../appliance/archive/metrics.ts'
import { countCapture } from '../appliance/capture/metrics.ts'
import { countCollecting } from '../appliance/conntrack/metrics.ts'
import { countExporting } from '../appliance/exporting/metrics.ts'
import { countIdentity } from '../appliance/identity/metrics.ts'
import { countNetflow } from '../appliance/netflow/metrics.ts'
import { countRollups } from '../appliance/rollup-metrics.ts'
import { watchEventLoop } from '../appliance/serving/event-loop.ts'
import { SpoolWatch } from '../appliance/spool-watch.ts'
import { countSyslog } from '../appliance/syslog/metrics.ts'
import { makeCutCounter, makeMetrics } from '../lookup-api/metrics.ts'
import { anything } from './anything.ts'
import { row, tableOf } from './markdown.ts'

type Count = (registry: Registry) => void

/** Who counts, in the order of the page. */
const parts: readonly (readonly [title: string, count: Count])[] = [
  ['Following connections', (registry) => countCollecting(registry, anything)],
  ['Packets, names and policy', (registry) => countCapture(registry, anything)],
  ['NetFlow and IPFIX', (registry) => countNetflow(registry, anything)],
  ['NAT by syslog', (registry) => countSyslog(registry, anything)],
  ['Identity', (registry) => countIdentity(registry, anything)],
  ['Exporting', (registry) => countExporting(registry, anything)],
  ['Spools', countSpools],
  ['Archive', (registry) => countArchive(registry, [])],
  ['Sums of reports', (registry) => countRollups(registry, { any: undefined })],
  ['The API', countApi],
]

function countSpools(registry: Registry): void {
  const watch = new SpoolWatch(anything, anything)
  watch.count(registry)
  watch.stop()
}

function countApi(registry: Registry): void {
  makeMetrics(registry)
  makeCutCounter(registry)
  watchEventLoop(registry)()
}

interface Described {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labelNames?: readonly string[]
}

/** Who counts, and the rows of what it counts. */
function sectionOf(title: string, count: Count): string {
  const registry = new Registry()
  count(registry)
  const rows = registry.getMetricsAsArray().map((metric) => {
    const { name, type, help, labelNames = [] } = metric as unknown as Described
    return row([`\`${name}\``, type, labelNames.map((label) => `\`${label}\``).join(', '), help])
  })
  return `## ${title}\n\n${tableOf(['metric', 'type', 'labels', 'meaning'], rows)}`
}

/** The page of everything that `GET /metrics` can show. */
export function metricsPage(made: string): string {
  const sections = parts.map(([title, count]) => sectionOf(title, count))
  return `# Metrics

${made}

\`GET /metrics\` gives them in the text form of Prometheus. What a part counts is there where the
part runs. Counters begin at 0 when the process does; a name that ends in \`_total\` only grows,
whatever its type says: some are counted elsewhere and read when they are asked for.

${sections.join('\n\n')}
`
}
