import type { Config } from '../model/config.ts'
import type { Networks } from '../model/nat-view.ts'
import { openServer } from '../store/database.ts'
import type { DatabaseServer } from '../store/database.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest, requireCurrentSchema } from '../store/migrate.ts'
import { writeNatRows } from '../store/nat-rows.ts'
import { Rollups } from '../store/rollups/rollups.ts'
import type { LedgerSink } from './import/ledger-sink.ts'

/**
 * An import never writes under the name of a live source, which proves absence by its coverage: the
 * prefix keeps the two apart whatever name is given.
 */
const importPrefix = 'import:'

/** Where an import writes, and what the ledger refused of it. */
export interface ImportLedger {
  readonly sink: LedgerSink
  /** Rows that the ledger did not take, by reason. */
  readonly refused: Readonly<Record<string, number>>
}

/**
 * What was recorded on another gateway says nothing of this host's own addresses; the prefixes of
 * the configuration are all that is known.
 */
function networksOf({ networks }: Config): Networks {
  return {
    inside: networks?.inside ?? [],
    local: (networks?.public ?? []).map((entry) => entry.prefix),
  }
}

function sinkOf(writer: LedgerWriter, refused: Record<string, number>): LedgerSink {
  let source = 0
  return {
    async register(name) {
      source = await writer.registerSource(`${importPrefix}${name}`, 'import')
    },
    readCursor: (key) => writer.readCursor(source, key),
    async commit({ batches, natBatches = [], cursor: { key, segment, offset } }) {
      const cursor = { segment, offset }
      // Rows that name a source by a number are of the one that is imported.
      const sourceIds = new Map([[1, source]])
      const parts = { batches, natBatches, sourceIds, gaps: [] }
      const result = await writer.commit({ source, spool: key, ...parts, cursor })
      for (const [reason, rows] of Object.entries(result.refused)) {
        refused[reason] = (refused[reason] ?? 0) + rows
      }
    },
  }
}

async function prepare({ urls, embedded }: DatabaseServer): Promise<void> {
  if (embedded === undefined) await requireCurrentSchema(urls.collector)
  else await migrateToLatest(urls.owner, embedded.credentials)
}

/** Runs `work` with a ledger to write into; the embedded one is made where there is none yet. */
export async function withImportLedger<T>(
  config: Config,
  work: (ledger: ImportLedger) => Promise<T>
): Promise<T> {
  const server = await openServer(config.dataDir, config.database)
  try {
    await prepare(server)
    const writer = new LedgerWriter(
      server.urls.collector,
      networksOf(config),
      writeNatRows,
      new Rollups({ writeEveryMs: 0, keep: config.reports.keep })
    )
    const refused: Record<string, number> = {}
    try {
      return await work({ sink: sinkOf(writer, refused), refused })
    } finally {
      await writer.close()
    }
  } finally {
    await server.stop()
  }
}
