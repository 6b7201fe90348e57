import { RowJournal } from '../../../collector/conntrack/row-journal.ts'
import type { Journal } from '../../../collector/conntrack/row-journal.ts'
import { Tracker } from '../../../collector/conntrack/tracker.ts'
import { readTimeouts } from '../../../collector/conntrack/timeouts.ts'
import { formatAddress } from '../../../model/address.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import type { JournalFrame } from '../../../collector/conntrack/recover.ts'
import { copyRow, makeFlowBatch } from '../../../model/flow-batch.ts'
import { verdictExtras } from '../../../model/flow-verdict.ts'
import type { FlowVerdict } from '../../../model/flow-verdict.ts'
import { readVerdict } from '../../../collector/conntrack/row-verdicts.ts'

/** A row as a test reads it. */
export interface Row {
  readonly id: number
  readonly source: string
  readonly public: string
  readonly protocol: number
  readonly connection: number
  readonly start: number
  readonly end: number
  readonly last: number
  readonly octets: bigint
  readonly packets: bigint
  readonly flags: number
  readonly reason: number
  readonly verdict: FlowVerdict
}

function rowOf(batch: FlowBatch, row: number): Row {
  const c = batch.columns
  const address = (column: Uint32Array): string => {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = column.subarray(4 * row, 4 * row + 4)
    return formatAddress(w0, w1, w2, w3)
  }
  const u64 = (column: Uint32Array): bigint =>
    (BigInt(column[2 * row + 1] ?? 0) << 32n) | BigInt(column[2 * row] ?? 0)
  return {
    id: Number(u64(c.flowId)),
    source: `${address(c.sourceAddress)}:${c.sourceTransportPort[row]}`,
    public: `${address(c.postNatSourceAddress)}:${c.postNaptSourceTransportPort[row]}`,
    protocol: c.protocolIdentifier[row] ?? 0,
    connection: c.connectionStart[row] ?? 0,
    start: c.flowStartMicroseconds[row] ?? 0,
    end: c.flowEndMicroseconds[row] ?? 0,
    last: c.lastPacket[row] ?? 0,
    octets: u64(c.octetDeltaCount),
    packets: u64(c.packetDeltaCount),
    flags: c.sliceFlags[row] ?? 0,
    reason: c.flowEndReason[row] ?? 0,
    verdict: readVerdict(batch, row),
  }
}

/**
 * A tracker over a journal in memory, fed with datagrams.
 *
 * @param append takes the rows instead of `frames`
 */
export function makeHarness(activeTimeoutUs = 1800e6, append?: Journal['append']) {
  const frames: (JournalFrame & { batch: FlowBatch; kind: 'open' | 'slices' })[] = []
  const keep: Journal['append'] = (kind, batch, progress) => {
    const copy = makeFlowBatch(Math.max(1, batch.length), verdictExtras)
    for (let row = 0; row < batch.length; row++) copyRow(batch, row, copy, row)
    copy.length = batch.length
    frames.push({ kind, batch: copy, ...progress })
    return true
  }
  const journal = new RowJournal({
    append: append ?? keep,
    gap: () => true,
    watchedFrom: () => true,
  })
  const tracker = new Tracker(journal, readTimeouts(), activeTimeoutUs)
  const feed = (bytes: Buffer, afterUs: number, beforeUs = afterUs, isDump = false): void => {
    tracker.arrivedAfterUs = afterUs
    tracker.arrivedBeforeUs = beforeUs
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    tracker.datagram(view, 0, bytes.length, isDump)
  }
  const dump = (atUs: number, ...entries: Buffer[]): void => {
    tracker.dump++
    tracker.dumpStartUs = atUs
    tracker.meanwhile.begin()
    for (const entry of entries) feed(entry, atUs, atUs, true)
    tracker.meanwhile.end()
    tracker.settle()
  }
  const rows = (kind: 'open' | 'slices'): Row[] => {
    journal.flush()
    return frames
      .filter((frame) => frame.kind === kind)
      .flatMap(({ batch }) => Array.from({ length: batch.length }, (_, i) => rowOf(batch, i)))
  }
  return {
    tracker,
    journal,
    frames,
    feed,
    dump,
    opens: () => rows('open'),
    slices: () => rows('slices'),
  }
}
