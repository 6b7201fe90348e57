import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import { addRead } from '../read-metric.ts'
import type { Value } from '../read-metric.ts'
import type { TargetStatus } from './messages.ts'
import type { Exporting } from './exporting.ts'

type Numbers = readonly (readonly [
  name: string,
  help: string,
  value: (status: TargetStatus) => number,
])[]

const numbers: Numbers = [
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

const byReason: readonly (readonly [
  name: string,
  help: string,
  reasons: (status: TargetStatus) => Readonly<Record<string, number>>,
])[] = [
  ['unsent_total', 'Records that were not sent, by reason.', reasonsOf],
  [
    'losses_total',
    'Sessions that could not be opened or were lost, by reason.',
    ({ losses }) => losses,
  ],
]

/** Puts what targets were told on the program's registry, by target. */
export function countExporting(registry: Registry, exporting: Exporting): void {
  const status = perScrape(() => exporting.status())
  for (const [name, help, value] of numbers) {
    addRead(registry, {
      name: `export_${name}`,
      help,
      labels: ['target'],
      read: async () => (await status()).map((one) => [{ target: one.name }, value(one)]),
    })
  }
  for (const [name, help, reasons] of byReason) {
    addRead(registry, {
      name: `export_${name}`,
      help,
      labels: ['target', 'reason'],
      read: async () => (await status()).flatMap((one) => reasonValues(one.name, reasons(one))),
    })
  }
}

const reasonValues = (target: string, counts: Readonly<Record<string, number>>): Value[] =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => [{ target, reason }, count])
