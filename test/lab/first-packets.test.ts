import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespacesMissing, programMissing, skipUnless } from '../skip.ts'
import { programArgv } from '../cli/run-flowledger.ts'

const names = ['client', 'gateway', 'server'].map((role) => `fl-fp-${process.pid}-${role}`)
const [client = '', gateway = '', server = ''] = names

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  return stdout
}

const inside = (name: string, ...args: readonly string[]): string =>
  ip('netns', 'exec', name, ...args)

/** Runs a command of the program in the gateway. */
function flowledger(...args: readonly string[]): { code: number | null; out: string } {
  const argv = ['netns', 'exec', gateway, process.execPath, ...programArgv, ...args]
  const { status, stdout } = spawnSync('ip', argv, { encoding: 'utf8' })
  return { code: status, out: stdout }
}

/** client 10.9.0.2 - gateway - server 198.51.100.2, with source translation. */
function build(): void {
  for (const name of names) ip('netns', 'add', name)
  const links = [
    [client, 'to-gateway', '10.9.0.2/24', 'inner', '10.9.0.1/24'],
    [server, 'to-gateway', '198.51.100.2/24', 'outer', '198.51.100.1/24'],
  ] as const
  for (const [host, link, own, end, other] of links) {
    ip('-n', host, 'link', 'add', link, 'type', 'veth', 'peer', 'name', end, 'netns', gateway)
    for (const [name, device, address] of [
      [host, link, own],
      [gateway, end, other],
    ] as const) {
      ip('-n', name, 'address', 'add', address, 'dev', device)
      ip('-n', name, 'link', 'set', device, 'up')
    }
  }
  ip('-n', client, 'route', 'add', 'default', 'via', '10.9.0.1')
  inside(gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_acct=1')
  const nat = 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }'
  inside(gateway, 'nft', `${nat}; add rule ip n p oifname outer snat to 198.51.100.1`)
}

const serverCode = `
const http = require('node:http'), dgram = require('node:dgram')
const u = dgram.createSocket('udp4')
u.on('message', (m, from) => { m[2] |= 0x80; u.send(m, from.port, from.address) })
const pages = http.createServer((q, r) => r.end('x'.repeat(100000)))
u.bind(53, () => pages.listen(80, () => console.log('ready')))`

const clientCode = `
const http = require('node:http'), dgram = require('node:dgram')
http.get({ host: '198.51.100.2', headers: { host: 'www.example.test' } }, (r) => r.resume())
const name = Buffer.from('07676174657761790474657374000001' + '0001', 'hex')
const u = dgram.createSocket('udp4')
u.send(Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), name]), 53, '198.51.100.2')
u.on('message', () => u.close())`

const missing =
  namespacesMissing() ?? programMissing('nft') ?? programMissing('ip') ?? programMissing('sysctl')

describe.skipIf(skipUnless('kernel', missing))('first packets of the kernel', () => {
  const children: ChildProcess[] = []

  const start = (name: string, ...args: readonly string[]): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, ...args])
    children.push(child)
    return child
  }

  beforeAll(build)
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const name of names) spawnSync('ip', ['netns', 'delete', name])
  })

  test('the rule is put in place, told apart from another one, and taken away', () => {
    expect(flowledger('capture', 'check')).toMatchObject({ code: 1 })
    expect(flowledger('capture', 'install', '--packets', '4')).toMatchObject({ code: 0 })
    expect(flowledger('capture', 'check').out).toContain('another one')
    expect(flowledger('capture', 'install')).toMatchObject({ code: 0 })
    expect(inside(gateway, 'nft', 'list', 'tables').trim().split('\n').sort()).toEqual([
      'table inet flowledger-capture',
      'table ip n',
    ])
    flowledger('capture', 'remove')
    expect(inside(gateway, 'nft', 'list', 'tables').trim()).toBe('table ip n')
  })

  let world: ChildProcess | undefined

  /** Runs a command that watches, in the gateway, with the world there. */
  function run(...args: readonly string[]) {
    const child = start(gateway, ...programArgv, ...args)
    const told = { out: '', said: '' }
    child.stdout?.on('data', (text: Buffer) => (told.out += text.toString()))
    child.stderr?.on('data', (text: Buffer) => (told.said += text.toString()))
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...told }))
    const watching = (async () => {
      if (world === undefined) {
        world = start(server, '-e', serverCode)
        await once(world.stdout ?? world, 'data')
      }
      while (!told.said.includes('Watching')) await sleep(50)
    })()
    return { child, told, watching, ended }
  }

  function flowsOf(out: string) {
    const flows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      // Hosts ask for routers on their own, on a wire that is new.
      .filter(({ l4 }) => l4 !== 'ICMPV6')
    return flows.sort((a, b) => String(a['protocol']).localeCompare(String(b['protocol'])))
  }

  /** Watches a client ask for a name and a page; gives what was found, and what was said of it. */
  async function watched(...from: readonly string[]) {
    const watch = run('capture', 'watch', ...from)
    await watch.watching
    await once(start(client, '-e', clientCode), 'close')
    while (!(watch.told.out.includes('"dns"') && watch.told.out.includes('"http"'))) await sleep(50)
    watch.child.kill('SIGTERM')
    const { out, said } = await watch.ended
    return { flows: flowsOf(out), said }
  }

  /** Each once, with the address that the client has inside. */
  const expected = [
    { l4: 'UDP', b: '198.51.100.2:53', protocol: 'dns', hostname: 'gateway.test' },
    { l4: 'TCP', b: '198.51.100.2:80', protocol: 'http', hostname: 'www.example.test' },
  ].map((flow) => {
    const from = expect.stringMatching(/^10\.9\.0\.2:\d+$/) as unknown
    return expect.objectContaining({ ...flow, a: from }) as unknown
  })

  test('on both sides of the translation each connection is seen once', async () => {
    flowledger('capture', 'remove')
    for (const pair of [['inner', 'outer'], ['outer', 'inner'], ['outer']]) {
      const { flows, said } = await watched('--interface', ...pair)
      expect(flows).toEqual(expected)
      expect(said).toContain(' 0 lost, ')
    }
  })

  test('classify shows what passes interfaces, until a signal, a time or a count', async () => {
    flowledger('capture', 'remove')
    const classify = (...more: readonly string[]) =>
      run('classify', '--interface', 'inner', 'outer', ...more)
    const whole = classify('-o', 'ndjson', '--metadata')
    await whole.watching
    await once(start(client, '-e', clientCode), 'close')
    whole.child.kill('SIGINT')
    const { code, out, said } = await whole.ended
    const flows = flowsOf(out)
    expect([code, flows]).toEqual([0, expected])
    expect(flows[1]).toMatchObject({ metadata: { hostname: 'www.example.test' }, risks: [] })
    expect(said).toMatch(/\d+ frames, \d+ packets, \d+ flows\./)
    expect(said).toContain('0 packets lost')

    const counted = classify('--count', '3')
    await counted.watching
    await once(start(client, '-e', clientCode), 'close')
    expect(await counted.ended).toMatchObject({
      code: 0,
      said: expect.stringContaining('3 frames,') as unknown,
    })
    expect(await classify('--seconds', '1').ended).toMatchObject({ code: 0 })
    expect(flowledger('classify', '--interface', 'nobody').code).toBe(2)
    expect(flowledger('classify', '--seconds', '1').code).toBe(2)
  }, 180_000)

  test('connections through the gateway are named, with the address of the inside host', async () => {
    flowledger('capture', 'install')
    const { flows, said } = await watched()
    expect(flows).toEqual(expected)
    // Of the reply of 100 kB only the first packets were handed over.
    const [, packets] = /(\d+) packets, 0 lost, 0 overruns/.exec(said) ?? []
    expect(Number(packets)).toBeGreaterThanOrEqual(6)
    expect(Number(packets)).toBeLessThanOrEqual(13)
  })
})
