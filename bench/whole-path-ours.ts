import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, parentOf, postmasterOf, statusBytes } from './process.ts'
import type { Contender } from './whole-path-contender.ts'
import { exportAddress, treeCpu } from './whole-path-lab.ts'
import type { WholePathLab } from './whole-path-lab.ts'

/** `flowledger up` in the gateway: follows, classifies, exports, acts and stores. */
export interface Ours extends Contender {
  /** Where it is asked, in the gateway. */
  readonly origin: string
  readonly tokenFile: string
  /** Its metrics, each by name and labels, as they are now. */
  metrics(): Map<string, number>
}

const program = fileURLToPath(new URL('../bin/flowledger.js', import.meta.url))
const origin = 'http://127.0.0.1:8080'

const policy = `
targets:
  zoom: { type: nft-set, table: bench-policy, set: zoom, ip_version: ipv4,
    max_elements: 1000000, elements: [other_addr, ip_proto, other_port, local_addr],
    ttl: 600, managed: false }
actions:
  zoom: { criteria: "app == 'zoom'", targets: [zoom] }
`
const set = `table inet bench-policy {
  set zoom {
    type ipv4_addr . inet_proto . inet_service . ipv4_addr
    flags timeout
    timeout 600s
    size 1000000
  }
}
`

const configuration = (dataDir: string, policyFile: string): string => `data_dir: ${dataDir}
collector: { conntrack: { enabled: true }, capture: { enabled: true }, identity: [] }
exporter: { targets: [ { name: bench, address: "${exportAddress}" } ] }
policy: { rules: ${policyFile} }
networks: { inside: [10.70.0.0/16], public: [ { prefix: 192.0.2.0/26 } ] }
api: { listen: "127.0.0.1:8080" }
`

/** Counters of a round, by what they are here. */
const counted = {
  rows: 'flowledger_ledger_rows_total',
  records: 'flowledger_export_records_total{target="bench"}',
  joined: 'flowledger_verdicts_joined_total',
  noEntry: 'flowledger_verdicts_unjoined_total{reason="no-entry"}',
  ended: 'flowledger_verdicts_unjoined_total{reason="ended"}',
  ambiguous: 'flowledger_verdicts_unjoined_total{reason="ambiguous"}',
  tooMany: 'flowledger_verdicts_unjoined_total{reason="too-many"}',
  packets: 'flowledger_capture_packets_total',
  packetsLost: 'flowledger_capture_lost_total',
  overruns: 'flowledger_conntrack_overruns_total',
  refused: 'flowledger_spool_lost_rows_total',
} as const

function countsOf(metrics: Map<string, number>): Record<keyof typeof counted, number> {
  const pairs = Object.entries(counted).map(([key, name]) => [key, metrics.get(name) ?? NaN])
  return Object.fromEntries(pairs) as Record<keyof typeof counted, number>
}

function metricsIn(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line)
    if (match !== null) found.set(match[1] ?? '', Number(match[2]))
  }
  return found
}

/** @param node arguments for Node.js itself */
export async function startOurs(lab: WholePathLab, node: readonly string[] = []): Promise<Ours> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  chmodSync(folder, 0o711)
  const dataDir = join(folder, 'data')
  const [policyFile, configFile] = [join(folder, 'policy.yaml'), join(folder, 'config.yaml')]
  writeFileSync(policyFile, policy)
  writeFileSync(configFile, configuration(dataDir, policyFile))
  lab.tool(['nft', '-f', '-'], set)
  lab.tool([process.execPath, program, 'capture', 'install'])
  const argv = [process.execPath, ...node, program, 'up', '--config', configFile]
  const child = lab.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (log = (log + part).slice(-4096)))
  const get = (path: string): string => {
    const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
    return lab.tool(['curl', '-sf', '-H', `authorization: Bearer ${token}`, `${origin}${path}`])
  }
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 300) throw new Error(`up is not ready:\n${log}`)
    await sleep(200)
    try {
      get('/readyz')
      break
    } catch {
      // Not yet.
    }
  }
  const pid = child.pid ?? 0
  const postmaster = postmasterOf(dataDir)
  const tokenFile = join(dataDir, 'admin-token')
  const metrics = (): Map<string, number> => metricsIn(get('/metrics'))
  return {
    name: 'flowledger',
    pid,
    origin,
    tokenFile,
    prober: [origin, tokenFile],
    metrics,
    counts: () => countsOf(metrics()),
    begin: () => Promise.resolve(),
    end: () => Promise.resolve(),
    cpu() {
      const database = treeCpu(postmaster)
      const all = treeCpu(pid)
      // PostgreSQL is a child of the program, or was given away: counted once either way.
      return [all >= database && isBelow(postmaster, pid) ? all - database : all, database]
    },
    threads: () => readdirSync(`/proc/${pid}/task`).map((tid) => cpuSeconds(`${pid}/task/${tid}`)),
    residentBytes: () => statusBytes(pid, 'VmRSS'),
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** True where a process was started by another, or by one that that started. */
function isBelow(pid: number, root: number): boolean {
  for (let at = pid; at > 1;) {
    if (at === root) return true
    at = parentOf(at)
  }
  return false
}
