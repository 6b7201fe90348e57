import type { ExportCounters } from './export-counters.ts'
import type { Outbox } from './outbox.ts'
import type { Protocol } from './protocol.ts'

/** A set that stands ready: templates, or records of options. */
export interface PreparedSet {
  /** With its header and padding. */
  readonly bytes: Buffer
  readonly records: number
  /** Those of them that the sequence of IPFIX counts: no templates. */
  readonly dataRecords: number
}

/** Puts records and sets into messages, one after another, in the slots of an outbox. */
export class MessageWriter {
  /** The sequence number of the next message. */
  sequence = 0
  private readonly counters: ExportCounters
  private readonly protocol: Protocol
  private readonly outbox: Outbox
  private readonly domain: number
  private readonly bootUs: number
  /** Where the message under way begins, or -1. */
  private from = -1
  /** Where it ends so far. */
  private at = 0
  private records = 0
  private dataRecords = 0
  private flowRecords = 0
  private setId = 0
  private setAt = 0

  constructor(
    protocol: Protocol,
    outbox: Outbox,
    given: { domain: number; bootUs: number; counters: ExportCounters }
  ) {
    this.counters = given.counters
    this.protocol = protocol
    this.outbox = outbox
    this.domain = given.domain
    this.bootUs = given.bootUs
  }

  /** Octets of records that a message can hold at the most, in one set. */
  get room(): number {
    const { headerBytes, setHeaderBytes, padTo } = this.protocol
    return this.outbox.slotBytes - headerBytes - setHeaderBytes - (padTo - 1)
  }

  /** True where the message under way holds something. */
  get holdsSomething(): boolean {
    return this.from >= 0 && this.records > 0
  }

  /** @returns false where the outbox has no room for another message */
  open(): boolean {
    if (this.from >= 0) return true
    const next = this.outbox.next
    if (next < 0) return false
    this.from = next
    this.at = next + this.protocol.headerBytes
    this.records = 0
    this.dataRecords = 0
    this.flowRecords = 0
    this.setId = 0
    return true
  }

  /** Octets that are left for records of a template in the message under way. */
  left(setId: number): number {
    const { setHeaderBytes, padTo } = this.protocol
    const head = setId === this.setId ? 0 : setHeaderBytes + (padTo - 1)
    const end = this.from + this.outbox.slotBytes
    return end - this.at - head - (padTo - 1)
  }

  /** Records that the message under way may still take. */
  get recordsLeft(): number {
    return this.protocol.maxRecords - this.records
  }

  /** Where records of a template may be written; opens a set for them. */
  begin(setId: number): number {
    if (this.protocol.setHeaderBytes > 0 && setId !== this.setId) {
      this.closeSet()
      this.setId = setId
      this.setAt = this.at
      this.outbox.view.setUint16(this.at, setId)
      this.at += this.protocol.setHeaderBytes
    }
    return this.at
  }

  /** Takes records that were written at {@link begin}. */
  take(bytes: number, records: number): void {
    this.at += bytes
    this.records += records
    this.dataRecords += records
    this.flowRecords += records
    this.counters.records += records
  }

  /** Takes a set whole; false where it does not fit into the message under way. */
  takeSet(set: PreparedSet): boolean {
    const padding = this.protocol.padTo - 1
    if (this.at + padding + set.bytes.length > this.from + this.outbox.slotBytes) return false
    this.closeSet()
    set.bytes.copy(this.outbox.bytes, this.at)
    this.at += set.bytes.length
    this.records += set.records
    this.dataRecords += set.dataRecords
    this.counters.optionRecords += set.dataRecords
    return true
  }

  /** Ends the message under way, if it holds anything. */
  close(exportUs: number): void {
    if (!this.holdsSomething) return
    this.closeSet()
    const bytes = this.at - this.from
    const { protocol, outbox, records, sequence, bootUs, domain } = this
    const head = { bytes, records, sequence, exportUs, bootUs, domain }
    protocol.writeHeader(outbox.view, this.from, head)
    outbox.add(bytes, this.flowRecords)
    this.sequence = (this.sequence + protocol.sequenceStep(this.dataRecords)) >>> 0
    this.counters.messages++
    this.counters.bytes += bytes
    this.from = -1
  }

  private closeSet(): void {
    if (this.setId === 0) return
    const { view, bytes } = this.outbox
    while ((this.at - this.setAt) % this.protocol.padTo !== 0) bytes[this.at++] = 0
    view.setUint16(this.setAt + 2, this.at - this.setAt)
    this.setId = 0
  }
}
