import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { removeAtExit, removeNow } from '../cli/demo/cleanup.ts'
import { addNamespace, namespacePrefix, runTool } from '../cli/demo/namespaces.ts'
import { kernelCounters } from './nflog-counters.ts'
import { cpuSeconds, endedCpuSeconds, parentOf } from './process.ts'
import { linkEnds } from './two-ends.ts'
import { translation } from './whole-path-plan.ts'

/**
 * A gateway that translates what passes, and both ends of every connection in one namespace that
 * only sends:
 *
 * ```
 *  ends ── in ═══ in 10.70.0.1 ── gateway ── out 10.71.0.1 ═══ out ── ends
 * ```
 */
export interface WholePathLab {
  readonly gateway: string
  spawn(argv: readonly string[], options?: SpawnOptions): ChildProcess
  tool(argv: readonly string[], input?: string): string
  /** New connections that the kernel has taken up. */
  tracked(): number
  /** Takes out what is past its time, as the kernel does within a minute; gives what is left. */
  expire(): number
  /** Makes connections; `began` is called with the time of the first, in milliseconds. */
  load(rate: number, seconds: number, first: number, began?: (ms: number) => void): Promise<Sent>
  close(): void
}

export interface Sent {
  readonly connections: number
  readonly frames: number
  readonly perSecond: number
}

/** Where records are sent: beyond the gateway, where nobody takes them. */
export const exportAddress = '10.71.9.9:4739'
/** What the gateway says itself is none of the connections that are counted. */
const untracked = `table inet untracked {
  chain output { type filter hook output priority raw; notrack; }
  chain input { type filter hook prerouting priority raw; iifname "lo" notrack; }
}
`
const settings = {
  'net.ipv4.ip_forward': 1,
  'net.netfilter.nf_conntrack_acct': 1,
  'net.netfilter.nf_conntrack_timestamp': 1,
  'net.netfilter.nf_conntrack_checksum': 0,
  'net.netfilter.nf_conntrack_udp_timeout': 1,
  'net.netfilter.nf_conntrack_udp_timeout_stream': 1,
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 1,
}
const tableMax = 2 << 20
const tableMaxFile = '/proc/sys/net/netfilter/nf_conntrack_max'

/** Seconds of processor time of a process and of all that it started, what has ended included. */
export function treeCpu(root: number): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      parents.set(Number(name), parentOf(Number(name)))
    } catch {
      // It ended in the meantime.
    }
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isBelow(parents.get(pid)))
  let seconds = 0
  for (const pid of [...parents.keys()].filter(isBelow)) {
    try {
      seconds += cpuSeconds(pid) + endedCpuSeconds(pid)
    } catch {
      // So did this one.
    }
  }
  return seconds
}

/** Makes the lab; needs root. */
export function makeWholePathLab(): WholePathLab {
  const prefix = namespacePrefix()
  const names = [`${prefix}-gateway`, `${prefix}-ends`] as const
  const [gateway, ends] = names
  const before = readFileSync(tableMaxFile, 'utf8')
  process.once('exit', () => writeFileSync(tableMaxFile, before))
  if (Number(before) < tableMax) writeFileSync(tableMaxFile, String(tableMax))
  removeAtExit(names)
  names.forEach(addNamespace)
  linkEnds(gateway, ends)
  const inside = ['netns', 'exec', gateway]
  const pairs = Object.entries({ ...settings, 'net.netfilter.nf_conntrack_max': tableMax })
  runTool('ip', [...inside, 'sysctl', '-qw', ...pairs.map(([key, value]) => `${key}=${value}`)])
  runTool('ip', [...inside, 'nft', '-f', '-'], translation() + untracked)
  const tool: WholePathLab['tool'] = ([program = '', ...args], input) =>
    runTool('ip', [...inside, program, ...args], input)
  return {
    gateway,
    spawn: (argv, options = {}) => spawn('ip', [...inside, ...argv], options),
    tool,
    tracked: () =>
      Number(/packets (\d+)/.exec(tool(['nft', 'list', 'counter', 'ip', 'bench', 'tracked']))?.[1]),
    expire() {
      tool(['sh', '-c', 'conntrack -L >/dev/null 2>&1'])
      return Number(tool(['sysctl', '-n', 'net.netfilter.nf_conntrack_count']))
    },
    async load(rate, seconds, first, began = () => {}) {
      const file = fileURLToPath(new URL('./whole-path-sender.ts', import.meta.url))
      const argv = [
        'netns',
        'exec',
        ends,
        'taskset',
        '-c',
        '1',
        process.execPath,
        '--import',
        'tsx',
      ]
      const child = spawn('ip', [...argv, file, ...[rate, seconds, first].map(String)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let sent: Sent | undefined
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told = JSON.parse(line) as { began: number } | Sent
        if ('began' in told) began(told.began)
        else sent = told
      })
      await once(child, 'close')
      if (sent === undefined) throw new Error('The sender failed.')
      return sent
    },
    close: () => removeNow(names),
  }
}

/** What the kernel dropped before anyone could see it, since some time. */
export function droppedBefore(pid: number): number {
  const { backlogDrops, linkDrops, conntrackDrops } = kernelCounters(pid)
  return backlogDrops + linkDrops + conntrackDrops
}
