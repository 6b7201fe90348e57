import type { StreamedFlow } from '../../model/streamed-flow.ts'

/** Octets and packets of both directions since the last message, and over which time. */
export interface Rates {
  readonly localOctets: number
  readonly localPackets: number
  readonly otherOctets: number
  readonly otherPackets: number
  readonly seconds: number
}

const nothing: Rates = {
  localOctets: 0,
  localPackets: 0,
  otherOctets: 0,
  otherPackets: 0,
  seconds: 0,
}

const rate = (octets: number, seconds: number): number =>
  seconds > 0 ? Math.round(octets / seconds) : 0

/**
 * The counters of a flow: `local_bytes` and the like are what passed since the last message (all,
 * in the first one and the last), `total_bytes` is everything; rates are octets a second.
 */
export function flowCounters(
  flow: StreamedFlow,
  since: Rates = {
    ...nothing,
    localOctets: flow.fromLocal.octets,
    localPackets: flow.fromLocal.packets,
    otherOctets: flow.fromOther.octets,
    otherPackets: flow.fromOther.packets,
  }
): Readonly<Record<string, unknown>> {
  const { fromLocal, fromOther, segments } = flow
  return {
    digest: flow.digest,
    detection_packets: flow.detectionPackets,
    last_seen_at: Number.isNaN(flow.lastUs) ? 0 : Math.floor(flow.lastUs / 1000),
    local_bytes: since.localOctets,
    local_packets: since.localPackets,
    local_rate: rate(since.localOctets, since.seconds),
    other_bytes: since.otherOctets,
    other_packets: since.otherPackets,
    other_rate: rate(since.otherOctets, since.seconds),
    total_bytes: fromLocal.octets + fromOther.octets,
    total_packets: fromLocal.packets + fromOther.packets,
    ...(segments === undefined
      ? {}
      : {
          tcp: {
            resets: segments.resets,
            retrans: segments.repeated,
            seq_errors: segments.gaps,
          },
        }),
  }
}
