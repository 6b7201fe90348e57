import type { Config } from '../model/config.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
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

/** Where rows of many sources go, and how far earlier runs have come. */
export interface NetflowSink {
  /** Batches of these files that are in the ledger. */
  written(key: string): Promise<number | 'all'>
  /** Keeps a number, which {@link written} gives from then on. */
  remember(key: string, octets: number): Promise<void>
  /** The source that rows mean by a number. */
  source(index: number, name: string): Promise<void>
  /** One transaction: all of it, or none. */
  commit(
    key: string,
    rows: { readonly batches: readonly FlowBatch[]; readonly natBatches: readonly FlowBatch[] },
    written: number | 'all'
  ): Promise<void>
}

/** Where an import writes, and what the ledger refused of it. */
export interface ImportLedger {
  readonly sink: LedgerSink
  readonly netflow: NetflowSink
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

/** The cursor's offset is one more than the batches that are written; segment 1 is the end. */
function netflowSinkOf(writer: LedgerWriter, refused: Record<string, number>): NetflowSink {
  const sourceIds = new Map<number, number>()
  let listener = 0
  return {
    async written(key) {
      listener = await writer.registerSource(`${importPrefix}netflow`, 'import')
      const cursor = await writer.readCursor(listener, key)
      if (cursor === undefined) return 0
      return cursor.segment > 0 ? 'all' : cursor.offset - 1
    },
    async remember(key, octets) {
      const rows = { batches: [], natBatches: [], sourceIds, gaps: [] }
      const cursor = { segment: 0, offset: octets + 1 }
      await writer.commit({ source: listener, spool: key, ...rows, cursor })
    },
    async source(index, name) {
      sourceIds.set(index, await writer.registerSource(`${importPrefix}${name}`, 'import'))
    },
    async commit(key, rows, written) {
      const cursor =
        written === 'all' ? { segment: 1, offset: 1 } : { segment: 0, offset: written + 1 }
      const result = await writer.commit({
        source: listener,
        spool: key,
        ...rows,
        sourceIds,
        gaps: [],
        cursor,
      })
      for (const [reason, count] of Object.entries(result.refused)) {
        refused[reason] = (refused[reason] ?? 0) + count
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
      return await work({
        sink: sinkOf(writer, refused),
        netflow: netflowSinkOf(writer, refused),
        refused,
      })
    } finally {
      await writer.close()
    }
  } finally {
    await server.stop()
  }
}
