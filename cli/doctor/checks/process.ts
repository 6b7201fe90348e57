import koffi from 'koffi'
import { formatSize } from '../../../model/quantity.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** Bit of CAP_NET_ADMIN in capability sets (linux/capability.h). */
const capNetAdmin = 1n << 12n

function hasNetAdmin(context: CheckContext): boolean {
  const status = context.read('/proc/self/status') ?? ''
  const set = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return set !== undefined && (BigInt(`0x${set}`) & capNetAdmin) !== 0n
}

/** May this user follow connection tracking? */
export function capability(context: CheckContext): Finding {
  if (context.config.collector.conntrack.enabled === false) {
    return ok('not needed: collector.conntrack.enabled is false')
  }
  return hasNetAdmin(context)
    ? ok('CAP_NET_ADMIN is there')
    : fail(
        'CAP_NET_ADMIN is missing: connection tracking cannot be followed',
        'run it as root, or give a service AmbientCapabilities=CAP_NET_ADMIN'
      )
}

/** Can the socket have the buffer that bursts of events need? */
export function receiveBuffer(context: CheckContext): Finding {
  const wanted = context.config.collector.conntrack.receiveBufferBytes
  const size = formatSize(wanted)
  // SO_RCVBUFFORCE passes by the limit for whoever has the capability.
  if (hasNetAdmin(context)) return ok(`the socket may have its ${size}`)
  const most = Number(context.read('/proc/sys/net/core/rmem_max') ?? Number.NaN)
  if (most >= wanted) return ok(`the socket may have its ${size}`)
  const given = Number.isNaN(most) ? 'less' : formatSize(most)
  return warn(
    `the socket gets ${given} in place of ${size}: bursts of events may be lost`,
    `sysctl -w net.core.rmem_max=${wanted}, or run it with CAP_NET_ADMIN`
  )
}

/** STA_UNSYNC of <sys/timex.h>: nothing keeps the clock right. */
const unsynchronised = 0x40

/**
 * Asks the kernel whether something keeps its clock right: chrony, ntpd, systemd-timesyncd and a
 * PTP daemon all leave their mark there, so no program has to be known by name. On 64-bit systems
 * `struct timex` has maxerror (us) at octet 24 and status at octet 40.
 */
export function clock(): Finding {
  const fix = 'run one of systemd-timesyncd, chrony or ntpd; an answer is as good as the clock'
  const adjtimex = koffi.load('libc.so.6').func('int adjtimex(void *timex)')
  const timex = Buffer.alloc(256)
  if (adjtimex(timex) === -1) return warn('the state of the clock cannot be read', fix)
  const errorMs = Number(timex.readBigInt64LE(24)) / 1000
  if ((timex.readInt32LE(40) & unsynchronised) !== 0) {
    return warn('the clock is not synchronised', fix)
  }
  return ok(`the clock is synchronised, wrong by ${Math.ceil(errorMs)} ms at most`)
}
