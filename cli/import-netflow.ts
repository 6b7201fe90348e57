import { on } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../appliance/start-thread.ts'
import type { Config } from '../model/config.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { ImportProgress } from './import.ts'
import { knowNetflowFiles } from './import/netflow-identity.ts'
import { batchOfSent } from './import/netflow-messages.ts'
import type { FromNetflowReading, NetflowReading, NetflowTally } from './import/netflow-messages.ts'
import type { NetflowSink } from './import-ledger.ts'

/** Rows of one transaction. */
const commitRows = 100_000

/** What came of an import. */
export interface NetflowImport {
  readonly files: readonly string[]
  readonly messages: number
  readonly records: number
  /** Rows written by this run. */
  readonly rows: number
  /** Sources that the records were of. */
  readonly sources: readonly string[]
  /** Files that were in the ledger already. */
  readonly known: readonly string[]
  readonly problems: readonly string[]
  readonly interrupted: boolean
}

export interface NetflowImportOptions {
  readonly exporters: Config['collector']['netflow']['exporters']
  readonly signal?: AbortSignal | undefined
  readonly report?: (progress: ImportProgress) => void
  /** Left out: 100 000. */
  readonly commitRows?: number
}

/** What is read and not written yet. */
class Gathered {
  slices: FlowBatch[] = []
  nat: FlowBatch[] = []
  rows = 0
  batches = 0

  add(kind: 'slices' | 'nat', batch: FlowBatch, batches: number): void {
    this[kind].push(batch)
    this.rows += batch.length
    this.batches = batches
  }

  take(): { batches: FlowBatch[]; natBatches: FlowBatch[] } {
    const { slices, nat } = this
    this.slices = []
    this.nat = []
    this.rows = 0
    return { batches: slices, natBatches: nat }
  }
}

/**
 * Takes in what files hold, a part at a time. The same files add nothing when they are given again,
 * those that have grown, or are given before others, add what is new,
 * and a killed or interrupted import goes on where its last commit was: they are read once more,
 * and what was written is passed over.
 *
 * @throws FlowledgerError `usage` for a file that cannot be read; what the sink throws
 */
export async function importNetflowFiles(
  files: readonly string[],
  options: NetflowImportOptions,
  sink: NetflowSink
): Promise<NetflowImport> {
  const { exporters, signal, report = () => {} } = options
  const { key, sizes, ends, written, run } = await knowNetflowFiles(files, exporters, sink)
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0)
  const nothing = { files, messages: 0, records: 0, rows: 0, sources: [], problems: [] }
  if (written === 'all') return { ...nothing, known: files, interrupted: false }
  const waiting = new SharedArrayBuffer(4)
  const reading: NetflowReading = { files, sizes, ends, exporters, run, written, waiting }
  const worker = startThread(new URL('./import/netflow-worker.ts', import.meta.url), reading)
  const gathered = new Gathered()
  const sources: string[] = []
  let rows = 0
  let tally: NetflowTally | undefined
  const commit = async (isLast: boolean): Promise<void> => {
    rows += gathered.rows
    const offset = isLast ? 'all' : gathered.batches
    await sink.commit(key, gathered.take(), offset)
  }
  try {
    for await (const told of messagesOf(worker, signal)) {
      if (told.type === 'failed') throw new FlowledgerError('usage', told.message)
      if (told.type === 'source') {
        sources.push(told.name)
        await sink.source(told.index, told.name)
      } else if (told.type === 'rows') {
        gathered.add(told.kind, batchOfSent(told.batch), told.batches)
        if (gathered.rows >= (options.commitRows ?? commitRows)) await commit(false)
        report({ lines: told.messages, what: 'messages', bytes: told.octets, bytesTotal })
        letOneIn(waiting)
      } else {
        tally = told.tally
        break
      }
    }
  } finally {
    await worker.terminate()
  }
  const isWhole = tally !== undefined
  if (!isWhole && signal?.aborted !== true) {
    throw new FlowledgerError('not-running', 'The files were not read to their end.')
  }
  if (isWhole || gathered.rows > 0) await commit(isWhole)
  const { messages = 0, records = 0, problems = [] } = tally ?? {}
  const interrupted = !isWhole
  return { files, messages, records, rows, sources, problems, known: [], interrupted }
}

/** What the thread says until it ends, or until the import is interrupted. */
async function* messagesOf(
  worker: Worker,
  signal: AbortSignal | undefined
): AsyncGenerator<FromNetflowReading> {
  const options = { close: ['exit'], ...(signal === undefined ? {} : { signal }) }
  try {
    for await (const [message] of on(worker, 'message', options)) {
      // What was sent before is given out still.
      if (signal?.aborted === true) return
      yield message as FromNetflowReading
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

function letOneIn(waiting: SharedArrayBuffer): void {
  const count = new Int32Array(waiting)
  Atomics.sub(count, 0, 1)
  Atomics.notify(count, 0)
}

/** What came of it, for people. */
export function describeNetflowImport(result: NetflowImport): string {
  const { files, messages, records, rows, sources, known, problems, interrupted } = result
  const many = `${files.length} ${files.length === 1 ? 'file' : 'files'}`
  const what = `${records} records in ${messages} messages of ${many}: ${rows} rows written.`
  const lines = [
    interrupted
      ? `Interrupted, ${rows} rows written: the same command goes on from here.`
      : known.length > 0
        ? `${many}: in the ledger already.`
        : what,
    ...sources.map((name) => `Source: import:${name}`),
    ...problems,
  ]
  return lines.join('\n')
}
