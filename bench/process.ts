import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from '../cli/demo/namespaces.ts'

/** Clock ticks a second (sysconf(_SC_CLK_TCK)); 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/**
 * Seconds of processor time, user and system, of a process with all its threads (proc(5), stat), or
 * of one thread where `PID/task/TID` is given.
 */
export function cpuSeconds(pid: number | string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** The same of those that it started and that have ended (cutime and cstime). */
export function endedCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/** Process id of who started a process (proc(5), stat). */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field, the name, may hold spaces and parentheses: count from its end.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** The same of PostgreSQL's processes: the postmaster and its children. */
export function serverCpu(postmaster: number): number {
  let seconds = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (parentOf(Number(name)) === postmaster || Number(name) === postmaster)
        seconds += cpuSeconds(Number(name))
    } catch {
      // It ended in the meantime.
    }
  }
  return seconds
}

/** Process id of the postmaster of an embedded server. */
export function postmasterOf(dataDir: string): number {
  const text = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
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

/** The value below which a share of sorted ones lies. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
