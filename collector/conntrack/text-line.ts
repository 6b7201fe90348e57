import { parseAddress, parseV4, v4MappedWord } from '../../model/address.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { parseProtocol } from '../../model/protocol.ts'
import { scanCounter, scanDecimal, scanEpoch, scanHex, skipSpace, wordEnd } from './text-scan.ts'
import { directionKeys, tcpStates, toleratedKeys } from './text-words.ts'

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

/** What a line tells: an event of `-E`, or an entry as `-L` and /proc/net/nf_conntrack list it. */
export type LineKind = 'new' | 'update' | 'destroy' | 'sighting'

const eventTags: Readonly<Record<string, LineKind>> = {
  '[NEW]': 'new',
  '[UPDATE]': 'update',
  '[DESTROY]': 'destroy',
}

/** Names of unknown fields that are counted one by one; further ones share a count. */
const maxUnknownNames = 50

const icmp = 1
const icmpv6 = 58
/** TCP, UDP, SCTP and UDP-Lite have ports; without them an entry is no evidence of anything. */
const protocolsWithPorts: ReadonlySet<number> = new Set([6, 17, 132, 136])

/** Bits of the fields that a direction of a protocol must have. */
function bitsNeeded(protocol: number): number {
  const of = (...keys: string[]): number =>
    keys.reduce((bits, key) => bits | (directionKeys[key] ?? 0), 0)
  if (protocolsWithPorts.has(protocol)) return of('src', 'dst', 'sport', 'dport')
  if (protocol === icmp || protocol === icmpv6) return of('src', 'dst', 'type', 'code', 'id')
  return of('src', 'dst')
}

const neededByProtocol = Uint16Array.from({ length: 256 }, (_, protocol) => bitsNeeded(protocol))
const addressBits = bitsNeeded(255)

/**
 * Reads one line of conntrack's text. The forms, as conntrack 1.4.7, older releases and the kernel
 * print them (what stands in brackets may be missing):
 *
 * ```
 * [[1795192001.745805]] [[NEW]|[UPDATE]|[DESTROY]] [ipv4 2] tcp 6 [431999] [ESTABLISHED]
 *   src= dst= (sport= dport= | type= code= id= | srckey= dstkey=) [zone-orig=] [packets= bytes=]
 *   [[UNREPLIED]]
 *   src= dst= (sport= dport= | type= code= id= | srckey= dstkey=) [zone-reply=] [packets= bytes=]
 *   [[ASSURED]] [mark=] [secctx=] [zone=] [delta-time=] [[start=ctime]] [[stop=ctime]] [helper=]
 *   [use=] [id=] [labels=] [[USERSPACE] portid= [progname=]]
 * ```
 * The first src= opens the original direction, the second the reply. What was read stands in the
 * members until the next line; no object a line.
 */
export class LineReader {
  /** Row 0: addresses, ports, protocol, ICMP type and code, zone, id (0: none), mark, counters. */
  readonly row = makeFlowBatch(1)
  kind: LineKind = 'sighting'
  /** Time before the line (us since 1970); 0 where there is none. */
  timeUs = 0
  /** Texts of `[start=…]` and `[stop=…]`: local time of nobody knows where; empty where missing. */
  startText = ''
  stopText = ''
  /** Age of the entry in whole seconds (`delta-time=`); -1 where it is not told. */
  ageSeconds = -1
  /** The kernel's enum tcp_conntrack; 0 where the line tells no state. */
  tcpState = 0
  assured = false
  /** A process deleted or made the entry, not a packet. */
  userspace = false
  hasCounters = false
  /** True where something follows the reply's tuple: then it cannot have been cut short. */
  tupleComplete = false
  /** Fields, flags and words that are not known, by name. */
  readonly unknown = new Map<string, number>()
  private line = ''
  /** 0 before the first src=, then 1 (original) or 2 (reply). */
  private direction = 0
  /** Bits of the fields seen in each direction and outside of them. */
  private readonly seen = [0, 0, 0]
  /** Bits that both directions must have. */
  private needed = 0
  private v6Addresses = 0

  /** @returns undefined where the line is an event; else why it is none */
  read(line: string): LineReason | undefined {
    this.reset(line)
    let at = skipSpace(line, 0, line.length)
    if (at === line.length) return 'blank'
    const other = otherForm(line, at)
    if (other !== undefined) return other
    if (line.charCodeAt(at) === 91 && isDigit(line.charCodeAt(at + 1))) {
      const close = line.indexOf(']', at)
      this.timeUs = close < 0 ? -1 : scanEpoch(line, at + 1, close)
      if (this.timeUs < 0) return 'bad-time'
      at = skipSpace(line, close + 1, line.length)
    }
    if (line.charCodeAt(at) === 91) {
      const end = wordEnd(line, at, line.length)
      const kind = eventTags[line.slice(at, end)]
      if (kind === undefined) return 'not-conntrack'
      this.kind = kind
      at = skipSpace(line, end, line.length)
    }
    const head = this.readHead(at)
    if (typeof head === 'string') return head
    return this.readTokens(head) ?? this.finish()
  }

  private reset(line: string): void {
    this.clearColumns()
    this.line = line
    this.kind = 'sighting'
    this.timeUs = 0
    this.startText = ''
    this.stopText = ''
    this.ageSeconds = -1
    this.tcpState = 0
    this.assured = false
    this.userspace = false
    this.hasCounters = false
    this.tupleComplete = false
    this.direction = 0
    this.needed = 0
    this.seen[0] = 0
    this.seen[1] = 0
    this.seen[2] = 0
    this.v6Addresses = 0
  }

  /** The columns that a line may fill; the rest is whoever's who asked. Spelt out for speed. */
  private clearColumns(): void {
    const { columns } = this.row
    columns.sourceAddress.fill(0)
    columns.destinationAddress.fill(0)
    columns.postNatSourceAddress.fill(0)
    columns.postNatDestinationAddress.fill(0)
    columns.sourceTransportPort[0] = 0
    columns.destinationTransportPort[0] = 0
    columns.postNaptSourceTransportPort[0] = 0
    columns.postNaptDestinationTransportPort[0] = 0
    columns.protocolIdentifier[0] = 0
    columns.icmpTypeCode[0] = 0
    columns.ingressVrfId[0] = 0
    columns.conntrackId[0] = 0
    columns.conntrackMark[0] = 0
    columns.octetDeltaCount.fill(0)
    columns.packetDeltaCount.fill(0)
    columns.reverseOctetDeltaCount.fill(0)
    columns.reversePacketDeltaCount.fill(0)
  }

  /** Family, protocol, timeout and state: the words before the first `src=`. */
  private readHead(from: number): number | LineReason {
    const { line } = this
    let end = wordEnd(line, from, line.length)
    let word = line.slice(from, end)
    let at = skipSpace(line, end, line.length)
    if (word === 'ipv4' || word === 'ipv6') {
      end = wordEnd(line, at, line.length)
      if (line.slice(at, end) !== (word === 'ipv4' ? '2' : '10')) return 'not-conntrack'
      at = skipSpace(line, end, line.length)
      end = wordEnd(line, at, line.length)
      word = line.slice(at, end)
      at = skipSpace(line, end, line.length)
    }
    if (isDigit(word.charCodeAt(0))) {
      const next = line.slice(at, at + 7)
      return next.startsWith('proto=') || next === 'l3proto' ? 'expectation' : 'not-conntrack'
    }
    if (!isLower(word)) return 'not-conntrack'
    end = wordEnd(line, at, line.length)
    const protocol = scanDecimal(line, at, end, 255)
    if (protocol < 0) return /^\d+$/.test(line.slice(at, end)) ? 'bad-protocol' : 'not-conntrack'
    const named = word === 'unknown' ? protocol : (parseProtocol(word) ?? protocol)
    if (named !== protocol) return 'bad-protocol'
    this.row.columns.protocolIdentifier[0] = protocol
    this.needed = neededByProtocol[protocol] ?? 0
    return this.readTimeoutAndState(skipSpace(line, end, line.length), protocol)
  }

  private readTimeoutAndState(from: number, protocol: number): number | LineReason {
    const { line } = this
    let at = from
    if (isDigit(line.charCodeAt(at))) {
      const end = wordEnd(line, at, line.length)
      if (scanDecimal(line, at, end, 0xffffffff) < 0) return 'bad-number'
      at = skipSpace(line, end, line.length)
    }
    const first = line.charCodeAt(at)
    if (first >= 65 && first <= 90) {
      const end = wordEnd(line, at, line.length)
      if (protocol === 6) this.tcpState = tcpStates[line.slice(at, end)] ?? 0
      at = skipSpace(line, end, line.length)
    }
    return at
  }

  private readTokens(from: number): LineReason | undefined {
    const { line, needed } = this
    const to = line.length
    let at = from
    while (at < to) {
      if (((this.seen[2] ?? 0) & needed) === needed) this.tupleComplete = true
      if (line.charCodeAt(at) === 91) {
        const close = line.indexOf(']', at)
        if (close < 0) return 'not-conntrack'
        this.readFlag(at + 1, close)
        at = skipSpace(line, close + 1, to)
        continue
      }
      const end = wordEnd(line, at, to)
      const equals = line.indexOf('=', at)
      if (equals < 0 || equals >= end) {
        this.countUnknown(line.slice(at, end))
      } else {
        const key = line.slice(at, equals)
        // A process may be named anything, spaces and fields included: nothing after it is read.
        if (key === 'progname') return undefined
        const reason = this.readField(key, equals + 1, end)
        if (reason !== undefined) return reason
      }
      at = skipSpace(line, end, to)
    }
    return undefined
  }

  private readFlag(from: number, to: number): void {
    const flag = this.line.slice(from, to)
    if (flag === 'ASSURED') this.assured = true
    else if (flag === 'USERSPACE') this.userspace = true
    else if (flag.startsWith('start=')) this.startText = flag.slice(6)
    else if (flag.startsWith('stop=')) this.stopText = flag.slice(5)
    else if (!toleratedKeys.has(flag)) this.countUnknown(`[${flag}]`)
  }

  private readField(key: string, from: number, to: number): LineReason | undefined {
    if (key === 'src') {
      if (this.direction === 2) return 'duplicate-key'
      this.direction++
    }
    const bit = directionKeys[key]
    if (bit !== undefined) {
      const { direction } = this
      if (direction === 0) return key === 'proto' ? 'expectation' : 'no-tuple'
      if (key === 'id' && !this.isIcmpId(direction)) return this.readOnce(key, bit, from, to)
      if (((this.seen[direction] ?? 0) & bit) !== 0) return 'duplicate-key'
      this.seen[direction] = (this.seen[direction] ?? 0) | bit
      return this.readTupleField(key, direction === 2, from, to)
    }
    return this.readOther(key, from, to)
  }

  /** The identifier of an ICMP tuple and the id of the entry have one name: the tuple's comes first. */
  private isIcmpId(direction: number): boolean {
    const protocol = this.row.columns.protocolIdentifier[0]
    const seen = this.seen[direction] ?? 0
    return (protocol === icmp || protocol === icmpv6) && (seen & (directionKeys['id'] ?? 0)) === 0
  }

  private readTupleField(
    key: string,
    reply: boolean,
    from: number,
    to: number
  ): LineReason | undefined {
    const { line } = this
    const { columns } = this.row
    if (key === 'src') {
      const column = reply ? columns.postNatDestinationAddress : columns.sourceAddress
      return this.readAddress(column, from, to)
    }
    if (key === 'dst') {
      const column = reply ? columns.postNatSourceAddress : columns.destinationAddress
      return this.readAddress(column, from, to)
    }
    if (key === 'packets' || key === 'bytes') {
      this.hasCounters = true
      const [original, back] =
        key === 'bytes'
          ? [columns.octetDeltaCount, columns.reverseOctetDeltaCount]
          : [columns.packetDeltaCount, columns.reversePacketDeltaCount]
      return scanCounter(line, from, to, reply ? back : original) ? undefined : 'bad-number'
    }
    if (key === 'type' || key === 'code') {
      const value = scanDecimal(line, from, to, 255)
      if (value < 0) return 'bad-number'
      const held = columns.icmpTypeCode[0] ?? 0
      if (!reply) columns.icmpTypeCode[0] = held + (key === 'type' ? value * 256 : value)
      return undefined
    }
    const isKey = key === 'srckey' || key === 'dstkey'
    const value = isKey
      ? scanHex(line, from, to, 0xffffffff) & 0xffff
      : scanDecimal(line, from, to, 65_535)
    if (value < 0 || (isKey && scanHex(line, from, to, 0xffffffff) < 0)) return 'bad-port'
    const isSource = key === 'sport' || key === 'srckey' || key === 'id'
    // The reply's source is what the original destination became, and the other way round. An ICMP
    // identifier belongs to who asked, in both directions.
    if (!reply) {
      if (isSource) columns.sourceTransportPort[0] = value
      else columns.destinationTransportPort[0] = value
    } else if (isSource && key !== 'id') columns.postNaptDestinationTransportPort[0] = value
    else columns.postNaptSourceTransportPort[0] = value
    return undefined
  }

  private readAddress(column: Uint32Array, from: number, to: number): LineReason | undefined {
    const v4 = parseV4(this.line, from, to)
    if (v4 >= 0) {
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
  private readOther(key: string, from: number, to: number): LineReason | undefined {
    switch (key) {
      case 'mark':
        return this.readOnce(key, 1 << 16, from, to)
      case 'zone':
      case 'zone-orig':
        return this.readOnce(key, 1 << 17, from, to)
      case 'delta-time':
        return this.readOnce(key, 1 << 18, from, to)
      case 'mask-src':
      case 'master-src':
        return 'expectation'
      default:
        if (!toleratedKeys.has(key)) this.countUnknown(`${key}=`)
        return undefined
    }
  }

  private readOnce(key: string, bit: number, from: number, to: number): LineReason | undefined {
    if (((this.seen[0] ?? 0) & bit) !== 0) return 'duplicate-key'
    this.seen[0] = (this.seen[0] ?? 0) | bit
    const isZone = bit === 1 << 17
    const value = scanDecimal(this.line, from, to, isZone ? 0xffff : 0xffffffff)
    if (value < 0) return 'bad-number'
    const { columns } = this.row
    if (key === 'mark') columns.conntrackMark[0] = value
    else if (isZone) columns.ingressVrfId[0] = value
    else if (key === 'id') columns.conntrackId[0] = value
    else this.ageSeconds = value
    return undefined
  }

  private finish(): LineReason | undefined {
    const { needed, v6Addresses } = this
    const both = (this.seen[1] ?? 0) & (this.seen[2] ?? 0)
    if ((both & addressBits) !== addressBits) return 'no-tuple'
    if (v6Addresses !== 0 && v6Addresses !== 4) return 'mixed-families'
    return (both & needed) === needed ? undefined : 'no-port'
  }

  private countUnknown(name: string): void {
    const { unknown } = this
    const shown = name.slice(0, 40)
    const key = unknown.has(shown) || unknown.size < maxUnknownNames ? shown : 'others'
    unknown.set(key, (unknown.get(key) ?? 0) + 1)
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** A protocol's name as conntrack writes it. */
function isLower(word: string): boolean {
  if (word.length === 0 || word.length > 16) return false
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at)
    if (!(code >= 97 && code <= 122) && !isDigit(code) && code !== 45) return false
  }
  return true
}

function otherForm(line: string, at: number): LineReason | undefined {
  const first = line.charCodeAt(at)
  if (first === 60) return 'xml-form'
  if (first === 45 && /^-[AUDI] /.test(line.slice(at, at + 3))) return 'save-form'
  if (first === 99 && line.startsWith('conntrack v', at)) return 'summary'
  return undefined
}
