import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

const sysctls = '/proc/sys/net/netfilter'

/** A number below /proc/sys/net/netfilter; undefined where the kernel has none of that name. */
function sysctl(context: CheckContext, name: string): number | undefined {
  const text = context.read(`${sysctls}/${name}`)
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Connections are followed unless the configuration says no: then these checks do not matter. */
function notFollowed(context: CheckContext): Finding | undefined {
  return context.config.collector.conntrack.enabled === false
    ? ok('not needed: collector.conntrack.enabled is false')
    : undefined
}

/** Is there a connection tracking table to follow? */
export function conntrackPresent(context: CheckContext): Finding {
  const unneeded = notFollowed(context)
  if (unneeded !== undefined) return unneeded
  const max = sysctl(context, 'nf_conntrack_max')
  return max === undefined
    ? fail('the kernel has no connection tracking', 'modprobe nf_conntrack nf_conntrack_netlink')
    : ok(`the kernel tracks up to ${max} connections`)
}

/** Do entries carry counters? */
export function accounting(context: CheckContext): Finding {
  return (
    notFollowed(context) ??
    (sysctl(context, 'nf_conntrack_acct') === 1
      ? ok('connections carry octet and packet counters')
      : warn(
          'nf_conntrack_acct is off: connections are recorded without octets and packets',
          'sysctl -w net.netfilter.nf_conntrack_acct=1 (counts for connections made after it)'
        ))
  )
}

/** Do entries carry the kernel's own start and stop? */
export function timestamps(context: CheckContext): Finding {
  return (
    notFollowed(context) ??
    (sysctl(context, 'nf_conntrack_timestamp') === 1
      ? ok("connections carry the kernel's own start and stop")
      : warn(
          'nf_conntrack_timestamp is off: starts and ends are the times at which events arrived, ' +
            'and of connections older than the collector the start is unknown',
          'sysctl -w net.netfilter.nf_conntrack_timestamp=1 (counts for connections made after it)'
        ))
  )
}

/** Does the kernel tell of new and ended connections at all? */
export function events(context: CheckContext): Finding {
  const unneeded = notFollowed(context)
  if (unneeded !== undefined) return unneeded
  const value = sysctl(context, 'nf_conntrack_events')
  if (value === undefined) {
    return fail(
      'the kernel sends no connection tracking events',
      'modprobe nf_conntrack_netlink; the kernel needs CONFIG_NF_CONNTRACK_EVENTS'
    )
  }
  return value === 0
    ? fail(
        'nf_conntrack_events is 0: the kernel tells nobody of connections',
        'sysctl -w net.netfilter.nf_conntrack_events=2'
      )
    : ok(`the kernel sends events (nf_conntrack_events=${value})`)
}

/** Is the table about to refuse connections? A full one drops packets, and nobody records those. */
export function fullness(context: CheckContext): Finding {
  const unneeded = notFollowed(context)
  if (unneeded !== undefined) return unneeded
  const count = sysctl(context, 'nf_conntrack_count')
  const max = sysctl(context, 'nf_conntrack_max')
  if (count === undefined || max === undefined || max === 0) {
    return warn('how full the table is cannot be read', 'modprobe nf_conntrack')
  }
  const text = `${count} of ${max} entries in use (${Math.round((100 * count) / max)} %)`
  const fix = `sysctl -w net.netfilter.nf_conntrack_max=${2 * max}`
  if (count >= 0.95 * max) return fail(text, fix)
  return count >= 0.75 * max ? warn(text, fix) : ok(text)
}

/** True where `value`, a part of nft's JSON, holds a statement that makes the kernel track. */
function tracks(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(tracks)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, child]) =>
      ['ct', 'snat', 'dnat', 'masquerade', 'redirect'].includes(key) || tracks(child)
  )
}

/** True or false as nft's ruleset says; undefined where nft is missing or may not read it. */
async function nftTracks(): Promise<boolean | undefined> {
  try {
    const limits = { maxBuffer: 64 << 20, timeout: 10_000 }
    const { stdout } = await promisify(execFile)('nft', ['-j', '-t', 'list', 'ruleset'], limits)
    return tracks(JSON.parse(stdout))
  } catch {
    return undefined
  }
}

/**
 * Since Linux 4.x tracking begins only with the first rule that needs it: on a host with no NAT and
 * no `ct` rule the table stays empty, which looks like a collector that does not work.
 */
export async function tracking(context: CheckContext): Promise<Finding> {
  const unneeded = notFollowed(context)
  if (unneeded !== undefined) return unneeded
  const count = sysctl(context, 'nf_conntrack_count') ?? 0
  if (count > 0) return ok(`the kernel tracks ${count} connections now`)
  const tables = ['ip_tables_names', 'ip6_tables_names'].flatMap(
    (name) => context.read(`/proc/net/${name}`)?.split('\n') ?? []
  )
  if (tables.includes('nat')) return ok('iptables has a NAT table; no connection at the moment')
  const byNft = await nftTracks()
  if (byNft === true) return ok('nftables has rules that track; no connection at the moment')
  const fix =
    "add the gateway's NAT rules, or only track: nft add table inet track; nft add chain inet " +
    "track seen '{ type filter hook prerouting priority 0; }'; nft add rule inet track seen ct " +
    'state new counter'
  return byNft === false
    ? warn('no rule makes the kernel track connections here, so there is nothing to record', fix)
    : warn('the table is empty and the rules cannot be read (nft missing or not root)', fix)
}
