/** The exporting part of the appliance: spools -> exporter thread -> the collectors of others. */
import { join } from 'node:path'
import type { ExportSpool, TargetStatus } from './messages.ts'
import { ExporterThread } from './thread.ts'
import { formatListen } from '../../model/endpoint-text.ts'
import type { Config } from '../../model/config.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import type { Log } from '../../model/log.ts'

export interface Exporting {
  status(): Promise<readonly TargetStatus[]>
  describe(): string[]
  /** Takes over targets: what is told goes on from where each was. */
  reload(config: Config): void
  stop(): Promise<void>
}

function describeTarget({ name, protocol, transport, host, port }: ExportTarget): string {
  const place = transport === 'file' ? host : formatListen(host, port)
  const called = name === place ? '' : ` (${name})`
  return `Exporting ${protocol} over ${transport} to ${place}${called}.`
}

/** Starts to export what these spools hold. */
export function startExporting(
  config: Config,
  spools: readonly ExportSpool[],
  log: Log
): Exporting {
  const stateDir = join(config.dataDir, 'exporter')
  const start = (targets: readonly ExportTarget[]): ExporterThread | undefined =>
    targets.length === 0 ? undefined : new ExporterThread({ spools, targets, stateDir }, log)
  let { targets } = config.exporter
  let thread = start(targets)
  let turn = Promise.resolve()
  return {
    status: async () => (await thread?.status()) ?? [],
    describe: () => targets.map(describeTarget),
    reload(next) {
      if (JSON.stringify(next.exporter.targets) === JSON.stringify(targets)) return
      targets = next.exporter.targets
      // The old thread ends first: two would write the same places.
      turn = turn.then(async () => {
        await thread?.stop()
        thread = start(targets)
      })
    },
    async stop() {
      await turn
      await thread?.stop()
    },
  }
}
