import type { Columns } from '../../model/flow-batch.ts'

/**
 * An open connection as it lies in the table: a row is 40 words of one growing memory (160 octets);
 * with its places in the indexes about 200 octets an open flow.
 *
 * ```
 *  word  0  source                 16  source port | destination port << 16
 *        4  destination            17  post-NAT source port | post-NAT destination port << 16
 *        8  postNatSource          18  protocol | icmpTypeCode << 8
 *       12  postNatDestination     19  zone | flags << 16
 *       20  conntrack id           21  mark
 *       22  last dump that saw it  23  IPS_* status | TCP state << 24
 *       24  connection start f64   26  start of the current slice f64
 *       28  last time known to be alive f64
 *       30  flow id u64
 *       32  octets, packets, reverse octets, reverse packets at the last cut, u64 each
 * ```
 */
export const rowWords = 40

/** Words of a row; the three times count in doubles. */
export const rowLayout = {
  source: 0,
  destination: 4,
  postNatSource: 8,
  postNatDestination: 12,
  ports: 16,
  natPorts: 17,
  protocol: 18,
  zoneFlags: 19,
  conntrackId: 20,
  mark: 21,
  dump: 22,
  status: 23,
  connectionStart: 12,
  sliceStart: 13,
  lastAlive: 14,
  flowId: 30,
  counters: 32,
} as const

const at = rowLayout

/** Mixes one word into a hash; the finaliser of MurmurHash3 cut to one multiplication. */
export function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x9e3779b1)
  h ^= h >>> 15
  return h
}

/** The end of a hash: spreads the last word over all bits. */
export function mixEnd(hash: number): number {
  const h = Math.imul(hash, 0x85ebca6b)
  return h ^ (h >>> 13)
}

/**
 * Hash of an IPv4 tuple and its zone.
 *
 * @param kind protocol | icmpTypeCode << 8, with the zone's bits turned over from bit 16 on
 */
export function tupleHashV4(
  source: number,
  destination: number,
  ports: number,
  kind: number
): number {
  return mixEnd(mix(mix(mix(mix(0x2545f491, source), destination), ports), kind))
}

/** Hash of a batch row's original tuple and zone: what makes an entry one of its kind. */
export function hashOf(columns: Columns, batchRow: number): number {
  const word = 4 * batchRow
  const { sourceAddress, destinationAddress } = columns
  const kind =
    ((columns.protocolIdentifier[batchRow] ?? 0) | ((columns.icmpTypeCode[batchRow] ?? 0) << 8)) ^
    ((columns.ingressVrfId[batchRow] ?? 0) << 16)
  let hash = tupleHashV4(
    sourceAddress[word + 3] ?? 0,
    destinationAddress[word + 3] ?? 0,
    portsOf(columns, batchRow),
    kind
  )
  if (sourceAddress[word] === 0) return hash
  for (let i = 0; i < 3; i++) {
    hash = mix(hash, sourceAddress[word + i] ?? 0)
    hash = mix(hash, destinationAddress[word + i] ?? 0)
  }
  return mixEnd(hash)
}

function portsOf(columns: Columns, row: number): number {
  return (
    (columns.sourceTransportPort[row] ?? 0) | ((columns.destinationTransportPort[row] ?? 0) << 16)
  )
}

/** Writes tuples, protocol, zone, id and mark of a batch row to `base`; the rest becomes zero. */
export function writeTuple(
  words: Int32Array,
  base: number,
  columns: Columns,
  batchRow: number
): void {
  words.fill(0, base, base + rowWords)
  const word = 4 * batchRow
  for (let i = 0; i < 4; i++) {
    words[base + i] = columns.sourceAddress[word + i] ?? 0
    words[base + 4 + i] = columns.destinationAddress[word + i] ?? 0
    words[base + 8 + i] = columns.postNatSourceAddress[word + i] ?? 0
    words[base + 12 + i] = columns.postNatDestinationAddress[word + i] ?? 0
  }
  words[base + at.ports] = portsOf(columns, batchRow)
  words[base + at.natPorts] =
    (columns.postNaptSourceTransportPort[batchRow] ?? 0) |
    ((columns.postNaptDestinationTransportPort[batchRow] ?? 0) << 16)
  words[base + at.protocol] =
    (columns.protocolIdentifier[batchRow] ?? 0) | ((columns.icmpTypeCode[batchRow] ?? 0) << 8)
  words[base + at.zoneFlags] = (columns.ingressVrfId[batchRow] ?? 0) & 0xffff
  words[base + at.conntrackId] = columns.conntrackId[batchRow] ?? 0
  words[base + at.mark] = columns.conntrackMark[batchRow] ?? 0
}

/** Writes the tuples, protocol, zone, ids and mark of a row into a batch row. */
export function readTuple(
  words: Int32Array,
  base: number,
  columns: Columns,
  batchRow: number
): void {
  const word = 4 * batchRow
  for (let i = 0; i < 4; i++) {
    columns.sourceAddress[word + i] = words[base + i] ?? 0
    columns.destinationAddress[word + i] = words[base + 4 + i] ?? 0
    columns.postNatSourceAddress[word + i] = words[base + 8 + i] ?? 0
    columns.postNatDestinationAddress[word + i] = words[base + 12 + i] ?? 0
  }
  const ports = words[base + at.ports] ?? 0
  columns.sourceTransportPort[batchRow] = ports & 0xffff
  columns.destinationTransportPort[batchRow] = ports >>> 16
  const natPorts = words[base + at.natPorts] ?? 0
  columns.postNaptSourceTransportPort[batchRow] = natPorts & 0xffff
  columns.postNaptDestinationTransportPort[batchRow] = natPorts >>> 16
  const protocol = words[base + at.protocol] ?? 0
  columns.protocolIdentifier[batchRow] = protocol & 0xff
  columns.icmpTypeCode[batchRow] = (protocol >>> 8) & 0xffff
  columns.ingressVrfId[batchRow] = (words[base + at.zoneFlags] ?? 0) & 0xffff
  columns.conntrackId[batchRow] = words[base + at.conntrackId] ?? 0
  columns.conntrackMark[batchRow] = words[base + at.mark] ?? 0
  columns.flowId[2 * batchRow] = words[base + at.flowId] ?? 0
  columns.flowId[2 * batchRow + 1] = words[base + at.flowId + 1] ?? 0
}

/** True where a row has the original tuple and zone of a batch row. */
export function sameTuple(
  words: Int32Array,
  base: number,
  columns: Columns,
  batchRow: number
): boolean {
  const word = 4 * batchRow
  const { sourceAddress, destinationAddress } = columns
  if (words[base + at.ports] !== portsOf(columns, batchRow)) return false
  const protocol =
    (columns.protocolIdentifier[batchRow] ?? 0) | ((columns.icmpTypeCode[batchRow] ?? 0) << 8)
  if (words[base + at.protocol] !== protocol) return false
  if (((words[base + at.zoneFlags] ?? 0) & 0xffff) !== columns.ingressVrfId[batchRow]) return false
  for (let i = 0; i < 4; i++) {
    if (words[base + i] !== (sourceAddress[word + i] ?? 0) >> 0) return false
    if (words[base + 4 + i] !== (destinationAddress[word + i] ?? 0) >> 0) return false
  }
  return true
}

/** True where a row has the reply tuple of a batch row: the same translation. */
export function sameReply(
  words: Int32Array,
  base: number,
  columns: Columns,
  batchRow: number
): boolean {
  const word = 4 * batchRow
  const { postNatSourceAddress, postNatDestinationAddress } = columns
  const ports =
    (columns.postNaptSourceTransportPort[batchRow] ?? 0) |
    ((columns.postNaptDestinationTransportPort[batchRow] ?? 0) << 16)
  if (words[base + at.natPorts] !== ports) return false
  for (let i = 0; i < 4; i++) {
    if (words[base + at.postNatSource + i] !== (postNatSourceAddress[word + i] ?? 0) >> 0) {
      return false
    }
    if (
      words[base + at.postNatDestination + i] !==
      (postNatDestinationAddress[word + i] ?? 0) >> 0
    ) {
      return false
    }
  }
  return true
}
