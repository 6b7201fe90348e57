import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import type { TargetStatus } from './messages.ts'
import type { Exporting } from './exporting.ts'

type Numbers = readonly (readonly [
  name: string,
  help: string,
  value: (status: TargetStatus) => number,
])[]

const counters: Numbers = [
  ['records_total', 'Flow and event records that were sent.', ({ counters: c }) => c.records],
  [
    'option_records_total',
    'Records about the exporter itself.',
    ({ counters: c }) => c.optionRecords,
  ],
  ['messages_total', 'Messages that were sent.', ({ counters: c }) => c.messages],
  ['bytes_total', 'Octets of messages.', ({ counters: c }) => c.bytes],
  ['filtered_total', 'Rows that the target does not want.', ({ counters: c }) => c.filtered],
  ['cut_texts_total', 'Records whose texts were cut to fit.', ({ counters: c }) => c.cutTexts],
  ['sessions_total', 'Sessions that were opened.', ({ sessions }) => sessions],
]

const gauges: Numbers = [
  ['open', '1 where the target is told what is collected.', ({ open }) => (open ? 1 : 0)],
  ['behind_seconds', 'How far the target is behind.', ({ behindSeconds }) => behindSeconds],
]

/** Every way in which something is not told, by reason. */
function reasonsOf(status: TargetStatus): Readonly<Record<string, number>> {
  return {
    ...status.counters.unsent,
    'message-too-long': status.notSent.records,
    'too-old': status.tooOld,
    'spool-damaged': status.damagedRows,
    'spool-removed': status.missedSegments,
    'application-names-full': status.counters.namesRefused,
  }
}

/** Puts what targets were told on the program's registry, by target. */
export function countExporting(registry: Registry, exporting: Exporting): void {
  const registers = [registry]
  const status = perScrape(() => exporting.status())
  for (const [name, help, value] of counters) {
    new Counter({
      name: `flowledger_export_${name}`,
      help,
      labelNames: ['target'],
      registers,
      async collect() {
        this.reset()
        for (const one of await status()) this.inc({ target: one.name }, value(one))
      },
    }).reset()
  }
  for (const [name, help, value] of gauges) {
    new Gauge({
      name: `flowledger_export_${name}`,
      help,
      labelNames: ['target'],
      registers,
      async collect() {
        this.reset()
        for (const one of await status()) this.set({ target: one.name }, value(one))
      },
    }).reset()
  }
  countReasons(
    registry,
    'unsent_total',
    'Records that were not sent, by reason.',
    status,
    reasonsOf
  )
  countReasons(
    registry,
    'losses_total',
    'Sessions that could not be opened or were lost, by reason.',
    status,
    ({ losses }) => losses
  )
}

function countReasons(
  registry: Registry,
  name: string,
  help: string,
  status: () => Promise<readonly TargetStatus[]>,
  reasons: (status: TargetStatus) => Readonly<Record<string, number>>
): void {
  new Counter({
    name: `flowledger_export_${name}`,
    help,
    labelNames: ['target', 'reason'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const one of await status()) {
        for (const [reason, count] of Object.entries(reasons(one))) {
          if (count > 0) this.inc({ target: one.name, reason }, count)
        }
      }
    },
  }).reset()
}
