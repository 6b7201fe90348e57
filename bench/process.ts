import { readFileSync } from 'node:fs'
import { runTool } from '../cli/demo/namespaces.ts'

/** Clock ticks a second (sysconf(_SC_CLK_TCK)); 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/**
 * Seconds of processor time, user and system, of a process with all its threads (proc(5), stat).
 */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** A line of /proc/PID/status that is in kB, such as VmRSS, in bytes. */
export function statusBytes(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
}

export interface EventSocket {
  /** Netlink port id, unique in the namespace. */
  readonly port: number
  /** Messages that the kernel could not deliver since the socket was opened. */
  readonly drops: number
}

/*
 * /proc/self/net/netlink:  sk  Eth  Pid  Groups  Rmem  Wmem  Dump  Locks  Drops  Inode
 */
const NETLINK_NETFILTER = '12'

/** Sockets in a namespace that are subscribed to netfilter's events. */
export function eventSockets(namespace: string): EventSocket[] {
  const text = runTool('ip', ['netns', 'exec', namespace, 'cat', '/proc/self/net/netlink'])
  const lines = text.split('\n').slice(1)
  return lines.flatMap((line) => {
    const [, protocol, port, groups, , , , , drops] = line.trim().split(/\s+/)
    if (protocol !== NETLINK_NETFILTER || Number.parseInt(groups ?? '0', 16) === 0) return []
    return [{ port: Number(port), drops: Number(drops) }]
  })
}

/** The middle value; of an even number, the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}
