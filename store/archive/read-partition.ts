import type pg from 'pg'
import { to } from 'pg-copy-streams'
import { flowColumns } from '../flow-table.ts'
import { CopyRowReader, endOfRow } from './copy-row-reader.ts'
import { CopyRowWriter } from './copy-row-writer.ts'
import { RowChecksum } from './row-checksum.ts'
import { vectorRows } from './sealed-columns.ts'
import type { Staging } from './staging.ts'

/** Signature and flags; the length of the extension follows (PostgreSQL's manual, COPY). */
const headerOctets = 19

/**
 * Cuts the octets of a COPY into rows and stages them. All rows are written back from the columns
 * and compared with what came, before anything relies on them.
 */
export class RowReader {
  readonly checksum = new RowChecksum()
  rows = 0
  readonly #staging: Staging
  readonly #rowReader: CopyRowReader
  readonly #rowWriter: CopyRowWriter
  /** Where rows begin that are cut and not taken yet. */
  readonly #starts = new Int32Array(vectorRows)
  #count = 0
  #rest: Buffer = Buffer.alloc(0)
  #hasHeader = false
  #isOver = false

  constructor(staging: Staging) {
    this.#staging = staging
    this.#rowReader = new CopyRowReader(staging.rows)
    this.#rowWriter = new CopyRowWriter(staging.rows)
  }

  push(chunk: Buffer): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    let at = 0
    if (!this.#hasHeader) {
      if (buffer.length < headerOctets) {
        this.#rest = buffer
        return
      }
      at = headerOctets + view.getUint32(headerOctets - 4)
      this.#hasHeader = true
    }
    while (at + 2 <= buffer.length && !this.#isOver) {
      const columns = view.getInt16(at)
      if (columns === -1) {
        this.#take(buffer, view, at)
        this.#isOver = true
        at += 2
        break
      }
      if (columns !== flowColumns.length) throw new Error(`a row of ${columns} columns`)
      const end = endOfRow(view, at)
      if (end < 0) break
      this.#starts[this.#count++] = at
      at = end
      if (this.#staging.rows.length + this.#count === vectorRows) this.#take(buffer, view, at)
    }
    this.#take(buffer, view, at)
    this.#rest = buffer.subarray(at)
  }

  /** Takes what is cut of a buffer, up to `end`. */
  #take(buffer: Buffer, view: DataView, end: number): void {
    const { rows } = this.#staging
    const [starts, count] = [this.#starts, this.#count]
    if (count === 0) return
    this.#rowReader.read({ buffer, view, starts, count }, rows.length)
    const written = this.#rowWriter.write(rows.length, count)
    if (buffer.subarray(starts[0], end).compare(written) !== 0) {
      throw new Error('rows as they were read are not the rows that PostgreSQL sent')
    }
    this.#count = 0
    this.rows += count
    rows.length += count
    if (this.#staging.isFull) this.#stage()
  }

  #stage(): void {
    this.checksum.add(this.#staging.rows)
    this.#staging.take()
  }

  finish(): void {
    if (!this.#isOver || this.#rest.length > 0)
      throw new Error('the rows of the hour end too early')
    this.#stage()
  }
}

/** Rows between two reports of progress. */
const reportRows = 1 << 18

/**
 * Reads a partition of `ledger.flow` into `staging`; gives the checksum of what PostgreSQL sent.
 *
 * @param name of a partition that is there: ours, never from outside
 */
export async function readPartition(
  client: pg.ClientBase,
  name: string,
  staging: Staging,
  onRows: (rows: number) => void
): Promise<RowChecksum> {
  const reader = new RowReader(staging)
  const copy = client.query(
    to(`copy ledger.${name} (${flowColumns.join(', ')}) to stdout (format binary)`)
  )
  let reported = 0
  for await (const chunk of copy) {
    reader.push(chunk as Buffer)
    if (reader.rows - reported < reportRows) continue
    reported = reader.rows
    onRows(reported)
  }
  reader.finish()
  return reader.checksum
}
