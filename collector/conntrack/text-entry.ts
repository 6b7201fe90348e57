import { parseAddress, parseV4, v4MappedWord } from '../../model/address.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { scanCounter, scanDecimal, scanHex } from './text-scan.ts'
import { textFields } from './text-words.ts'

/** Why a line gave no event. The first four are no damage: such lines belong to the output. */
export const lineReasons = [
  'blank',
  /** "conntrack v1.4.7 (conntrack-tools): 10 flow entries have been shown." */
  'summary',
  /** A connection that a helper expects; it has no translation yet. */
  'expectation',
  /** `-o xml` and `-o save`: other languages, which are not read. */
  'xml-form',
  'save-form',
  'not-conntrack',
  'no-tuple',
  'no-port',
  'bad-address',
  'mixed-families',
  'bad-port',
  'bad-number',
  'bad-protocol',
  'bad-time',
  /** A field twice in one direction: two lines ran into one another. */
  'duplicate-key',
] as const

export type LineReason = (typeof lineReasons)[number]

const icmp = 1
const icmpv6 = 58
const gre = 47
/** TCP, UDP, SCTP and UDP-Lite have ports; without them an entry is no evidence of anything. */
const protocolsWithPorts: ReadonlySet<number> = new Set([6, 17, 132, 136])

const { src, dst, sport, dport, type, code, id, srckey, dstkey, packets, bytes } = textFields
const addressBits = (1 << src) | (1 << dst)
const portBits = (1 << sport) | (1 << dport)
const keyBits = (1 << srckey) | (1 << dstkey)
const icmpBits = (1 << type) | (1 << code) | (1 << id)

/** Bits of the fields that each direction must have, by protocol. */
const neededByProtocol = Uint16Array.from({ length: 256 }, (_, protocol) => {
  if (protocolsWithPorts.has(protocol)) return addressBits | portBits
  if (protocol === gre) return addressBits | keyBits
  return protocol === icmp || protocol === icmpv6 ? addressBits | icmpBits : addressBits
})

/** The fields of one line, read into the columns of a row. */
export class EntryReader {
  /** Row 0: addresses, ports, protocol, ICMP type and code, zone, id (0: none), mark, counters. */
  readonly row = makeFlowBatch(1)
  /** Age of the entry in whole seconds (`delta-time=`); -1 where it is not told. */
  ageSeconds = -1
  hasCounters = false
  private readonly columns = this.row.columns
  private line = ''
  /** 0 before the first src=, then 1 (original) or 2 (reply). */
  private direction = 0
  /** Bits of the fields seen outside of, and in, each direction. */
  private readonly seen = [0, 0, 0]
  /** Bits that both directions must have. */
  private needed = 0
  private v6Addresses = 0

  start(line: string): void {
    this.clearColumns()
    this.line = line
    this.ageSeconds = -1
    this.hasCounters = false
    this.direction = 0
    this.needed = 0
    this.seen[0] = 0
    this.seen[1] = 0
    this.seen[2] = 0
    this.v6Addresses = 0
  }

  setProtocol(protocol: number): void {
    this.columns.protocolIdentifier[0] = protocol
    this.needed = neededByProtocol[protocol] ?? 0
  }

  /** True where both tuples are whole. */
  get tuplesRead(): boolean {
    const both = (this.seen[1] ?? 0) & (this.seen[2] ?? 0)
    return (both & this.needed) === this.needed && this.direction === 2
  }

  /** The columns that a line may leave out; the others are filled by every event. */
  private clearColumns(): void {
    const { columns } = this
    columns.sourceTransportPort[0] = 0
    columns.destinationTransportPort[0] = 0
    columns.postNaptSourceTransportPort[0] = 0
    columns.postNaptDestinationTransportPort[0] = 0
    columns.icmpTypeCode[0] = 0
    columns.ingressVrfId[0] = 0
    columns.conntrackId[0] = 0
    columns.conntrackMark[0] = 0
    for (let word = 0; word < 2; word++) {
      columns.octetDeltaCount[word] = 0
      columns.packetDeltaCount[word] = 0
      columns.reverseOctetDeltaCount[word] = 0
      columns.reversePacketDeltaCount[word] = 0
    }
  }

  /**
   * Reads the value at `from` .. `to` of a field of `textFields`; fields that say nothing of who
   * held what are passed over.
   */
  readField(field: number, from: number, to: number): LineReason | undefined {
    if (field >= textFields.mark) return this.readOther(field, from, to)
    if (field === src) {
      if (this.direction === 2) return 'duplicate-key'
      this.direction++
    }
    const { direction } = this
    if (direction === 0) return 'no-tuple'
    const seen = this.seen[direction] ?? 0
    // The identifier of an ICMP tuple and the id of the entry have one name: the tuple's comes
    // first.
    if (field === id && ((this.needed & (1 << id)) === 0 || (seen & (1 << id)) !== 0)) {
      return this.readOnce(field, from, to)
    }
    if ((seen & (1 << field)) !== 0) return 'duplicate-key'
    this.seen[direction] = seen | (1 << field)
    return this.readTupleField(field, direction === 2, from, to)
  }

  private readTupleField(
    field: number,
    reply: boolean,
    from: number,
    to: number
  ): LineReason | undefined {
    const { columns } = this
    switch (field) {
      case src:
        return this.readAddress(
          reply ? columns.postNatDestinationAddress : columns.sourceAddress,
          from,
          to
        )
      case dst:
        return this.readAddress(
          reply ? columns.postNatSourceAddress : columns.destinationAddress,
          from,
          to
        )
      case packets:
        return this.readCounter(
          reply ? columns.reversePacketDeltaCount : columns.packetDeltaCount,
          from,
          to
        )
      case bytes:
        return this.readCounter(
          reply ? columns.reverseOctetDeltaCount : columns.octetDeltaCount,
          from,
          to
        )
      case type:
      case code: {
        const value = scanDecimal(this.line, from, to, 255)
        if (value < 0) return 'bad-number'
        const held = columns.icmpTypeCode[0] ?? 0
        if (!reply) columns.icmpTypeCode[0] = held + (field === type ? value * 256 : value)
        return undefined
      }
      default:
        return this.readPort(field, reply, from, to)
    }
  }

  /**
   * Ports, ICMP identifiers and GRE keys (of which the low 16 bits are kept). The reply's source is
   * what the original destination became, and the other way round; an ICMP identifier belongs to
   * who asked, in both directions.
   */
  private readPort(
    field: number,
    reply: boolean,
    from: number,
    to: number
  ): LineReason | undefined {
    const { columns, line } = this
    const value =
      field === srckey || field === dstkey
        ? scanHex(line, from, to, 0xffffffff)
        : scanDecimal(line, from, to, 65_535)
    if (value < 0) return 'bad-port'
    const ofSource = field === sport || field === srckey || field === id
    if (!reply) {
      if (ofSource) columns.sourceTransportPort[0] = value
      else columns.destinationTransportPort[0] = value
    } else if (ofSource && field !== id) columns.postNaptDestinationTransportPort[0] = value
    else columns.postNaptSourceTransportPort[0] = value
    return undefined
  }

  private readCounter(column: Uint32Array, from: number, to: number): LineReason | undefined {
    this.hasCounters = true
    return scanCounter(this.line, from, to, column) ? undefined : 'bad-number'
  }

  private readAddress(column: Uint32Array, from: number, to: number): LineReason | undefined {
    const v4 = parseV4(this.line, from, to)
    if (v4 >= 0) {
      column[0] = 0
      column[1] = 0
      column[2] = v4MappedWord
      column[3] = v4
      return undefined
    }
    const words = to - from > 45 ? undefined : parseAddress(this.line.slice(from, to))
    if (words === undefined) return 'bad-address'
    column.set(words)
    this.v6Addresses++
    return undefined
  }

  /** Fields of the whole entry. */
  private readOther(field: number, from: number, to: number): LineReason | undefined {
    switch (field) {
      case textFields.mark:
      case textFields.zone:
      case textFields['zone-orig']:
      case textFields['delta-time']:
        return this.readOnce(field, from, to)
      case textFields.proto:
      case textFields['mask-src']:
      case textFields['master-src']:
        return 'expectation'
      default:
        return undefined
    }
  }

  private readOnce(field: number, from: number, to: number): LineReason | undefined {
    const isZone = field === textFields.zone || field === textFields['zone-orig']
    // zone= is both zones in one: it never stands beside zone-orig=.
    const bit = 1 << (isZone ? textFields.zone : field)
    const seen = this.seen[0] ?? 0
    if ((seen & bit) !== 0) return 'duplicate-key'
    this.seen[0] = seen | bit
    const value = scanDecimal(this.line, from, to, isZone ? 0xffff : 0xffffffff)
    if (value < 0) return 'bad-number'
    const { columns } = this
    if (isZone) columns.ingressVrfId[0] = value
    else if (field === textFields.mark) columns.conntrackMark[0] = value
    else if (field === id) columns.conntrackId[0] = value
    else this.ageSeconds = value
    return undefined
  }

  /** What the entry lacks to be evidence. */
  finish(): LineReason | undefined {
    const { needed, v6Addresses } = this
    const both = (this.seen[1] ?? 0) & (this.seen[2] ?? 0)
    if ((both & addressBits) !== addressBits) return 'no-tuple'
    if (v6Addresses !== 0 && v6Addresses !== 4) return 'mixed-families'
    return (both & needed) === needed ? undefined : 'no-port'
  }
}
