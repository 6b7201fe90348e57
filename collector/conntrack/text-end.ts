import { flowEndReasons } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import type { LineReader } from './text-line.ts'
import { timeoutUs } from './timeouts.ts'
import type { Timeouts } from './timeouts.ts'

/** The kernel's defaults: nothing in a text tells how its gateway was set. */
const defaultTimeouts: Timeouts = {
  tcp: [0, 120, 60, 432_000, 120, 60, 30, 120, 10, 120],
  udp: 30,
  udpStream: 120,
  icmp: 30,
  icmpv6: 30,
  sctp: 210,
  dccp: 43_200,
  gre: 30,
  greStream: 180,
  generic: 600,
}

/** IPS_ASSURED of the kernel's enum ip_conntrack_status. */
export const statusAssured = 4
const tcp = 6
/** From this TCP state on both sides know that the connection ends. */
const tcpFinWait = 4

/**
 * How an entry ended, and the earliest that its last packet can have been: the end less the timeout
 * of its last state, but not before it was last seen. Who was deleted by hand ended early.
 */
export function setEnd(
  out: FlowBatch,
  line: LineReader,
  wasAssured: boolean,
  heldState: number,
  aliveUs: number
): void {
  const { columns } = out
  const protocol = columns.protocolIdentifier[0] ?? 0
  const state = line.tcpState || heldState
  const stateKnown = protocol !== tcp || state !== 0
  const idle = timeoutUs(defaultTimeouts, protocol, wasAssured || line.assured, state)
  const end = columns.flowEndMicroseconds[0] ?? 0
  columns.lastPacket[0] = stateKnown ? Math.min(end, Math.max(aliveUs, end - idle)) : aliveUs
  columns.flowEndReason[0] = line.userspace
    ? flowEndReasons.forcedEnd
    : protocol === tcp && state >= tcpFinWait
      ? flowEndReasons.endOfFlow
      : flowEndReasons.idleTimeout
}
