import { readFileSync } from 'node:fs'

/** What the kernel counts on the way to the rule, and how full the reader's buffer is. */
export interface KernelCounters {
  /** Frames that no processor's backlog had room for (net.core.netdev_max_backlog); all hosts'. */
  readonly backlogDrops: number
  /** Frames that the gateway's interfaces took, and dropped. */
  readonly arrived: number
  readonly linkDrops: number
  /** Packets dropped since the table of connections had no place for theirs. */
  readonly conntrackDrops: number
  /** Octets of the receive buffers of netlink that are in use. */
  readonly waiting: number
}

const numbers = (line: string, radix: number): number[] =>
  line
    .trim()
    .split(/\s+/)
    .map((word) => Number.parseInt(word, radix))

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** Lines of a file of the network namespace that a process is in, without the head. */
function lines(pid: number, file: string, head: number): string[] {
  return readFileSync(`/proc/${pid}/net/${file}`, 'latin1').trim().split('\n').slice(head)
}

/** Reads them for the namespace of a process. */
export function kernelCounters(pid: number): KernelCounters {
  const links = lines(pid, 'dev', 2)
    .filter((line) => /^\s*(in|out):/.test(line))
    .map((line) => numbers(line.slice(line.indexOf(':') + 1), 10))
  const [names = '', ...processors] = lines(pid, 'stat/nf_conntrack', 0)
  const columns = names.trim().split(/\s+/)
  const drops = ['drop', 'early_drop', 'insert_failed'].map((name) => columns.indexOf(name))
  const tracked = processors.map((line) => numbers(line, 16))
  return {
    backlogDrops: sum(lines(pid, 'softnet_stat', 0).map((line) => numbers(line, 16)[1] ?? 0)),
    arrived: sum(links.map((link) => link[1] ?? 0)),
    linkDrops: sum(links.map((link) => link[3] ?? 0)),
    conntrackDrops: sum(tracked.flatMap((row) => drops.map((column) => row[column] ?? 0))),
    waiting: sum(lines(pid, 'netlink', 1).map((line) => numbers(line, 10)[4] ?? 0)),
  }
}
