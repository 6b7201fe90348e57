import type { InterfaceCounts, StreamedLinks } from '../../model/streamed-links.ts'

const countsJson = (counts: InterfaceCounts): Readonly<Record<string, number | undefined>> => ({
  raw: counts.raw,
  ethernet: counts.ethernet,
  mpls: counts.mpls,
  pppoe: counts.pppoe,
  vlan: counts.vlan,
  fragmented: counts.fragments,
  ip: counts.ip,
  tcp: counts.tcp,
  udp: counts.udp,
  icmp: counts.icmp,
  igmp: counts.igmp,
  tcp_resets: counts.tcpResets,
  tcp_seq_errors: counts.tcpSequenceErrors,
  capture_dropped: counts.dropped,
  discarded: counts.discarded,
  discarded_bytes: counts.discardedOctets,
  ip_bytes: counts.ipOctets,
  wire_bytes: counts.wireOctets,
  largest_bytes: counts.largestOctets,
})

/** Those of all interfaces together. */
function globalJson({ counts, lost }: StreamedLinks): Record<string, number> {
  const all: Record<string, number> = {}
  for (const one of counts.values()) {
    for (const [name, count = 0] of Object.entries(countsJson(one))) {
      const sum = all[name] ?? 0
      all[name] = name === 'largest_bytes' ? Math.max(sum, count) : sum + count
    }
  }
  delete all['capture_dropped']
  return lost === undefined ? all : { ...all, capture_dropped: lost }
}

/** Types of messages about interfaces. */
export const linkMessages = ['interfaces', 'interface_stats', 'global_stats', 'endpoints'] as const

export type LinkMessageType = (typeof linkMessages)[number]

function bodyOf(type: LinkMessageType, links: StreamedLinks): object {
  switch (type) {
    case 'interfaces':
      return Object.fromEntries(
        [...links.interfaces].map(([name, { mac, addresses }]) => [name, { mac, addr: addresses }])
      )
    case 'interface_stats':
      return Object.fromEntries([...links.counts].map(([name, one]) => [name, countsJson(one)]))
    case 'global_stats':
      return globalJson(links)
    default:
      return Object.fromEntries(
        [...links.endpoints].map(([mac, addresses]) => [mac, [...addresses]])
      )
  }
}

/** What stands under the type's own name; counts are since the start. */
export function linkMessage(type: LinkMessageType, links: StreamedLinks): string {
  return `${JSON.stringify({ type, [type]: bodyOf(type, links) })}\n`
}
