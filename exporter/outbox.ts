/**
 * Messages that wait to be sent, in memory that is used again: slots of equal size, one message
 * each. An encoder fills it up to its last slot, a transport empties it, and it begins anew.
 */
export class Outbox {
  readonly bytes: Buffer
  readonly view: DataView
  readonly slotBytes: number
  readonly slots: number
  /** Octets of message i, which begins at `i * slotBytes`. */
  readonly lengths: Int32Array
  /** Flow and event records of message i. */
  readonly records: Int32Array
  /** Messages in it. */
  count = 0
  /** The first that is not sent yet. */
  sent = 0

  /** @param bytes where the slots are, one behind the other; left out: in memory of its own */
  constructor(slots: number, slotBytes: number, bytes: Buffer = Buffer.alloc(slots * slotBytes)) {
    this.slots = slots
    this.slotBytes = slotBytes
    this.bytes = bytes
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    this.lengths = new Int32Array(slots)
    this.records = new Int32Array(slots)
  }

  /** Where the next message may be written, or -1 where there is no room. */
  get next(): number {
    return this.count < this.slots ? this.count * this.slotBytes : -1
  }

  /** Takes the message that was written at {@link next}. */
  add(length: number, records: number): void {
    this.lengths[this.count] = length
    this.records[this.count] = records
    this.count++
  }

  /** The octets of message i; valid until the outbox is emptied. */
  message(index: number): Buffer {
    const from = index * this.slotBytes
    return this.bytes.subarray(from, from + (this.lengths[index] ?? 0))
  }

  /** Forgets what is in it. */
  clear(): void {
    this.sent = 0
    this.count = 0
  }

  /** Counts messages as sent; when all are, the slots are free again. */
  take(messages: number): void {
    this.sent += messages
    if (this.sent >= this.count) this.clear()
  }
}
