import { sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { natEvents } from '../../model/nat-events.ts'
import { makeNatBatch, natColumns } from '../nat/nat-row.ts'
import type { NatColumns } from '../nat/nat-row.ts'
import type { LineCursor } from './line-cursor.ts'

/** What a line says of a mapping. */
export type EventStep = 'begin' | 'end'

/** Addresses of a row: the four ends that a batch has. */
type End = 'inside' | 'outside' | 'remote' | 'remoteAfter'

/**
 * Writes the events of lines into the columns of a batch. A row counts once it is kept, so a line
 * that turns out to be something else leaves nothing.
 */
export class EventWriter {
  readonly batch: FlowBatch
  readonly columns: NatColumns
  /** When the line was written: between these two (us since 1970). */
  firstUs = 0
  lastUs = 0
  /** Bits of sliceFlags that every event of the line has. */
  flags = 0
  sourceIndex = 0
  readonly #all: { [index: number]: number; readonly length: number }[]
  readonly #ends: Readonly<Record<End, readonly [Uint32Array, Uint16Array]>>
  #row = 0
  #kept = 0

  constructor(capacity: number) {
    this.batch = makeNatBatch(capacity)
    const c = (this.columns = natColumns(this.batch))
    this.#all = Object.values(c)
    this.#ends = {
      inside: [c.sourceAddress, c.sourceTransportPort],
      outside: [c.postNatSourceAddress, c.postNaptSourceTransportPort],
      remote: [c.destinationAddress, c.destinationTransportPort],
      remoteAfter: [c.postNatDestinationAddress, c.postNaptDestinationTransportPort],
    }
  }

  /** Rows that the batch has room for. */
  get room(): number {
    return this.batch.capacity - this.batch.length
  }

  /** A new line: nothing of it is kept yet. */
  beginLine(): void {
    this.#kept = this.batch.length
  }

  /** Events of the line so far. */
  get events(): number {
    return this.batch.length - this.#kept
  }

  /** The line is not what it seemed: what was kept of it is forgotten. */
  forgetLine(): void {
    this.batch.length = this.#kept
  }

  /** A row for an event, all zero but for when it was. */
  begin(natEvent: number, protocol = 0): boolean {
    if (this.batch.length >= this.batch.capacity) return false
    const row = (this.#row = this.batch.length)
    const { columns } = this
    for (const column of this.#all) {
      const stride = column.length / this.batch.capacity
      for (let at = row * stride; at < (row + 1) * stride; at++) column[at] = 0
    }
    columns.natEvent[row] = natEvent
    columns.protocolIdentifier[row] = protocol
    columns.sourceIndex[row] = this.sourceIndex
    columns.sliceFlags[row] = this.flags
    columns.flowStartMicroseconds[row] = this.firstUs
    columns.flowEndMicroseconds[row] = this.lastUs
    return true
  }

  /** Sets an end to the address and port that the cursor has read last. */
  end(end: End, { words, port }: LineCursor, withPort = true): void {
    const [addresses, ports] = this.#endOf(end)
    const row = this.#row
    for (let word = 0; word < 4; word++) addresses[4 * row + word] = words[word] ?? 0
    ports[row] = withPort ? port : 0
  }

  /** Sets a column by its name: numbers that are the row's own. */
  set(
    name: 'ingressVrfId' | 'egressVrfId' | 'icmpTypeCode' | 'flowEndReason',
    value: number
  ): void {
    this.columns[name][this.#row] = value
  }

  ports(start: number, end: number, step = 1): void {
    const { columns } = this
    columns.portRangeStart[this.#row] = start
    columns.portRangeEnd[this.#row] = end
    columns.portRangeStepSize[this.#row] = step
  }

  text(name: 'userName' | 'natPoolName', text: string): void {
    // Lines are octets, one a character; names are read as UTF-8.
    const name8 = /^[\u0020-\u007e]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString()
    this.columns[name][this.#row] = this.batch.texts.numberOf(name8)
  }

  /** When the mapping began, where its end tells that. */
  startedAt(us: number): void {
    this.columns.connectionStart[this.#row] = us
  }

  /** The event was at another time than the line; a finished interval has two. */
  times(firstUs: number, lastUs: number): void {
    this.columns.flowStartMicroseconds[this.#row] = firstUs
    this.columns.flowEndMicroseconds[this.#row] = lastUs
  }

  /** Nobody saw the beginning: the line tells that it is there. */
  startUnknown(): void {
    this.columns.sliceFlags[this.#row] = this.flags | sliceFlags.startUnknown
  }

  counter(name: 'octets' | 'packets' | 'reverseOctets' | 'reversePackets', value: number): void {
    const column = this.columns[counterColumns[name]]
    column[2 * this.#row] = value >>> 0
    column[2 * this.#row + 1] = Math.floor(value / 4294967296)
  }

  /** The event is whole. The far end is the same behind the gateway unless the line told two. */
  keep(): void {
    const row = this.#row
    const { columns } = this
    const told = isSet(columns.destinationAddress, row)
    const toldAfter = isSet(columns.postNatDestinationAddress, row)
    if (told && !toldAfter) this.#copyEnd('remote', 'remoteAfter')
    if (toldAfter && !told) this.#copyEnd('remoteAfter', 'remote')
    columns.lastPacket[row] = columns.flowEndMicroseconds[row] ?? 0
    this.batch.length++
  }

  /** By properties of fixed names: looking one up by a name that varies is dear. */
  #endOf(end: End): readonly [Uint32Array, Uint16Array] {
    const { inside, outside, remote, remoteAfter } = this.#ends
    if (end === 'inside') return inside
    if (end === 'outside') return outside
    return end === 'remote' ? remote : remoteAfter
  }

  #copyEnd(from: End, to: End): void {
    const row = this.#row
    const [addresses, ports] = this.#endOf(from)
    const [targetAddresses, targetPorts] = this.#endOf(to)
    for (let word = 0; word < 4; word++) {
      targetAddresses[4 * row + word] = addresses[4 * row + word] ?? 0
    }
    targetPorts[row] = ports[row] ?? 0
  }
}

const counterColumns = {
  octets: 'octetDeltaCount',
  packets: 'packetDeltaCount',
  reverseOctets: 'reverseOctetDeltaCount',
  reversePackets: 'reversePacketDeltaCount',
} as const

function isSet(words: Uint32Array, row: number): boolean {
  const at = 4 * row
  return words[at + 3] !== 0 || words[at + 2] !== 0 || words[at + 1] !== 0 || words[at] !== 0
}

const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 132, 136])

/** True of protocols whose ends have ports: a line without them was cut. */
export const hasPorts = (protocol: number): boolean => withPorts.has(protocol)

/** Number of a session's event, by the family of its inside. */
export function sessionEvent(step: EventStep, isV6Inside = false): number {
  if (isV6Inside) {
    return step === 'begin' ? natEvents.nat64SessionCreate : natEvents.nat64SessionDelete
  }
  return step === 'begin' ? natEvents.nat44SessionCreate : natEvents.nat44SessionDelete
}

/** Number of a binding's event: an inside endpoint and a public one, towards whoever. */
export function bindingEvent(step: EventStep, isV6Inside = false): number {
  if (isV6Inside) return step === 'begin' ? natEvents.nat64BibCreate : natEvents.nat64BibDelete
  return step === 'begin' ? natEvents.nat44BibCreate : natEvents.nat44BibDelete
}

export function blockEvent(step: EventStep): number {
  return step === 'begin' ? natEvents.portBlockAllocation : natEvents.portBlockDeallocation
}

export function addressEvent(step: EventStep): number {
  return step === 'begin' ? natEvents.addressBindingCreate : natEvents.addressBindingDelete
}

/** True where the cursor's address is IPv6. */
export const isV6 = ({ words }: LineCursor): boolean =>
  words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff
