import type { Progress } from '../model/coverage.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { ColumnPacker } from './column-packer.ts'
import { ColumnEncoder } from './spool-column.ts'
import type { Slots } from './spool-column.ts'
import { encodeHead, encodeRows, frameHeadBytes } from './spool-frame.ts'
import { extentOf, noRows, together } from './extent.ts'
import type { Extent } from './extent.ts'

/** A frame that waits: what it holds, and where it ends. */
export interface WaitingFrame {
  readonly end: number
  readonly extent: Extent
}

/** Frames that are written in one go, behind one another from the beginning of a buffer. */
export class WaitingFrames {
  /** Octets of all of them. */
  length = 0
  list: WaitingFrame[] = []
  /** The rows of all of them. */
  extent = noRows
  /** Where they stand. A longer frame than it has room for has one of its own. */
  bytes: Buffer
  private home: Buffer
  private encoder: ColumnEncoder
  private packer: ColumnPacker | undefined

  constructor(bytes: number) {
    this.home = Buffer.alloc(bytes)
    this.bytes = this.home
    this.encoder = new ColumnEncoder(this.home)
  }

  /**
   * Makes room for a frame behind those that wait; false where they have to be written before. What
   * is not a multiple of eight octets nothing can wait behind.
   */
  reserve(bytes: number): boolean {
    if (this.length % 8 === 0 && this.length + bytes <= this.bytes.length) return true
    if (this.length > 0) return false
    this.use(Buffer.alloc(bytes))
    return true
  }

  /** Writes rows where the payload of the next frame begins; gives how many octets they are. */
  encode(batch: FlowBatch, slots: Slots): number {
    const packer = this.packerFor(batch)
    const from = this.length + frameHeadBytes
    return encodeRows(batch, slots, this.encoder, this.bytes, from, packer) - from
  }

  /** The time that the rows of a batch tell of. */
  extentOf(batch: FlowBatch, nowUs: number): Extent {
    return this.packerFor(batch)?.extentOf(batch, nowUs) ?? extentOf(batch, nowUs)
  }

  /** Writes a text where the payload of the next frame begins; gives how many octets it is. */
  encodeText(text: string): number {
    return this.bytes.write(text, this.length + frameHeadBytes)
  }

  /** The frame whose payload was written last waits from now on. */
  add(kind: number, payloadBytes: number, extent: Extent, progress: Progress): void {
    const { watermarkUs, closedThroughUs } = progress
    // Written out: objects of one shape are read many times as quick.
    const head = { kind, rows: extent.rows, payloadBytes, watermarkUs, closedThroughUs }
    encodeHead(this.bytes, this.length, head)
    this.length += frameHeadBytes + payloadBytes
    this.list.push({ end: this.length, extent })
    this.extent = this.list.length === 1 ? extent : together(this.extent, extent)
  }

  /** None waits any more. */
  clear(): void {
    this.length = 0
    this.list = []
    if (this.bytes !== this.home) this.use(this.home)
  }

  private use(bytes: Buffer): void {
    this.bytes = bytes
    this.encoder = new ColumnEncoder(bytes)
  }

  /** Kernels reach one memory: that of the first batch whose columns lie in such a one. */
  private packerFor({ memory }: FlowBatch): ColumnPacker | undefined {
    if (memory === undefined) return undefined
    if (this.packer === undefined && this.length === 0 && this.bytes === this.home) {
      this.packer = ColumnPacker.over(memory, this.home.length)
      this.home = this.packer?.target ?? this.home
      this.use(this.home)
    }
    const { packer } = this
    return packer?.memory === memory && this.bytes === packer.target ? packer : undefined
  }
}
