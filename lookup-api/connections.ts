import { formatWords } from '../model/address.ts'
import { sliceFlags } from '../model/fields.ts'
import type { NatKind } from '../model/nat-view.ts'
import type { Endpoint, Slice } from '../model/slice.ts'

/**
 * One view of one connection, put together from its slices: the closed ones of the ledger and,
 * where it is still open, the one that the collector holds.
 */
export interface Connection {
  readonly source: string
  readonly flowId: bigint
  readonly natKind: NatKind
  readonly protocol: number
  readonly zone: number
  readonly inside: Endpoint
  readonly public: Endpoint
  readonly remote: Endpoint
  /** Keyed hash of the far end, where that alone is kept. */
  readonly remoteHash: string | undefined
  /** When the connection began, which may be before its first known slice. */
  readonly startUs: number
  /** False where it was there already when its source began to watch. */
  readonly startKnown: boolean
  /** End of the last known slice. */
  readonly endUs: number
  /** False where nobody saw the end: it is when the connection was found missing. */
  readonly endKnown: boolean
  /** True where the mapping was still held when the collector was asked. */
  readonly open: boolean
  /** True where it went on past the last known slice, and nobody said that it is open now. */
  readonly continues: boolean
  readonly lastPacketUs: number
  /** Octets and packets of the known slices, both directions. */
  readonly octets: bigint
  readonly packets: bigint
  /** What it was found to be, as its latest slice that says so has it. */
  readonly application: string | undefined
  readonly protocolName: string | undefined
  readonly hostName: string | undefined
  /** The subscriber as the gateway calls him. */
  readonly userName: string | undefined
  /** The known slices by start, none twice; at least one. */
  readonly slices: readonly [Slice, ...Slice[]]
}

export const hasFlag = (slice: Slice, flag: number): boolean => (slice.flags & flag) !== 0

/** `192.0.2.1:80` without regard to brackets: a key, not for people. */
export const endpointKey = ({ ip, port }: Endpoint): string => `${formatWords(ip)} ${port}`

/**
 * Slices of one connection share this. The ends belong to it: a connection that is translated both
 * ways is two views with one flow id.
 */
function connectionKey(slice: Slice): string {
  const ends = [slice.inside, slice.public, slice.remote].map(endpointKey)
  const { source, flowId, natKind, protocol, zone } = slice
  return JSON.stringify([source, String(flowId), natKind, protocol, zone, ...ends])
}

/**
 * Of two slices with the same start the closed one stays: the flow ended, or was cut, between the
 * collector's answer and the ledger's. Counted twice, its octets would be invented.
 */
function withoutRepeats(slices: readonly Slice[]): [Slice, ...Slice[]] {
  const byStart = new Map<number, Slice>()
  for (const slice of slices) {
    const other = byStart.get(slice.startUs)
    const better =
      other === undefined ||
      (other.open && !slice.open) ||
      (other.open === slice.open && slice.endUs > other.endUs)
    if (better) byStart.set(slice.startUs, slice)
  }
  return [...byStart.values()].sort((a, b) => a.startUs - b.startUs) as [Slice, ...Slice[]]
}

const sum = (slices: readonly Slice[], count: (slice: Slice) => bigint): bigint =>
  slices.reduce((total, slice) => total + count(slice), 0n)

/** The last word on something that not every slice knows. */
function lastWord<K extends keyof Slice>(slices: readonly Slice[], key: K): Slice[K] | undefined {
  return slices.findLast((slice) => slice[key] !== undefined)?.[key]
}

function merge(parts: readonly Slice[]): Connection {
  const slices = withoutRepeats(parts)
  const last = slices.reduce((latest, slice) => (slice.endUs >= latest.endUs ? slice : latest))
  const unended = last.open || hasFlag(last, sliceFlags.continues)
  const open = unended && parts.some((slice) => slice.open)
  const { source, flowId, natKind, protocol, zone, inside, public: outside, remote } = last
  return {
    source,
    flowId,
    natKind,
    protocol,
    zone,
    inside,
    public: outside,
    remote,
    remoteHash: last.remoteHash,
    startUs: Math.min(...slices.map((slice) => Math.min(slice.connectionStartUs, slice.startUs))),
    startKnown: !slices.some((slice) => hasFlag(slice, sliceFlags.startUnknown)),
    endUs: last.endUs,
    endKnown: !hasFlag(last, sliceFlags.inferred),
    open,
    continues: unended && !open,
    lastPacketUs: Math.max(...slices.map((slice) => slice.lastPacketUs)),
    octets: sum(slices, (slice) => slice.octets + slice.reverseOctets),
    packets: sum(slices, (slice) => slice.packets + slice.reversePackets),
    application: lastWord(slices, 'application'),
    protocolName: lastWord(slices, 'protocolName'),
    hostName: lastWord(slices, 'hostName'),
    userName: lastWord(slices, 'userName'),
    slices,
  }
}

/** Puts slices together, those that are open among them, into connections. */
export function joinSlices(slices: readonly Slice[]): Connection[] {
  const groups = new Map<string, Slice[]>()
  for (const slice of slices) {
    const key = connectionKey(slice)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [slice])
    else group.push(slice)
  }
  return [...groups.values()].map(merge)
}
