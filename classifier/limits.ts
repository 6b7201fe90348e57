/** Bounds on what is looked at and kept of a connection. */

/** Packets with payload after which a connection that nothing recognised is given up. */
export const maxPackets = 12

/** Packets with payload after which a recognised protocol is asked for no more. */
export const maxPacketsKnown = 40

/** Octets kept of each direction of a TCP connection: room for hellos of 11 kB and certificates. */
export const maxStreamBytes = 16_384

/** Segments that wait for one before them, of each direction. */
export const maxHeldSegments = 16

/** Octets kept of a datagram. */
export const maxDatagramBytes = 4096

/**
 * Connections whose octets are kept, since it is not known yet what they are, and those octets in
 * all; above it the oldest are decided by what there is.
 */
export const maxUndecided = 1 << 16
export const maxUndecidedBytes = 256 << 20

/** Connections followed at once; above it those that were silent longest are ended. */
export const maxFlows = 1 << 20

/** Silence after which a connection is over, us: UDP and others, TCP, TCP that was closed. */
export const idleUs = { datagram: 300e6, tcp: 3600e6, closed: 60e6 } as const

/** A match this sure ends the search for others. */
export const sureConfidence = 80
