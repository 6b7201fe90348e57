/**
 * First packets of new connections in the kernel -> verdicts: TLS and QUIC through a namespace that
 * forwards, its NFLOG rule, and a process that classifies them by the rules that come with the
 * program. Frames are sent from both sides by AF_PACKET sockets, so nothing of TCP's own pace is in
 * the way: of each TLS connection the ClientHello and the ServerHello of OpenSSL, of each QUIC
 * connection a sealed Initial, every one with ports and addresses of its own.
 *
 *     npx tsx bench/nflog.ts [RATE] [SECONDS] [SNAP LENGTH] [INTERFACE]
 *
 * With an interface of the gateway, `in` or `out`, what passes it is read by a packet socket in
 * place of the rule, and `rule` is what the interface counted both ways.
 *
 * Needs root, ip, nft and taskset, and two processors: one has the classifier with all its threads,
 * the other the sender and, in its calls, the forwarding kernel. Where packets stay behind is told
 * apart: `frames` were sent, `arrived` at the gateway, the `rule` counted, `packets` came; `lost`
 * is what the kernel numbered and did not hand over, `unexplained` what is missing besides.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { removeAtExit, removeNow } from '../cli/demo/cleanup.ts'
import { addNamespace, namespacePrefix, runTool } from '../cli/demo/namespaces.ts'
import { captureTable, installation } from '../collector/capture/nflog-rules.ts'
import { kernelCounters } from './nflog-counters.ts'
import { cpuSeconds } from './process.ts'
import { linkEnds } from './two-ends.ts'

const rate = Number(process.argv[2] ?? 20_000)
const seconds = Number(process.argv[3] ?? 8)
const snapLength = Number(process.argv[4] ?? 4096)
const interfaces = process.argv.slice(5)
const [gateway, ends] = ['gateway', 'ends'].map((name) => `${namespacePrefix()}-${name}`) as [
  string,
  string,
]
const inside = (name: string, ...argv: string[]): string =>
  runTool('ip', ['netns', 'exec', name, ...argv])

function build(): void {
  for (const name of [gateway, ends]) addNamespace(name)
  linkEnds(gateway, ends)
  const settings = ['net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_acct=1']
  const loose = ['net.netfilter.nf_conntrack_checksum=0', 'net.netfilter.nf_conntrack_max=2097152']
  inside(gateway, 'sysctl', '-qw', ...settings, ...loose)
  const rules = installation({ group: 5, packets: 10, snapLength })
  const counted = rules.replace(' log group', ' counter log group')
  if (interfaces.length === 0) runTool('ip', ['netns', 'exec', gateway, 'nft', '-f', '-'], counted)
}

/** Packets that an interface took and gave. */
function shown(name: string): number {
  return ['rx', 'tx'].reduce((all, way) => {
    const file = `/sys/class/net/${name}/statistics/${way}_packets`
    return all + Number(inside(gateway, 'cat', file))
  }, 0)
}

/** Packets that the rule gave to NFLOG. */
function ruleCount(): number {
  const [name] = interfaces
  if (name !== undefined) return shown(name)
  const listed = inside(gateway, 'nft', 'list', 'table', 'inet', captureTable)
  return Number(/counter packets (\d+)/.exec(listed)?.[1])
}

/** Starts a script of this folder in a namespace and on one processor. */
function start(name: string, processor: number, file: string, ...args: string[]) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const argv = ['taskset', '-c', String(processor), process.execPath, '--import', 'tsx', path]
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  return spawn('ip', ['netns', 'exec', name, ...argv, ...args], { stdio })
}

removeAtExit([gateway, ends])
try {
  build()
  const child = start(gateway, 0, './nflog-classify.ts', String(snapLength), ...interfaces)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const pid = child.pid ?? 0
  const before = { cpu: cpuSeconds(pid), kernel: kernelCounters(pid) }
  const sender = start(ends, 1, './nflog-sender.ts', String(rate), String(seconds))
  let offered = ''
  sender.stdout.on('data', (text: Buffer) => (offered += text.toString()))
  let mostWaiting = 0
  const look = setInterval(() => {
    mostWaiting = Math.max(mostWaiting, kernelCounters(pid).waiting)
  }, 50)
  await once(sender, 'close')
  clearInterval(look)
  await sleep(1000)
  const after = kernelCounters(pid)
  const rule = ruleCount()
  child.kill('SIGTERM')
  const told = JSON.parse((await lines.next()).value as string) as Record<string, number>
  const cpu = (told['cpuSeconds'] ?? 0) - before.cpu
  const { packets = 0, decided = 0, lost = 0 } = told
  const each = { cpuUsPerPacket: (cpu * 1e6) / packets, cpuUsPerFlow: (cpu * 1e6) / decided }
  const since = (name: keyof typeof after): number => after[name] - before.kernel[name]
  const way = {
    backlogDrops: since('backlogDrops'),
    linkDrops: since('linkDrops'),
    conntrackDrops: since('conntrackDrops'),
    arrived: since('arrived'),
    rule,
    mostWaiting,
    unexplained: rule - packets - lost,
  }
  console.log(JSON.stringify({ ...JSON.parse(offered), ...way, ...told, cpuSeconds: cpu, ...each }))
} finally {
  removeNow([gateway, ends])
}
