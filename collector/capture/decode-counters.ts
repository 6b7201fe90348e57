/** Why a frame, or what it carried, was not made a packet of. */
export const frameDrops = [
  'link-type-unknown',
  'link-header-short',
  'not-ip',
  'ip-header-bad',
  'ip-cut-off',
  'extension-header-bad',
  'transport-header-bad',
  'tunnel-too-deep',
  'fragment-bad',
  'fragment-overflow',
  'fragment-expired',
] as const

export type FrameDrop = (typeof frameDrops)[number]

/** What a decoder did with the frames that it was given. */
export interface DecodeCounters {
  packets: number
  /** Fragments that were held, and packets that were put together of such. */
  fragments: number
  reassembled: number
  /** Frames in which labels of MPLS, and PPPoE, were opened. */
  mpls: number
  pppoe: number
  readonly drops: Record<FrameDrop, number>
}

export function makeDecodeCounters(): DecodeCounters {
  const drops = Object.fromEntries(frameDrops.map((reason) => [reason, 0]))
  return {
    packets: 0,
    fragments: 0,
    reassembled: 0,
    mpls: 0,
    pppoe: 0,
    drops: drops as Record<FrameDrop, number>,
  }
}
