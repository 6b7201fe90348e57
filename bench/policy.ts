import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { removeAtExit, removeNow } from '../cli/demo/cleanup.ts'
import { tsxLoader } from '../cli/demo/endpoint-control.ts'
import { addNamespace, namespacePrefix } from '../cli/demo/namespaces.ts'
import { formatV4, v4MappedWord } from '../model/address.ts'
import type { ClassifiedFlow } from '../model/classified-flow.ts'
import type { ConntrackEntry } from '../model/conntrack-entry.ts'
import { ActionLog } from '../policy/action-log.ts'
import { PolicyEngine } from '../policy/engine.ts'
import { readPolicy } from '../policy/load.ts'
import { endedCpuSeconds, median } from './process.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Verdicts into sets of the kernel, in a namespace of its own:
 *
 * - elements a second into a set of nftables and into an IP set, in batches of 512 as the follower
 *   hands them over, beside `nft -f -` and `ipset restore` with the same elements at once
 *   and beside a program for each batch
 * - at 10 000 verdicts/s, each into both sets and into the action log: how long it takes from a
 *   verdict to the kernel's having it, and what that costs
 *
 * npx tsx bench/policy.ts [--elements N] [--rounds N] [--seconds N]
 */
const { values } = parseArgs({
  options: {
    elements: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    inside: { type: 'boolean', default: false },
  },
})
const elements = Number(values.elements)
const rounds = Number(values.rounds)
const batch = 512

const known = {
  application: (name: string) => (name === 'zoom' ? name : undefined),
  protocol: (name: string) => [name],
  applicationCategory: () => undefined,
  protocolCategory: () => undefined,
  group: () => undefined,
  suggestions: { applications: () => ['zoom'], protocols: () => [] },
}

const nft = `nft: { type: nft-set, table: bench, set: bench, ip_version: ipv4,
      max_elements: 4000000, elements: [other_addr, ip_proto, other_port, local_addr],
      ttl: 600, managed: false }`
const ipset = `ipset: { type: ipset, set: bench, ip_version: ipv4, set_type: 'hash:ip,port,ip',
      ttl: 600, managed: false }`

/** Twenty rules, of which the last holds: a policy asks before it acts. */
function policy(targets: Readonly<Record<string, string>>): string {
  const names = Object.keys(targets)
  const others = Array.from({ length: 19 }, (_, i) => {
    const criteria = `local_ip == 172.16.${i}.0/24 && other_port in (80, ${i})`
    return `  other${i}: { criteria: '${criteria}', targets: [${names[0] ?? ''}] }`
  })
  return `
targets:
  ${Object.values(targets).join('\n  ')}
actions:
${others.join('\n')}
  zoom: { criteria: "app == 'zoom' && !ip_version == 6", targets: [${names.join(', ')}] }
`
}

const end = (address: number, port: number) => {
  return { address: [0, 0, v4MappedWord, address >>> 0] as const, port }
}

const hostOf = (i: number): number => 0x0a000000 + (i & 0xffff)
const serverOf = (i: number): number => 0xcb007100 + (i >>> 16)

function verdict(i: number): readonly [ClassifiedFlow, ConntrackEntry] {
  const local = end(hostOf(i), 40_000)
  const other = end(serverOf(i), 8801)
  const flow: ClassifiedFlow = {
    protocol: 'tls',
    protocolCategory: 'web',
    application: 'zoom',
    applicationCategory: 'voip',
    confidence: 95,
    metadata: { hostname: 'us02web.zoom.us' },
    risks: [],
    evidence: [
      { source: 'host-rule', packet: 4, speaksFor: 'zoom', confidence: 95, what: 'zoom.us' },
    ],
    ipProtocol: 6,
    vlan: 0,
    local,
    other,
    otherType: 'remote',
    origin: 'local',
    isTranslated: true,
    mark: 0,
    atUs: Date.now() * 1000,
  }
  const reply = { source: other, destination: end(0xc0000201, 40_000) }
  const original = { source: local, destination: other }
  const entry = { ipProtocol: 6, original, reply, zone: 0, id: i, mark: 0, startUs: flow.atUs }
  return [flow, entry]
}

function run(program: string, args: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', input })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

function makeSets(): void {
  const type = 'type ipv4_addr . inet_proto . inet_service . ipv4_addr'
  run(
    'nft',
    ['-f', '-'],
    `table inet bench {}\ndelete table inet bench
table inet bench { set bench { ${type}; flags timeout; size 4000000; }; }`
  )
  spawnSync('ipset', ['destroy', 'bench'])
  const size = ['maxelem', '4000000', 'hashsize', '65536']
  run('ipset', ['create', 'bench', 'hash:ip,port,ip', 'timeout', '600', ...size])
}

/** Elements as text, made before the clock runs. */
function peerInput(kind: 'nft' | 'ipset', from = 0, to = elements): string {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i)
  const all = numbers.map((i) => [formatV4(hostOf(i)), formatV4(serverOf(i))])
  if (kind === 'ipset') {
    return all
      .map(([host, server]) => `add bench ${server},tcp:8801,${host} timeout 600\n`)
      .join('')
  }
  const keys = all.map(([host, server]) => `${server} . tcp . 8801 . ${host} timeout 600s`)
  return `add element inet bench bench { ${keys.join(', ')} }\n`
}

function peer(kind: 'nft' | 'ipset'): { perSecond: number; cpuUs: number } {
  makeSets()
  const input = peerInput(kind)
  const [began, cpu] = [performance.now(), endedCpuSeconds(process.pid)]
  run(kind, kind === 'nft' ? ['-f', '-'] : ['restore'], input)
  const cpuUs = ((endedCpuSeconds(process.pid) - cpu) * 1e6) / elements
  return { perSecond: elements / ((performance.now() - began) / 1000), cpuUs }
}

/** A program for each batch, as it would be without a socket of one's own: ms a batch. */
function peerByBatch(kind: 'nft' | 'ipset'): number {
  makeSets()
  const took: number[] = []
  for (let from = 0; from < 20 * batch; from += batch) {
    const input = peerInput(kind, from, from + batch)
    const began = performance.now()
    run(kind, kind === 'nft' ? ['-f', '-'] : ['restore'], input)
    took.push(performance.now() - began)
  }
  return median(took)
}

const outlets = { warn: (text: string) => console.error(text), stream: () => {}, audit: () => {} }

/** Elements a second, and what each costs (us of CPU, the kernel's share included). */
async function throughput(target: Readonly<Record<string, string>>) {
  makeSets()
  const engine = new PolicyEngine(readPolicy('bench', policy(target), { names: known }), outlets, 0)
  const verdicts = Array.from({ length: elements }, (_, i) => verdict(i))
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let from = 0; from < elements; from += batch) {
    for (const [flow, entry] of verdicts.slice(from, from + batch)) engine.onJoined(flow, entry)
    engine.flush(Date.now() * 1000)
  }
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const done = [...engine.counters.outcomes.values()].reduce((sum, count) => sum + count, 0)
  if (done !== elements || engine.counters.outcomes.size !== 1) throw new Error('not all were done')
  await engine.close()
  return { perSecond: elements / seconds, cpuUs: (user + system) / elements }
}

/** Seconds that are not counted: V8 compiles what is used much. */
const warmSeconds = 2

/** 10 000 verdicts/s, in batches of what came in 4 ms, until it is over. */
async function latency(seconds: number) {
  makeSets()
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  const log = new ActionLog({ folder, keepUs: 3600e6, maxBytes: 1 << 30 }, outlets.warn)
  const text = policy({ nft, ipset })
  const engine = new PolicyEngine(
    readPolicy('bench', text, { names: known }),
    { ...outlets, audit: (line) => log.add(line) },
    0
  )
  const took: number[] = []
  let cpu = process.cpuUsage()
  const began = performance.now()
  let sent = 0
  const all = (warmSeconds + seconds) * 10_000
  while (sent < all) {
    const due = Math.min(all, Math.floor((performance.now() - began) * 10))
    const arrivals: number[] = []
    for (; sent < due; sent++) {
      // When it was due: a late loop is part of what a verdict waits.
      arrivals.push(began + sent / 10)
      engine.onJoined(...verdict(sent))
    }
    engine.flush(Date.now() * 1000)
    log.flush()
    const now = performance.now()
    if (sent < warmSeconds * 10_000) cpu = process.cpuUsage()
    else for (const at of arrivals) took.push(now - at)
    await sleep(4)
  }
  const wall = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await engine.close()
  await log.close()
  rmSync(folder, { recursive: true })
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  return {
    verdictsPerSecond: Math.round(sent / wall),
    elementsPerSecond: Math.round((2 * sent) / wall),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    cpuPercent: Math.round((user + system) / seconds / 1e4),
    cpuUsPerVerdict: (user + system) / (seconds * 10_000),
    unlogged: log.lost,
    outcomes: Object.fromEntries(engine.counters.outcomes),
  }
}

async function measure(): Promise<void> {
  const found: Record<string, number[]> = {}
  const note = (name: string, value: number): void => void (found[name] ??= []).push(value)
  for (let round = 0; round < rounds; round++) {
    for (const [name, target] of [['nft', nft] as const, ['ipset', ipset] as const]) {
      const { perSecond, cpuUs } = await throughput({ [name]: target })
      note(name, perSecond)
      note(`${name}CpuUs`, cpuUs)
      const beside = peer(name)
      note(`${name}Peer`, beside.perSecond)
      note(`${name}PeerCpuUs`, beside.cpuUs)
    }
    console.error(`round ${round + 1} of ${rounds}`)
  }
  const medians = Object.fromEntries(
    Object.entries(found).map(([name, all]) => [name, Number(median(all).toPrecision(4))])
  )
  const msPerBatch = { nft: peerByBatch('nft'), ipset: peerByBatch('ipset') }
  const at10k = await latency(Number(values.seconds))
  console.log(
    JSON.stringify(
      { elements, elementsPerSecond: medians, programPerBatchMs: msPerBatch, at10k },
      undefined,
      2
    )
  )
  const peers = { nft: 'nft -f - with all at once', ipset: 'ipset restore with all at once' }
  for (const [name, program] of Object.entries(peers)) {
    const what = `verdicts into ${name === 'nft' ? 'a set of nftables' : 'an IP set'}`
    const of = (unit: string) => ({
      ours: found[name + unit] ?? [],
      peer: program,
      theirs: found[`${name}Peer${unit}`] ?? [],
    })
    tellFigure({ what, unit: 'us CPU an element', better: 'less', ...of('CpuUs') })
    tellFigure({ what: `${what}, speed`, unit: 'elements/s', better: 'more', ...of('') })
  }
}

if (values.inside) await measure()
else {
  const names = [`${namespacePrefix()}-policy`] as const
  removeAtExit(names)
  addNamespace(names[0])
  const self = [process.execPath, '--import', tsxLoader(), fileURLToPath(import.meta.url)]
  const argv = ['netns', 'exec', names[0], ...self, '--inside', ...process.argv.slice(2)]
  process.exitCode = spawnSync('ip', argv, { stdio: 'inherit' }).status ?? 1
  removeNow(names)
}
