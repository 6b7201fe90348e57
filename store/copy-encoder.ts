import { v4MappedWord } from '../model/address.ts'
import type { Columns, FlowBatch } from '../model/flow-batch.ts'
import { addressColumn, natViews, noNetworks, portColumn } from '../model/nat-view.ts'
import type { Networks, NatView } from '../model/nat-view.ts'
import { publicKeyHigh, publicKeyLow } from '../model/public-key.ts'
import { flowColumns, kindShifts } from './flow-table.ts'
import { LostAhead } from './lost-ahead.ts'
import { oldestUs, refusalOf, refusals } from './refusals.ts'
import type { Refusal } from './refusals.ts'

/** PostgreSQL counts microseconds from 2000-01-01. */
const epochUs = Date.UTC(2000, 0, 1) * 1000

/**
 * Signature, flags and length of the header extension (PostgreSQL's manual, COPY, binary format).
 */
const copyHeader = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** Length words and data of a row at its longest, texts aside: IPv6 addresses, zone and mark. */
const maxRowBytes = 2 + 4 * flowColumns.length + 9 * 8 + 2 * 4 + 5 * 2 + 16 + 16 + 24

const noOctets = new Uint8Array(0)

const maxInt31 = 0x7fffffff

/**
 * Writes rows of a batch as PostgreSQL's binary COPY, straight from the columns: the bytes stand in
 * one buffer that is used again.
 *
 * ```
 * row:   int16 number of columns, then for each column  int32 octets of the value | value
 * end:   int16 -1
 * ```
 * All integers are in network order.
 */
export class CopyEncoder {
  /** Rows written since {@link begin}: one or two for each flow. */
  rows = 0
  /** Flows that were refused since {@link begin}, by reason. */
  readonly refused: Partial<Record<Refusal, number>> = {}
  /** What is missing since it was of the future, which is a gap where only our clock says so. */
  readonly ahead = new LostAhead()
  /** Counters since {@link begin} that did not fit int8 and stand as its highest value. */
  clampedCounters = 0

  #source = 0
  #sourceIds: ReadonlyMap<number, number> = new Map()
  #networks: Networks = noNetworks
  #buffer: Buffer = Buffer.allocUnsafe(1 << 20)
  #view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length)
  #used = 0
  #nowUs = 0

  /** The bytes since the last {@link clear}; valid until the encoder is used again. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  /** Length of {@link bytes}. */
  get bytesUsed(): number {
    return this.#used
  }

  /** Forgets the bytes, which somebody has sent. */
  clear(): void {
    this.#used = 0
  }

  /**
   * Starts a COPY.
   *
   * @param source id of the source in `ledger.source`, of rows that do not name their own
   * @param networks decide which end of an untranslated connection is ours
   * @param nowUs decides what lies in the future
   * @param sourceIds ids of the sources that rows name by their number in the spool
   */
  begin(
    source: number,
    networks: Networks,
    nowUs: number,
    sourceIds: ReadonlyMap<number, number> = new Map()
  ): void {
    this.#source = source
    this.#sourceIds = sourceIds
    this.#networks = networks
    this.#nowUs = nowUs
    this.rows = 0
    this.clampedCounters = 0
    for (const reason of refusals) delete this.refused[reason]
    this.ahead.clear()
    this.#used = copyHeader.copy(this.#buffer)
  }

  /** Ends a COPY. */
  finish(): void {
    this.#reserve(2)
    this.#view.setInt16(this.#used, -1)
    this.#used += 2
  }

  /** Writes every row of a batch. */
  append(batch: FlowBatch): void {
    for (let row = 0; row < batch.length; row++) this.appendRow(batch, row)
  }

  /** Writes a row, or counts why not. */
  appendRow(batch: FlowBatch, row: number): void {
    const { columns, extras } = batch
    const source = this.#sourceOf(extras.sourceIndex?.[row] ?? 0)
    const refusal = source === undefined ? 'source-unknown' : refusalOf(columns, row, this.#nowUs)
    if (refusal !== undefined) {
      this.refused[refusal] = (this.refused[refusal] ?? 0) + 1
      if (refusal === 'in-future') this.ahead.add(source ?? 0, columns, row, this.#nowUs)
      return
    }
    for (const view of natViews(columns, row, this.#networks)) {
      this.#reserve(maxRowBytes)
      this.#writeRow(columns, row, view, source ?? 0)
      this.#text(batch, extras.applicationName, row)
      this.#text(batch, extras.protocolName, row)
      this.#text(batch, extras.hostName, row)
      this.#text(batch, extras.userName, row)
      this.rows++
    }
  }

  #sourceOf(index: number): number | undefined {
    return index === 0 ? this.#source : this.#sourceIds.get(index)
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length)
    this.#buffer.copy(larger, 0, 0, this.#used)
    this.#buffer = larger
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.length)
  }

  #writeRow(columns: Columns, row: number, view: NatView, source: number): void {
    this.#view.setInt16(this.#used, flowColumns.length)
    this.#used += 2
    this.#writeKeyAndTimes(columns, row, view)
    this.#counter(columns.flowId, row)
    this.#counter(columns.octetDeltaCount, row)
    this.#counter(columns.reverseOctetDeltaCount, row)
    this.#counter(columns.packetDeltaCount, row)
    this.#counter(columns.reversePacketDeltaCount, row)
    this.#int4(columns.conntrackId[row] ?? 0)
    this.#int4(lastPacketMs(columns, row))
    this.#int2(portColumn(columns, view.inside)[row] ?? 0)
    this.#int2(portColumn(columns, view.remote)[row] ?? 0)
    this.#int2(source)
    this.#int2(columns.protocolIdentifier[row] ?? 0)
    this.#int2(kindOf(columns, row, view))
    this.#address(addressColumn(columns, view.inside), row)
    this.#address(addressColumn(columns, view.remote), row)
    this.#extra(columns, row, addressColumn(columns, view.public))
  }

  #writeKeyAndTimes(columns: Columns, row: number, view: NatView): void {
    const words = addressColumn(columns, view.public)
    const port = portColumn(columns, view.public)[row] ?? 0
    const w0 = words[4 * row] ?? 0
    const w1 = words[4 * row + 1] ?? 0
    const w2 = words[4 * row + 2] ?? 0
    const w3 = words[4 * row + 3] ?? 0
    this.#int8(publicKeyHigh(w0, w1, w2, w3), publicKeyLow(w0, w1, w2, w3, port))
    const start = Math.floor(columns.flowStartMicroseconds[row] ?? 0)
    this.#time(start)
    this.#time(Math.floor(columns.flowEndMicroseconds[row] ?? 0))
    // A connection cannot begin after its own slice; a source that does not know says 0.
    const connection = columns.connectionStart[row] ?? 0
    this.#time(connection >= oldestUs && connection < start ? Math.floor(connection) : start)
  }

  #int8(high: number, low: number): void {
    const view = this.#view
    view.setInt32(this.#used, 8)
    view.setInt32(this.#used + 4, high)
    view.setInt32(this.#used + 8, low)
    this.#used += 12
  }

  #int4(value: number): void {
    this.#view.setInt32(this.#used, 4)
    this.#view.setInt32(this.#used + 4, value)
    this.#used += 8
  }

  #int2(value: number): void {
    this.#view.setInt32(this.#used, 2)
    this.#view.setInt16(this.#used + 4, value)
    this.#used += 6
  }

  #time(us: number): void {
    const since = us - epochUs
    const high = Math.floor(since / 0x100000000)
    this.#int8(high, since - high * 0x100000000)
  }

  #counter(words: Uint32Array, row: number): void {
    const high = words[2 * row + 1] ?? 0
    if (high <= maxInt31) {
      this.#int8(high, words[2 * row] ?? 0)
      return
    }
    this.clampedCounters++
    this.#int8(maxInt31, 0xffffffff)
  }

  #address(words: Uint32Array, row: number): void {
    const at = 4 * row
    if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === v4MappedWord) {
      this.#int4(words[at + 3] ?? 0)
      return
    }
    this.#view.setInt32(this.#used, 16)
    this.#used += 4
    this.#words(words, at)
  }

  /** Zone, mark and an IPv6 public address: empty for most rows, see the migration. */
  #extra(columns: Columns, row: number, words: Uint32Array): void {
    const at = 4 * row
    const isV4 = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === v4MappedWord
    const zone = columns.ingressVrfId[row] ?? 0
    const mark = columns.conntrackMark[row] ?? 0
    if (isV4 && zone === 0 && mark === 0) {
      this.#view.setInt32(this.#used, 0)
      this.#used += 4
      return
    }
    this.#view.setInt32(this.#used, isV4 ? 8 : 24)
    this.#view.setInt32(this.#used + 4, zone)
    this.#view.setInt32(this.#used + 8, mark)
    this.#used += 12
    if (!isV4) this.#words(words, at)
  }

  /** A text, or null where it is empty. */
  #text({ texts }: FlowBatch, column: Uint32Array | undefined, row: number): void {
    const number = column?.[row] ?? 0
    const octets = number === 0 ? noOctets : texts.octetsOf(number)
    if (octets.length === 0) {
      this.#view.setInt32(this.#used, -1)
      this.#used += 4
      return
    }
    this.#reserve(maxRowBytes + octets.length)
    this.#view.setInt32(this.#used, octets.length)
    this.#buffer.set(octets, this.#used + 4)
    this.#used += 4 + octets.length
  }

  #words(words: Uint32Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      this.#view.setInt32(this.#used, words[at + i] ?? 0)
      this.#used += 4
    }
  }
}

/** Milliseconds from the last packet to the end; 0 where the source has no estimate. */
function lastPacketMs(columns: Columns, row: number): number {
  const end = columns.flowEndMicroseconds[row] ?? 0
  const last = columns.lastPacket[row] ?? 0
  if (!(last > 0)) return 0
  return Math.min(maxInt31, Math.max(0, Math.round((end - last) / 1000)))
}

function kindOf(columns: Columns, row: number, view: NatView): number {
  return (
    view.kind |
    (view.ordinal << kindShifts.view) |
    ((columns.flowEndReason[row] ?? 0) << kindShifts.endReason) |
    ((columns.sliceFlags[row] ?? 0) << kindShifts.flags)
  )
}
