import { ColumnMemory } from '../../model/column-memory.ts'
import { fields } from '../../model/fields.ts'
import { batchBytes, makeBatchIn } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { verdictExtras } from '../../model/flow-verdict.ts'
import { batchRows } from '../../model/limits.ts'
import { mmsghdrBytes } from '../../netlink/mmsghdr.ts'

/** Datagrams that one read of events takes at the most, and octets that each may have. */
export const eventSlots = 256
export const eventSlotBytes = 2048

/** Where things stand: event-kernels.wat draws it. */
export const place = {
  /** What a call is told and tells, i32 each, by their numbers. */
  count: 0,
  next: 1,
  headers: 2,
  data: 3,
  slotBytes: 4,
  /** Seven words of {@link OpenTable} on where its rows are, and four on how many. */
  table: 5,
  capacity: 10,
  used: 11,
  free: 12,
  size: 13,
  opens: 14,
  slices: 15,
  batchRows: 16,
  dump: 17,
  begun: 18,
  ended: 19,
  verdicts: 21,
  /** The same, f64 each. */
  arrivedAfter: 11,
  arrivedBefore: 12,
  lastFlowId: 13,
  longest: 14,
  idle: 64,
  idleTcp: 576,
  /** From here on octets. */
  columnsOfOpens: 128,
  columnsOfSlices: 256,
  zones: 6656,
  told: 32_768,
  ring: 49_152,
  shapes: 245_760,
} as const

/** Octets of a shape, and of the longest datagram that has one. */
export const shapeBytes = 1152
export const shapes = 256
export const longestShape = 512
const headBytes = place.shapes + shapes * shapeBytes

/** What spools take of it to write frames. */
const spareBytes = 1 << 20
const fixedBytes =
  headBytes +
  eventSlots * (eventSlotBytes + mmsghdrBytes) +
  2 * batchBytes(batchRows, verdictExtras)

/** What the compiled kernels export; see event-kernels.wat. */
interface Kernels {
  readonly look: () => void
  readonly take: () => number
}

/**
 * The memory of all that an event passes through, which compiled kernels reach: where datagrams are
 * received, the rows that are gathered, what ended last and, at its end, the table of open flows.
 */
export class EventMemory {
  readonly columns = new ColumnMemory(fixedBytes + spareBytes, true)
  /** The context, as numbers of both kinds. */
  readonly words: Int32Array
  readonly numbers: Float64Array
  private received: { readonly data: Buffer; readonly headers: Buffer } | undefined

  constructor() {
    this.columns.take(headBytes)
    const { buffer } = this.columns
    this.words = new Int32Array(buffer, 0, headBytes / 4)
    this.numbers = new Float64Array(buffer, 0, headBytes / 8)
    this.words[place.slotBytes] = eventSlotBytes
    this.words[place.batchRows] = batchRows
  }

  /** A batch whose columns the kernels fill. */
  makeBatch(which: 'opens' | 'slices'): FlowBatch {
    const batch = makeBatchIn(this.columns, batchRows, verdictExtras)
    const at = (which === 'opens' ? place.columnsOfOpens : place.columnsOfSlices) / 4
    for (const [i, { name }] of fields.entries()) {
      this.words[at + i] = batch.columns[name].byteOffset
    }
    return batch
  }

  /** Where a socket receives events to, and the struct mmsghdr of each. */
  get receiveBuffers(): { readonly data: Buffer; readonly headers: Buffer } {
    this.received ??= this.takeReceiveBuffers()
    return this.received
  }

  /** The kernels over it. */
  kernels(octets: Uint8Array): Kernels {
    return this.columns.run(octets) as Kernels
  }

  private takeReceiveBuffers() {
    const { buffer } = this.columns
    const data = this.columns.take(eventSlots * eventSlotBytes)
    const headers = this.columns.take(eventSlots * mmsghdrBytes)
    this.words[place.data] = data
    this.words[place.headers] = headers
    return {
      data: Buffer.from(buffer, data, eventSlots * eventSlotBytes),
      headers: Buffer.from(buffer, headers, eventSlots * mmsghdrBytes),
    }
  }
}
