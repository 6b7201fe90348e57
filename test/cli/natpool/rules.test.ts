import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nftRules } from '../../../cli/natpool/nft-rules.ts'
import { sharesOf } from '../../../cli/natpool/rules-of-pool.ts'
import { u32Rules } from '../../../cli/natpool/u32-rules.ts'
import { formatV4, formatWords, parseV4, v4MappedWord } from '../../../model/address.ts'
import { deterministicDefinition, poolOf } from '../../../model/deterministic-definition.ts'
import { holderOfPort } from '../../../model/deterministic-nat.ts'
import type { DeterministicPool } from '../../../model/deterministic-nat.ts'
import { outcomeOf } from '../../../model/pool-outcome.ts'
import { namespacesMissing, programMissing, skipUnless } from '../../skip.ts'
import { until } from '../../until.ts'

const pool = (inside: string, outside: string, rest: Record<string, unknown> = {}) =>
  poolOf(
    deterministicDefinition.parse({
      algorithm: 'modulo',
      inside,
      outside: [outside],
      all_addresses: true,
      ...rest,
    })
  )

/** What the printed rules of nftables do with an address, by reading them. */
function nftReader(text: string): (inside: number) => { address: string; ports: string } {
  const mask = /snat ip to ip saddr & (\S+) map @addresses/.exec(text)?.[1]
  const element = /^ +([\d.]+)(?:-([\d.]+))? : ([\d.]+)(?: \. (\d+-\d+))?,?$/gm
  const addresses: [number, number, string][] = []
  const hosts = new Map<number, { address: string; ports: string }>()
  for (const [, from = '', to = from, address = '', ports] of text.matchAll(element)) {
    if (ports === undefined) addresses.push([parseV4(from), parseV4(to), address])
    else hosts.set(parseV4(from), { address, ports })
  }
  const bits = mask === undefined ? 0xffffffff : parseV4(mask)
  return (inside) => {
    const value = (inside & bits) >>> 0
    const found = addresses.filter(([first, last]) => value >= first && value <= last)
    const host = hosts.get(inside)
    const address = found.length === 1 ? (found[0]?.[2] ?? '') : `${found.length} ways`
    return { address, ports: host?.address === address ? host.ports : 'of another address' }
  }
}

/** What the printed rules of iptables do: as xt_u32 computes, the first that holds. */
function u32Reader(text: string): (inside: number) => string {
  const rule = /--u32 "12(?:&(0x[\da-f]+))?=(\S+)" -j SNAT --to-source (\S+)$/gm
  const rules = [...text.matchAll(rule)].map(
    ([, mask = '0xffffffff', values = '', address = '']) => ({
      mask: Number(mask),
      ranges: values.split(',').map((one) => one.split(':').map(Number)),
      address,
    })
  )
  return (inside) => {
    const hit = rules.find(({ mask, ranges }) => {
      const value = (inside & mask) >>> 0
      return ranges.some(([first = 0, last = first]) => value >= first && value <= last)
    })
    return hit?.address ?? ''
  }
}

function agree(of: DeterministicPool): Uint32Array {
  const nft = nftReader(nftRules(of, { hasPorts: true }))
  const u32 = u32Reader(u32Rules(of, { hasPorts: false }))
  const counts = new Map<string, number>()
  const wrong: string[] = []
  for (const { inside, share } of sharesOf(of)) {
    const computed = formatWords(share.outside)
    const { address, ports } = nft(inside)
    counts.set(computed, (counts.get(computed) ?? 0) + 1)
    const isRight = address === computed && ports === `${share.start}-${share.end}`
    if (!isRight || u32(inside) !== computed) wrong.push(formatV4(inside))
    const holder = holderOfPort(of, share.outside, share.end)
    const named = holder.kind === 'subscriber' ? holder.inside[3] : -1
    if (named !== inside) wrong.push(`${formatV4(inside)} is not found by its port`)
  }
  expect(wrong).toEqual([])
  return Uint32Array.from(counts.values())
}

test('256 k inside hosts over 64 addresses: rules and computation agree about each', () => {
  const of = pool('10.0.0.0/14', '192.0.2.0/26')
  const counts = agree(of)
  const total = counts.reduce((sum, count) => sum + count, 0)
  expect(total).toBe(262_144)
  expect(Math.max(...counts)).toBeLessThanOrEqual((1.02 * total) / 64)
  expect(outcomeOf(of)).toMatchObject({
    subscribers: 262_144,
    addresses: 64,
    fullest: 4096,
    ports: 15,
  })
})

test.each([
  ['10.0.0.0/20', '192.0.2.0-192.0.2.47', {}],
  ['10.0.0.0/20', '192.0.2.7', {}],
  ['10.1.0.0/22', '192.0.2.0/26', { all_addresses: false }],
  ['10.0.0.0/18', '192.0.2.0-192.0.2.30', { algorithm: 'sequential' }],
  ['10.0.0.0/19', '192.0.2.0-192.0.2.99', { dynamic_factor: 3, reserved_ports: 4096 }],
])('%s over %s %j: they agree, and are even', (inside, outside, rest) => {
  const of = pool(inside, outside, rest)
  const counts = agree(of)
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  expect(Math.max(...counts)).toBe(outcomeOf(of).fullest)
  expect(Math.max(...counts) / mean).toBeLessThanOrEqual(1.03)
})

test('an address map says that it names nobody, and how many share an address', () => {
  const text = u32Rules(pool('10.0.0.0/14', '192.0.2.0/26'), { hasPorts: false })
  expect(text).toContain('An address map alone names nobody: 4096 hosts share an address.')
  expect(text).toContain('Each host has 15 ports of its address')
  expect(() => u32Rules(pool('10.0.0.0/14', '192.0.2.0/26'), { hasPorts: true })).toThrow(/262144/)
})

const missing = namespacesMissing() ?? programMissing('iptables') ?? programMissing('conntrack')

/** Hosts behind a gateway that the kernel itself translates. */
describe.skipIf(skipUnless('kernel', missing))('the kernel', () => {
  const names = ['host', 'gateway'].map((role) => `fl-np-${process.pid}-${role}`)
  const [host = '', gateway = ''] = names
  const of = pool('10.0.0.0/18', '192.0.2.0-192.0.2.47')
  const hosts = Array.from({ length: 24 }, (_, i) => 0x0a000000 + ((i * 691 + 5) % 16_384))

  function ip(argv: readonly string[], input = ''): string {
    const { status, stdout, stderr } = spawnSync('ip', argv, { encoding: 'utf8', input })
    if (status !== 0) throw new Error(`ip ${argv.join(' ')}: ${stderr}`)
    return stdout
  }
  const inside = (name: string, ...argv: string[]) => ip(['netns', 'exec', name, ...argv])
  /** What the gateway's table says of who sent something. */
  function listed(): Map<string, string> {
    const table = inside(gateway, 'conntrack', '-L', '-p', 'udp')
    const entry = /src=(10\.\S+) .* dst=(192\.\S+) sport=9 dport=(\d+)/g
    return new Map(
      [...table.matchAll(entry)].map(([, from = '', to = '', port = '']) => [from, `${to}:${port}`])
    )
  }
  /** A datagram from each host, and what it became, once all have come through. */
  async function translated(): Promise<Map<string, string>> {
    const code = `
      const dgram = require('node:dgram')
      for (const address of process.argv.slice(1)) {
        const socket = dgram.createSocket('udp4')
        socket.bind(5000, address, () => socket.send('x', 9, '198.51.100.9', () => socket.close()))
      }`
    inside(gateway, 'conntrack', '-F')
    inside(host, process.execPath, '-e', code, ...hosts.map(formatV4))
    // They wait for the gateway to be found, and where the wire is new for a second and more.
    await until(() => listed().size === hosts.length)
    return listed()
  }

  beforeAll(() => {
    for (const name of names) ip(['netns', 'add', name])
    ip(['-n', host, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'lan', 'netns', gateway])
    ip(['-n', gateway, 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'world'])
    const commands = [
      [host, 'address add 10.0.64.2/24 dev eth0', 'link set eth0 up', 'link set lo up'],
      [host, ...hosts.map((address) => `address add ${formatV4(address)}/32 dev lo`)],
      [host, 'route add default via 10.0.64.1'],
      [gateway, 'address add 10.0.64.1/24 dev lan', 'link set lan up'],
      [gateway, 'address add 198.51.100.1/24 dev wan', 'link set wan up', 'link set world up'],
      [gateway, 'neighbour add 198.51.100.9 lladdr 02:00:00:00:00:09 dev wan'],
      [gateway, 'route add 10.0.0.0/18 via 10.0.64.2'],
    ]
    for (const [name = '', ...lines] of commands) ip(['-n', name, '-batch', '-'], lines.join('\n'))
    inside(gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  })
  afterAll(() => {
    for (const name of names) spawnSync('ip', ['netns', 'delete', name])
  })

  test('gives each host the address and a port of its own, by nftables', async () => {
    ip(['netns', 'exec', gateway, 'nft', '-f', '-'], nftRules(of, { hasPorts: true }))
    const found = await translated()
    expect(found.size).toBe(hosts.length)
    const shares = new Map([...sharesOf(of)].map(({ inside: address, share }) => [address, share]))
    for (const [from, to] of found) {
      const share = shares.get(parseV4(from))
      const [address, port] = to.split(':')
      expect(address).toBe(formatWords(share?.outside ?? [0, 0, v4MappedWord, 0]))
      expect(Number(port)).toBeGreaterThanOrEqual(share?.start ?? 0)
      expect(Number(port)).toBeLessThanOrEqual(share?.end ?? 0)
    }
    inside(gateway, 'nft', 'delete', 'table', 'ip', 'flowledger-natpool')
  })

  test('gives each host the same address by u32 of iptables', async () => {
    const rules = u32Rules(of, { hasPorts: false, interface: 'wan' })
    ip(['netns', 'exec', gateway, 'iptables-restore', '-n'], rules)
    const shares = [...sharesOf(of)].filter(({ inside: address }) => hosts.includes(address))
    const computed = shares.map(({ inside: address, share }) => [
      formatV4(address),
      formatWords(share.outside),
    ])
    const found = [...(await translated())].map(([from, to]) => [from, to.split(':')[0]])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(computed))
  })
})
