import { v4MappedWord } from '../model/address.ts'
import type { RecordSettings } from '../model/export-targets.ts'
import { sliceFlags } from '../model/fields.ts'
import type { Columns, FlowBatch } from '../model/flow-batch.ts'
import type { ExportCounters } from './export-counters.ts'
import { familyBits, flavourNumber, flavours, flavoursOf } from './flavours.ts'
import type { Flavour } from './flavours.ts'
import { isTranslated, makeRowFilter } from './row-filter.ts'
import type { RowFilter } from './row-filter.ts'

/**
 * What a batch holds: slices, connections that have just begun (which only NAT events need), or
 * slices without such a batch beside them, so that beginnings are told from the slices too.
 */
export type BatchKind = 'slices' | 'begun' | 'whole'

/** A slot is a flavour and the families of the row's addresses: what one layout fits. */
const slotCount = 16 * flavours.length
export const slotFlavour = (slot: number): Flavour => flavours[slot >> 4] ?? 'forward'
export const slotFamilies = (slot: number): number => slot & 15

/** RFC 8158 §5: events by which something begins; their time is that of the row's start. */
const beginnings = new Set([1, 4, 6, 8, 10, 14, 16])
const blocks = new Set([16, 17])

function isV6(words: Uint32Array, at: number): boolean {
  return words[at + 2] !== v4MappedWord || words[at + 1] !== 0 || words[at] !== 0
}

function isUnset(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0
}

/** The bits of {@link familyBits}; an address that is all zero is of the family of its partner. */
function familiesOf(columns: Columns, row: number): number {
  const at = 4 * row
  const { sourceAddress, destinationAddress } = columns
  const { postNatSourceAddress, postNatDestinationAddress } = columns
  const source = isV6(sourceAddress, at)
  const destination = isUnset(destinationAddress, at) ? source : isV6(destinationAddress, at)
  const after = isUnset(postNatSourceAddress, at) ? source : isV6(postNatSourceAddress, at)
  const afterTo = isUnset(postNatDestinationAddress, at)
    ? destination
    : isV6(postNatDestinationAddress, at)
  return (
    (source ? familyBits.sourceAddress : 0) |
    (destination ? familyBits.destinationAddress : 0) |
    (after ? familyBits.postNatSourceAddress : 0) |
    (afterTo ? familyBits.postNatDestinationAddress : 0)
  )
}

/**
 * Chooses what is told of the rows of a batch and sorts it by slot, so that records of one layout
 * stand together. The arrays are used again for every batch.
 */
export class RowChoice {
  /** Rows, sorted by slot. */
  order = new Int32Array(0)
  private slots = new Uint8Array(0)
  private rows = new Int32Array(0)
  private count = 0
  private readonly counts = new Int32Array(slotCount)
  private readonly ends = new Int32Array(slotCount)
  private readonly wanted: readonly { readonly flavour: Flavour; readonly slot: number }[]
  private readonly filter: RowFilter | undefined
  private readonly wantsEvents: boolean
  private readonly counters: ExportCounters
  /** The slot of every connection of IPv4, where one record is told of each; else -1. */
  private readonly onlySlot: number
  private at = 0

  constructor(settings: RecordSettings, counters: ExportCounters) {
    this.counters = counters
    this.wanted = flavoursOf(settings).map((flavour) => ({
      flavour,
      slot: flavourNumber(flavour) << 4,
    }))
    this.filter = makeRowFilter(settings.filter)
    this.wantsEvents = settings.records !== 'flows'
    const [first] = this.wanted
    const tellsAll = first?.flavour === 'forward' || first?.flavour === 'inside'
    const isOnly = tellsAll && this.wanted.length === 1 && this.filter === undefined
    this.onlySlot = isOnly ? first.slot : -1
  }

  begin(batch: FlowBatch, kind: BatchKind): void {
    this.grow(batch.capacity * Math.max(1, this.wanted.length))
    const { columns, length, isV4 } = batch
    const events = batch.extras.natEvent
    if (isV4 === true && this.onlySlot >= 0 && events === undefined && kind !== 'begun') {
      this.takeAll(length)
      return
    }
    this.count = 0
    this.counts.fill(0)
    for (let row = 0; row < length; row++) {
      if (this.filter !== undefined && !this.filter(columns, row)) {
        this.counters.filtered++
        continue
      }
      const event = events === undefined ? 0 : (events[row] ?? 0)
      const families = isV4 === true ? 0 : familiesOf(columns, row)
      if (event === 0) this.addConnection(columns, row, families, kind)
      else if (this.wantsEvents) this.addEvent(row, families, event)
      else this.counters.filtered++
    }
    this.sort()
  }

  /** The slot of what comes next, or -1 at the end. */
  get slot(): number {
    if (this.at >= this.count) return -1
    return this.slots[this.at] ?? 0
  }

  /** Where in `order` the next records of the slot stand: from `first` up to `end`. */
  get first(): number {
    return this.at
  }

  get end(): number {
    return this.ends[this.slot] ?? 0
  }

  /** Says that `count` of them are dealt with. */
  take(count: number): void {
    this.at += count
  }

  /** Every row as it stands. */
  private takeAll(length: number): void {
    for (let row = 0; row < length; row++) this.order[row] = row
    this.slots.fill(this.onlySlot, 0, length)
    this.ends[this.onlySlot] = length
    this.count = length
    this.at = 0
  }

  private addConnection(columns: Columns, row: number, families: number, kind: BatchKind): void {
    for (const { flavour, slot } of this.wanted) {
      if (isTold(flavour, columns, row, kind)) this.add(row, slot | families)
    }
  }

  private addEvent(row: number, families: number, event: number): void {
    const opens = beginnings.has(event)
    const flavour = blocks.has(event)
      ? opens
        ? 'block-begin'
        : 'block-end'
      : opens
        ? 'event-begin'
        : 'event-end'
    this.add(row, (flavourNumber(flavour) << 4) | families)
  }

  private add(row: number, slot: number): void {
    this.slots[this.count] = slot
    this.rows[this.count] = row
    this.count++
    this.counts[slot] = (this.counts[slot] ?? 0) + 1
  }

  /** Sorts by counting: afterwards slot s ends at `ends[s]`. */
  private sort(): void {
    const { counts, ends, rows, order, slots, count } = this
    let sum = 0
    for (let slot = 0; slot < slotCount; slot++) {
      ends[slot] = sum
      sum += counts[slot] ?? 0
    }
    for (let i = 0; i < count; i++) {
      const slot = slots[i] ?? 0
      const place = ends[slot] ?? 0
      order[place] = rows[i] ?? 0
      ends[slot] = place + 1
    }
    let from = 0
    for (let slot = 0; slot < slotCount; slot++) {
      const end = from + (counts[slot] ?? 0)
      if (end > from) slots.fill(slot, from, end)
      from = end
    }
    this.at = 0
  }

  private grow(entries: number): void {
    if (this.order.length >= entries) return
    this.order = new Int32Array(entries)
    this.rows = new Int32Array(entries)
    this.slots = new Uint8Array(entries)
  }
}

/** Whether there is anything to tell of a row in a flavour. */
function isTold(flavour: Flavour, columns: Columns, row: number, kind: BatchKind): boolean {
  if (flavour === 'session-create') {
    return kind !== 'slices' && begins(columns, row) && isTranslated(columns, row)
  }
  if (kind === 'begun') return false
  if (flavour === 'forward' || flavour === 'inside') return true
  if (flavour === 'session-delete') {
    const more = ((columns.sliceFlags[row] ?? 0) & sliceFlags.continues) !== 0
    return !more && isTranslated(columns, row)
  }
  const reply =
    columns.reversePacketDeltaCount[2 * row] !== 0 ||
    columns.reversePacketDeltaCount[2 * row + 1] !== 0
  if (flavour === 'reverse' || flavour === 'inside-reverse') return reply
  // A view from outside of what is not translated would be the view from inside once more.
  return isTranslated(columns, row) && (flavour === 'outside' || reply)
}

/** True where the row is the beginning of a connection that was seen to begin. */
function begins(columns: Columns, row: number): boolean {
  if (((columns.sliceFlags[row] ?? 0) & sliceFlags.startUnknown) !== 0) return false
  return columns.flowStartMicroseconds[row] === columns.connectionStart[row]
}
