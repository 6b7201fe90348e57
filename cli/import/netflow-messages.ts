import type { FlowBatch } from '../../model/flow-batch.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { flowExtras } from '../../collector/netflow/extras.ts'
import type { ExporterSettings } from '../../collector/netflow/settings.ts'

/** What the thread that reads files of NetFlow is started with. */
export interface NetflowReading {
  readonly files: readonly string[]
  /** Octets of each file that are read. */
  readonly sizes: readonly number[]
  /** Where earlier imports ended, octets from the beginning of the first file. */
  readonly ends: readonly number[]
  readonly exporters: readonly ExporterSettings[]
  /** Tells rows of these files from those of others: 32 bits. */
  readonly run: number
  /** Batches that an earlier run of the import has written. */
  readonly written: number
  /** Batches that were sent and not taken: an Int32Array of one. */
  readonly waiting: SharedArrayBuffer
}

/** Columns of a batch, cut to its rows: what crosses from one thread to the other. */
export interface SentBatch {
  readonly rows: number
  readonly columns: Readonly<Record<string, ArrayLike<number>>>
  readonly texts: readonly string[]
}

export type FromNetflowReading =
  /** A number that rows give their source from here on. */
  | { readonly type: 'source'; readonly index: number; readonly name: string }
  | {
      readonly type: 'rows'
      /** How many batches there were until now, this one included. */
      readonly batches: number
      readonly kind: 'slices' | 'nat'
      readonly batch: SentBatch
      readonly octets: number
      readonly messages: number
    }
  | { readonly type: 'done'; readonly tally: NetflowTally }
  | { readonly type: 'failed'; readonly message: string }

/** What was read in all. */
export interface NetflowTally {
  readonly messages: number
  readonly records: number
  readonly octets: number
  readonly problems: readonly string[]
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

export function sendable(batch: FlowBatch): SentBatch {
  const { length: rows, capacity, columns, extras, texts } = batch
  const cut = ([name, column]: [string, Numbers]) =>
    [name, column.slice(0, (column.length / capacity) * rows)] as const
  const all = [...Object.entries(columns), ...Object.entries(extras)]
  return { rows, columns: Object.fromEntries(all.map(cut)), texts: texts.list() }
}

export function batchOfSent({ rows, columns, texts }: SentBatch): FlowBatch {
  const batch = makeFlowBatch(Math.max(1, rows), flowExtras)
  for (const [name, column] of [
    ...Object.entries(batch.columns),
    ...Object.entries(batch.extras),
  ] as [string, Numbers][]) {
    const sent = columns[name]
    if (sent !== undefined) column.set(sent)
  }
  for (const text of texts) batch.texts.numberOf(text)
  batch.length = rows
  return batch
}
