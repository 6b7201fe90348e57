import { readFileSync } from 'node:fs'

/**
 * How long the kernel keeps an entry after its last packet, in seconds: sysctls
 * net.netfilter.nf_conntrack_*_timeout*, which may differ from one namespace to the next. From it
 * and from the end of an entry follows when its last packet can have been.
 */
export interface Timeouts {
  /** By enum tcp_conntrack: index 0 is unused. */
  readonly tcp: readonly number[]
  readonly udp: number
  readonly udpStream: number
  readonly icmp: number
  readonly icmpv6: number
  readonly sctp: number
  readonly dccp: number
  readonly gre: number
  readonly greStream: number
  readonly generic: number
}

const tcpStates = [
  'syn_sent',
  'syn_recv',
  'established',
  'fin_wait',
  'close_wait',
  'last_ack',
  'time_wait',
  'close',
] as const

/** The kernel's own defaults, for sysctls that are not there. */
const tcpDefaults = [120, 60, 432_000, 120, 60, 30, 120, 10]

function sysctl(name: string, otherwise: number): number {
  try {
    const text = readFileSync(`/proc/sys/net/netfilter/nf_conntrack_${name}`, 'utf8').trim()
    return /^\d{1,9}$/.test(text) ? Number(text) : otherwise
  } catch {
    return otherwise
  }
}

/** Reads the timeouts of this network namespace. */
export function readTimeouts(): Timeouts {
  const tcp = tcpStates.map((state, i) => sysctl(`tcp_timeout_${state}`, tcpDefaults[i] ?? 0))
  return {
    tcp: [0, ...tcp],
    udp: sysctl('udp_timeout', 30),
    udpStream: sysctl('udp_timeout_stream', 120),
    icmp: sysctl('icmp_timeout', 30),
    icmpv6: sysctl('icmpv6_timeout', 30),
    sctp: sysctl('sctp_timeout_established', 210),
    dccp: sysctl('dccp_timeout_open', 43_200),
    gre: sysctl('gre_timeout', 30),
    greStream: sysctl('gre_timeout_stream', 180),
    generic: sysctl('generic_timeout', 600),
  }
}

/**
 * Microseconds that pass between an entry's last packet and its end.
 *
 * @param assured IPS_ASSURED: traffic was seen both ways
 * @param tcpState enum tcp_conntrack, 0 where unknown
 */
export function timeoutUs(
  timeouts: Timeouts,
  protocol: number,
  assured: boolean,
  tcpState: number
): number {
  return 1e6 * timeoutSeconds(timeouts, protocol, assured, tcpState)
}

function timeoutSeconds(
  timeouts: Timeouts,
  protocol: number,
  assured: boolean,
  tcpState: number
): number {
  switch (protocol) {
    case 6:
      return timeouts.tcp[tcpState] ?? 0
    case 17:
    case 136:
      return assured ? timeouts.udpStream : timeouts.udp
    case 1:
      return timeouts.icmp
    case 58:
      return timeouts.icmpv6
    case 132:
      return timeouts.sctp
    case 33:
      return timeouts.dccp
    case 47:
      return assured ? timeouts.greStream : timeouts.gre
    default:
      return timeouts.generic
  }
}
