import { v4MappedWord } from '../../model/address.ts'
import type { Columns } from '../../model/flow-batch.ts'

/**
 * An open connection as it lies in the table. What every event needs of it is 16 words, one line of
 * the processor's cache:
 *
 * ```
 *  word 0  source                  4  source port | destination port << 16
 *       1  destination             5  post-NAT source port | post-NAT destination port << 16
 *       2  postNatSource           6  protocol | icmpTypeCode << 8
 *       3  postNatDestination      7  zone | flags << 16
 *       8  conntrack id           10  last dump that saw it     12  connection start f64
 *       9  mark                   11  verdict (VerdictBook)     14  flow id u64
 * ```
 *
 * Of an address this is the last word. The rest stands in a memory of its own, 26 words a row, of
 * which only what the flags name is valid:
 *
 * ```
 *  wide   0  words 0 to 2 of source, destination, postNatSource, postNatDestination
 *  aged  12  IPS_* status | TCP state << 24
 *        14  start of the current slice f64
 *        16  last time known to be alive f64
 *        18  octets, packets, reverse octets, reverse packets at the last cut, u64 each
 * ```
 */
export const rowWords = 16
export const coldWords = 26

/** Words of a row; the connection's start counts in doubles. */
export const rowLayout = {
  source: 0,
  destination: 1,
  postNatSource: 2,
  postNatDestination: 3,
  ports: 4,
  natPorts: 5,
  protocol: 6,
  zoneFlags: 7,
  conntrackId: 8,
  mark: 9,
  dump: 10,
  verdict: 11,
  connectionStart: 6,
  flowId: 14,
} as const

/** Words of a row's cold part; the times count in doubles. */
export const coldLayout = { status: 12, sliceStart: 7, lastAlive: 8, counters: 18 } as const

/** Flags of a row, in the upper half of its zone word. */
export const rowFlags = {
  /** Came from a dump that has not been settled yet. */
  unsettled: 1 << 16,
  startUnknown: 1 << 17,
  observedTimes: 1 << 18,
  /** Was there before we listened: with nf_conntrack_events=2 the kernel will not tell its end. */
  eventless: 1 << 19,
  /**
   * A dump has shown it, or it was cut: its cold part holds times and counters. Until then the
   * slice began with the connection, nothing later is known of it, and the counters are zero.
   */
  aged: 1 << 20,
  /** Not all of its addresses are IPv4: its cold part holds their first words. */
  wide: 1 << 21,
  /** Its destination is translated: it is found by where it stands at the forward hook, too. */
  forwarded: 1 << 22,
} as const

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
  const hash = tupleHashV4(
    sourceAddress[word + 3] ?? 0,
    destinationAddress[word + 3] ?? 0,
    portsOf(columns, batchRow),
    protocolOf(columns, batchRow) ^ ((columns.ingressVrfId[batchRow] ?? 0) << 16)
  )
  return sourceAddress[word] === 0 ? hash : mixUpper(hash, columns, word)
}

/**
 * Hash of where a batch row stands at the forward hook, behind the translation of its destination
 * and before that of its source. The zone is left out: who sees packets there is not told it.
 */
export function forwardHashOf(columns: Columns, batchRow: number): number {
  const word = 4 * batchRow
  const { sourceAddress, postNatDestinationAddress } = columns
  const port = columns.postNaptDestinationTransportPort[batchRow] ?? 0
  return tupleHashV4(
    sourceAddress[word + 3] ?? 0,
    postNatDestinationAddress[word + 3] ?? 0,
    (columns.sourceTransportPort[batchRow] ?? 0) | (port << 16),
    protocolOf(columns, batchRow)
  )
}

function mixUpper(hash: number, columns: Columns, word: number): number {
  let mixed = hash
  for (let i = 0; i < 3; i++) {
    mixed = mix(mixed, columns.sourceAddress[word + i] ?? 0)
    mixed = mix(mixed, columns.destinationAddress[word + i] ?? 0)
  }
  return mixEnd(mixed)
}

export function portsOf(columns: Columns, row: number): number {
  return (
    (columns.sourceTransportPort[row] ?? 0) | ((columns.destinationTransportPort[row] ?? 0) << 16)
  )
}

export function natPortsOf(columns: Columns, row: number): number {
  return (
    (columns.postNaptSourceTransportPort[row] ?? 0) |
    ((columns.postNaptDestinationTransportPort[row] ?? 0) << 16)
  )
}

export function protocolOf(columns: Columns, row: number): number {
  return (columns.protocolIdentifier[row] ?? 0) | ((columns.icmpTypeCode[row] ?? 0) << 8)
}

/** True where the address at `word` of a column is IPv4. */
export function isV4At(addresses: Uint32Array, word: number): boolean {
  return addresses[word + 2] === v4MappedWord && addresses[word] === 0 && addresses[word + 1] === 0
}
