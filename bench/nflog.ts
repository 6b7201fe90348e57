/**
 * First packets of new connections in the kernel -> verdicts: TLS and QUIC through a namespace that
 * forwards, its NFLOG rule, and a process that classifies them by the rules that come with the
 * program. Frames are sent from both sides by AF_PACKET sockets, so nothing of TCP's own pace is in
 * the way: of each TLS connection the ClientHello and the ServerHello of OpenSSL, of each QUIC
 * connection a sealed Initial, every one with ports and addresses of its own.
 *
 *     npx tsx bench/nflog.ts [RATE] [SECONDS]
 *
 * Needs root, ip and nft. `lost` is what the kernel numbered and did not hand over.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { removeAtExit, removeNow } from '../cli/demo/cleanup.ts'
import { addNamespace, namespacePrefix, runTool } from '../cli/demo/namespaces.ts'
import { installation } from '../collector/capture/nflog-rules.ts'
import { cpuSeconds } from './process.ts'

const rate = Number(process.argv[2] ?? 20_000)
const seconds = Number(process.argv[3] ?? 8)
const [gateway, ends] = ['gateway', 'ends'].map((name) => `${namespacePrefix()}-${name}`) as [
  string,
  string,
]
const inside = (name: string, ...argv: string[]): string =>
  runTool('ip', ['netns', 'exec', name, ...argv])
const tsx = ['--import', 'tsx']
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

function build(): void {
  for (const name of [gateway, ends]) addNamespace(name)
  for (const [side, address, mac] of [
    ['in', '10.70.0.1/16', '02:00:00:00:00:01'],
    ['out', '10.71.0.1/16', '02:00:00:00:00:02'],
  ] as const) {
    runTool('ip', [
      '-n',
      gateway,
      'link',
      'add',
      side,
      'address',
      mac,
      'type',
      'veth',
      'peer',
      'name',
      side,
      'netns',
      ends,
    ])
    runTool('ip', ['-n', gateway, 'address', 'add', address, 'dev', side])
    for (const name of [gateway, ends])
      runTool('ip', ['-n', name, 'link', 'set', side, 'up', 'arp', 'off'])
  }
  const settings = ['net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_acct=1']
  const loose = ['net.netfilter.nf_conntrack_checksum=0', 'net.netfilter.nf_conntrack_max=2097152']
  inside(gateway, 'sysctl', '-qw', ...settings, ...loose)
  runTool(
    'ip',
    ['netns', 'exec', gateway, 'nft', '-f', '-'],
    installation({ group: 5, packets: 10, snapLength: 1600 })
  )
}

removeAtExit([gateway, ends])
try {
  build()
  const child = spawn(
    'ip',
    ['netns', 'exec', gateway, process.execPath, ...tsx, script('./nflog-classify.ts')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    }
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const pid = child.pid ?? 0
  const before = cpuSeconds(pid)
  const sender = spawn(
    'ip',
    [
      'netns',
      'exec',
      ends,
      process.execPath,
      ...tsx,
      script('./nflog-sender.ts'),
      String(rate),
      String(seconds),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  let offered = ''
  sender.stdout.on('data', (text: Buffer) => (offered += text.toString()))
  await once(sender, 'close')
  await sleep(1000)
  child.kill('SIGTERM')
  const told = JSON.parse((await lines.next()).value as string) as Record<string, number>
  const cpu = (told['cpuSeconds'] ?? 0) - before
  const { packets = 0, decided = 0 } = told
  const each = { cpuUsPerPacket: (cpu * 1e6) / packets, cpuUsPerFlow: (cpu * 1e6) / decided }
  console.log(JSON.stringify({ ...JSON.parse(offered), ...told, cpuSeconds: cpu, ...each }))
} finally {
  removeNow([gateway, ends])
}
