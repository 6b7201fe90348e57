import type { Exporter } from './exporter.ts'
import type { Watch } from './progress.ts'

/** An exporter that started anew has told a start later than the one before by this much (us). */
const slackUs = 30e6

/** Whether an uptime that is less than the one before, or the first, tells of a restart. */
export function isRestart(
  { lastUptimeMs: before, lastExportUs }: Exporter,
  watch: Watch,
  uptimeMs: number,
  exportUs: number
): boolean {
  const startUs = exportUs - uptimeMs * 1000
  // Less than before though time went on: a restart, or the counter's 49.7 days are over.
  const wrapped = before > 0xf000_0000 && uptimeMs < 0x1000_0000
  const isNew =
    before >= 0 && !wrapped && exportUs >= lastExportUs && startUs > watch.startUs + slackUs
  if (before < 0 || isNew || wrapped) watch.startUs = startUs
  return isNew
}
