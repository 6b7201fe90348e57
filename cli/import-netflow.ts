import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { NatTracker } from '../collector/nat/tracker.ts'
import { NetflowCollector } from '../collector/netflow/collector.ts'
import type { CollectorJournal } from '../collector/netflow/collector-journal.ts'
import { flowExtras } from '../collector/netflow/extras.ts'
import { readNetflowFile } from '../collector/netflow/from-files.ts'
import type { Config } from '../model/config.ts'
import { FlowledgerError } from '../model/errors.ts'
import { copyRow, makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { openServer } from '../store/database.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest, requireCurrentSchema } from '../store/migrate.ts'
import { writeNatRows } from '../store/nat-rows.ts'
import { Rollups } from '../store/rollups/rollups.ts'

/** An import never writes under the name of a live source, which proves absence by its coverage. */
const importPrefix = 'import:'
const maxOpen = 4_000_000
/** Rows that an import holds until they are written, which bounds its memory. */
const maxImportRows = 4_000_000

/** What came of an import. */
export interface NetflowImport {
  readonly files: readonly string[]
  readonly messages: number
  readonly records: number
  /** Sources that the records were of. */
  readonly sources: readonly string[]
  /** Files that were in the ledger already. */
  readonly known: readonly string[]
  readonly problems: readonly string[]
}

/** Gathers rows of all exporters, each under a number of its own. */
class Gathering implements CollectorJournal {
  readonly names: string[] = []
  readonly slices: FlowBatch[] = []
  readonly nat: FlowBatch[] = []
  rows = 0
  readonly tracker = new NatTracker({
    maxOpen,
    journal: {
      append: (kind, batch) => {
        if (kind !== 'open') this.keep(kind === 'nat' ? this.nat : this.slices, batch)
      },
    },
  })

  flows(batch: FlowBatch): void {
    this.keep(this.slices, batch)
  }

  events(batch: FlowBatch): void {
    this.tracker.take(batch)
  }

  sourceIndex(name: string): number {
    const known = this.names.indexOf(name)
    return known >= 0 ? known + 1 : this.names.push(name)
  }

  // What was recorded proves nothing of what was not.
  watchedFrom(): void {}
  gap(): void {}
  progress(): void {}

  restarted(source: number, atUs: number): void {
    this.tracker.restarted(source, atUs)
  }

  doubted(source: number): void {
    this.tracker.doubt(source)
  }

  private keep(list: FlowBatch[], batch: FlowBatch): void {
    this.rows += batch.length
    if (this.rows > maxImportRows) {
      throw new FlowledgerError('usage', `A file has more than ${maxImportRows} records.`, {
        fix: 'Split the capture (editcap -c), and import the parts in their order.',
      })
    }
    const copy = makeFlowBatch(Math.max(1, batch.length), flowExtras)
    for (let row = 0; row < batch.length; row++) copyRow(batch, row, copy, row)
    copy.length = batch.length
    list.push(copy)
  }
}

/** Files that are given together share their templates; each is known by its content. */
export async function importNetflowFiles(
  files: readonly string[],
  config: Config
): Promise<NetflowImport> {
  const gathering = new Gathering()
  const collector = new NetflowCollector(config.collector.netflow.exporters, gathering)
  const problems: string[] = []
  const hash = createHash('sha256')
  let messages = 0
  for (const file of files) {
    hash.update(readFileSync(file))
    const tally = readNetflowFile(file, collector.decoder)
    messages += tally.messages
    if (tally.damage !== undefined) problems.push(`${file}: ${tally.damage}`)
  }
  collector.tick(0)
  const exporters = [...collector.decoder.exporters.values()]
  gathering.tracker.cutAll(Math.max(0, ...exporters.map(({ lastExportUs }) => lastExportUs)))
  gathering.tracker.flush()
  const isNew = await write(gathering, config, `netflow ${hash.digest('hex')}`)
  return {
    files,
    messages,
    problems,
    sources: gathering.names,
    records: exporters.reduce((sum, { counters }) => sum + counters.records, 0),
    known: isNew ? [] : files,
  }
}

/** One transaction: all of it, or none; false where it is in the ledger already. */
async function write(gathering: Gathering, config: Config, spool: string): Promise<boolean> {
  const server = await openServer(config.dataDir, config.database)
  const { inside = [], public: own = [] } = config.networks ?? {}
  const networks = { inside, local: own.map(({ prefix }) => prefix) }
  const rollups = new Rollups({ writeEveryMs: 0, keep: config.reports.keep })
  const writer = new LedgerWriter(server.urls.collector, networks, writeNatRows, rollups)
  try {
    if (server.embedded === undefined) await requireCurrentSchema(server.urls.collector)
    else await migrateToLatest(server.urls.owner, server.embedded.credentials)
    const source = await writer.registerSource(`${importPrefix}netflow`, 'import')
    const sourceIds = new Map<number, number>()
    for (const [index, name] of gathering.names.entries()) {
      sourceIds.set(index + 1, await writer.registerSource(`${importPrefix}${name}`, 'import'))
    }
    if ((await writer.readCursor(source, spool)) !== undefined) return false
    const batches = { batches: gathering.slices, natBatches: gathering.nat, sourceIds }
    const cursor = { segment: 0, offset: 1 }
    await writer.commit({ source, spool, ...batches, gaps: [], cursor })
    return true
  } finally {
    await writer.close()
    await server.stop()
  }
}

/** What came of it, for people. */
export function describeNetflowImport(result: NetflowImport): string {
  const { files, messages, records, sources, known, problems } = result
  const what = `${records} records in ${messages} messages of ${files.length} files`
  const lines = known.length > 0 ? [`${what}: in the ledger already.`] : [`${what}: written.`]
  return [...lines, ...sources.map((name) => `Source: ${importPrefix}${name}`), ...problems].join(
    '\n'
  )
}
