import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { removeAtExit, removeNow } from '../cli/demo/cleanup.ts'
import { addNamespace, namespacePrefix, runTool } from '../cli/demo/namespaces.ts'
import type { Offered } from './generator.ts'

/**
 * A namespace in which a blast costs as little as it can: every address of 10.66.0.0/16 is beyond
 * one interface that answers nothing, and connection tracking is on for what leaves. The mapping
 * translates the source, as on a gateway.
 *
 * ```
 *  namespace ── sink0 10.66.0.1/16, no ARP ═══ peer ── other namespace: not its MAC, dropped
 * ```
 */
export interface Sink {
  readonly namespace: string
  spawn(argv: readonly string[], options?: SpawnOptions): ChildProcess
  /** Runs a tool there and gives what it printed. */
  tool(argv: readonly string[]): string
  /** Runs the generator to its end. */
  blast(options: { rate: number; seconds: number; first?: number }): Promise<Offered>
  /** Entries in the namespace's table now. */
  entries(): number
  /** Connections that the kernel took up since the sink was made. */
  tracked(): number
  close(): void
}

const tableMaxFile = '/proc/sys/net/netfilter/nf_conntrack_max'
const rules = `
table ip bench {
  counter tracked { }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "sink0" snat to 192.0.2.1
  }
  chain confirmed {
    type filter hook postrouting priority 300; policy accept;
    ct state new counter name tracked
  }
}
table netdev bench {
  chain egress { type filter hook egress device "sink0" priority 0; policy drop; }
}
`

export interface SinkOptions {
  /**
   * Entries that the table may hold; the machine's own bound is raised, and put back at the end.
   */
  readonly tableMax: number
  /** Seconds that an entry lives. */
  readonly timeout: number
  readonly accounting: boolean
}

function configure(namespace: string, options: SinkOptions): void {
  const on = options.accounting ? 1 : 0
  const settings = {
    nf_conntrack_udp_timeout: options.timeout,
    nf_conntrack_acct: on,
    nf_conntrack_timestamp: on,
  }
  const argv = Object.entries(settings).map(([key, value]) => `net.netfilter.${key}=${value}`)
  const inside = ['netns', 'exec', namespace]
  runTool('ip', [...inside, 'nft', '-f', '-'], rules)
  runTool('ip', [...inside, 'sysctl', '-q', '-w', ...argv])
  runTool('ip', [
    ...inside,
    'sysctl',
    '-q',
    '-w',
    `net.netfilter.nf_conntrack_max=${options.tableMax}`,
  ])
}

function link(namespace: string, peer: string): void {
  runTool('ip', [
    '-n',
    namespace,
    'link',
    'add',
    'sink0',
    'type',
    'veth',
    'peer',
    'name',
    'peer',
    'netns',
    peer,
  ])
  runTool('ip', ['-n', peer, 'link', 'set', 'peer', 'up'])
  runTool('ip', ['-n', namespace, 'link', 'set', 'sink0', 'arp', 'off', 'up'])
  runTool('ip', ['-n', namespace, 'addr', 'add', '10.66.0.1/16', 'dev', 'sink0'])
}

function output(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`A program in the sink ended with ${code}.`))
    )
  })
}

/** Makes the sink; needs root. */
export function makeSink(options: SinkOptions): Sink {
  const prefix = namespacePrefix()
  const namespace = `${prefix}-sink`
  const names = [namespace, `${prefix}-peer`]
  const before = readFileSync(tableMaxFile, 'utf8')
  const restore = (): void => writeFileSync(tableMaxFile, before)
  process.once('exit', restore)
  removeAtExit(names)
  names.forEach(addNamespace)
  link(namespace, `${prefix}-peer`)
  if (Number(before) < options.tableMax) writeFileSync(tableMaxFile, String(options.tableMax))
  configure(namespace, options)
  const start: Sink['spawn'] = (argv, spawnOptions = {}) =>
    spawn('ip', ['netns', 'exec', namespace, ...argv], spawnOptions)
  const tool: Sink['tool'] = ([program = '', ...args]) =>
    runTool('ip', ['netns', 'exec', namespace, program, ...args])
  return {
    namespace,
    spawn: start,
    tool,
    async blast({ rate, seconds, first = 0 }) {
      const file = fileURLToPath(new URL('./generator.ts', import.meta.url))
      const args = ['--rate', `${rate}`, '--seconds', `${seconds}`, '--first', `${first}`]
      const child = start([process.execPath, '--import', 'tsx', file, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return JSON.parse(await output(child)) as Offered
    },
    entries: () => Number(tool(['sysctl', '-n', 'net.netfilter.nf_conntrack_count'])),
    tracked() {
      const found = /packets (\d+)/.exec(tool(['nft', 'list', 'counter', 'ip', 'bench', 'tracked']))
      return Number(found?.[1] ?? 0)
    },
    close() {
      removeNow(names)
      restore()
      process.off('exit', restore)
    },
  }
}
