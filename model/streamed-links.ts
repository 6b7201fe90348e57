/** What passed an interface since the start; of packets the innermost, behind tags and tunnels. */
export interface InterfaceCounts {
  /** Frames, their octets on the wire, and the longest of them. */
  raw: number
  wireOctets: number
  largestOctets: number
  /** Frames with an Ethernet header, VLAN tags, labels of MPLS, PPPoE, and parts of packets. */
  ethernet: number
  vlan: number
  mpls: number
  pppoe: number
  fragments: number
  /** Packets that frames came to, and their octets. */
  ip: number
  ipOctets: number
  tcp: number
  udp: number
  icmp: number
  igmp: number
  tcpResets: number
  /** Segments before which octets are missing. */
  tcpSequenceErrors: number
  /** Frames that came to no packet, and their octets on the wire. */
  discarded: number
  discardedOctets: number
  /** Packets that the kernel dropped before they were read; undefined where it does not say. */
  dropped: number | undefined
}

/** An interface of this host. */
export interface StreamedInterface {
  readonly mac: string | undefined
  readonly addresses: readonly string[]
}

/** What the stream tells of interfaces, and of who is behind them. */
export interface StreamedLinks {
  readonly interfaces: ReadonlyMap<string, StreamedInterface>
  readonly counts: ReadonlyMap<string, InterfaceCounts>
  /** Addresses inside by the Ethernet address that their packets came from. */
  readonly endpoints: ReadonlyMap<string, ReadonlySet<string>>
  /** Packets that the kernel dropped, of all interfaces; undefined where nothing is read. */
  readonly lost: number | undefined
}

/** Of an interface that nothing has passed yet. */
export const noCounts = (): InterfaceCounts => ({
  raw: 0,
  wireOctets: 0,
  largestOctets: 0,
  ethernet: 0,
  vlan: 0,
  mpls: 0,
  pppoe: 0,
  fragments: 0,
  ip: 0,
  ipOctets: 0,
  tcp: 0,
  udp: 0,
  icmp: 0,
  igmp: 0,
  tcpResets: 0,
  tcpSequenceErrors: 0,
  discarded: 0,
  discardedOctets: 0,
  dropped: undefined,
})
