import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tshark } from '../oracle/collect.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { aria2, askHttp2, chromium, torrent, web } from './program-world.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/**
 * What real programs say through the gateway stands in answers, in the ledger and in what is
 * exported: the verdict of the first packets meets the connection that conntrack tells of.
 */

type Fields = Readonly<Record<string, unknown>>

/** Records with an application number in what tshark made of messages. */
function fieldsOf(tree: unknown): Fields[] {
  if (typeof tree !== 'object' || tree === null) return []
  if ('cflow.appl_id.selector_id' in tree) return [tree]
  return Object.values(tree).flatMap(fieldsOf)
}

/** Browsers open connections ahead, and say nothing in some of them. */
const isSpoken = ([, , protocol]: readonly unknown[]): boolean =>
  protocol !== null && protocol !== undefined

interface Listed {
  readonly remote: { readonly ip: string; readonly port: number }
  readonly application: string | null
  readonly protocol_name: string | null
  readonly hostname: string | null
}

const programs = 'nft openssl curl dig dnsmasq ssh sshd tshark chromium aria2c'.split(' ')
const missing = labMissing() ?? programs.map((name) => programMissing(name)).find(Boolean)

describe.skipIf(skipUnless('kernel', missing))('connections of real programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-named-'))
  const file = (name: string): string => join(folder, name)
  let lab: Lab
  let up: ChildProcess
  let wire: ChildProcess
  let tracker = (): string => ''

  /**
   * Starts a server in the world; resolves once it says what it says when it listens, with what it
   * has said since.
   */
  async function serve(argv: readonly string[], says: RegExp): Promise<() => string> {
    const child = lab.topology.spawn(lab.topology.outside, argv, {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    for (const out of [child.stdout, child.stderr]) out?.on('data', (part) => (said += part))
    while (!says.test(said)) {
      if (child.exitCode !== null) throw new Error(`${argv[0]} ended: ${said}`)
      await sleep(20)
    }
    return () => said
  }

  const client = (...argv: readonly string[]) =>
    lab.topology.run(lab.topology.hosts[0]?.namespace ?? '', argv)
  const gateway = async (...argv: readonly string[]): Promise<string> =>
    (await lab.topology.run(lab.topology.gateway, argv)).stdout

  /** The public port of the connection to a port of the world, as the kernel has it now. */
  async function publicPort(to: number): Promise<string> {
    const table = await gateway('conntrack', '-L', '-p', 'tcp', '--dport', String(to))
    return / src=\S+ dst=192\.0\.2\.1 sport=\d+ dport=(\d+)/.exec(table)?.[1] ?? ''
  }

  /**
   * Lets a program speak that does not end by itself, until it is heard and a moment longer: on a
   * busy machine it takes long to begin.
   */
  async function speaks(
    argv: readonly string[],
    isHeard: () => boolean | Promise<boolean>
  ): Promise<void> {
    const child = lab.topology.spawn(lab.topology.hosts[0]?.namespace ?? '', argv, {
      stdio: 'ignore',
    })
    while (!(await isHeard())) {
      if (child.exitCode !== null) throw new Error(`${argv.join(' ')} said nothing`)
      await sleep(50)
    }
    await sleep(500)
    child.kill()
    await once(child, 'close')
  }

  /** The kernel has a connection to that port of the world. */
  const isTracked = (protocol: string, to: number) => async (): Promise<boolean> => {
    const said = protocol === 'tcp' ? 'ESTABLISHED' : `dport=${to}`
    const list = ['conntrack', '-L', '-p', protocol, '--dport', String(to)]
    return (await gateway(...list)).includes(said)
  }

  /** Resolves once the capture has written all that was sent before: a mark is in its file. */
  async function captured(mark: string): Promise<void> {
    const send = ['bash', '-c', `echo ${mark} > /dev/udp/203.0.113.1/4739`]
    const written = (): boolean =>
      existsSync(file('wire')) && readFileSync(file('wire')).includes(mark)
    while (!written()) {
      if (wire.exitCode !== null) throw new Error('tshark ended')
      await lab.topology.run(lab.topology.outside, send)
      await sleep(200)
    }
  }

  async function startWorld(): Promise<void> {
    const ec = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1'
    const named = ['-subj', '/CN=server.test', '-keyout', file('key'), '-out', file('cert')]
    execFileSync('openssl', [...ec.split(' '), ...named], { stdio: 'ignore' })
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host')])
    const [cert, key] = [file('cert'), file('key')]
    const tls = ['openssl', 's_server', '-accept', '198.51.100.1:443', '-cert', cert, '-key', key]
    await serve([...tls, '-www'], /ACCEPT/)
    const names = ['dnsmasq', '-k', '-C', '/dev/null', '--no-resolv', '--no-hosts', '--pid-file=']
    const at = ['--listen-address=203.0.113.77', '--bind-interfaces', '--user=root']
    const known = ['--address=/www.netflix.com/198.51.100.1', '--log-facility=-']
    await serve([...names, ...at, ...known], /started/)
    // Debian makes it when the service starts.
    mkdirSync('/run/sshd', { recursive: true })
    const host = ['-h', file('host'), '-o', 'PidFile=none', '-o', 'UsePAM=no']
    const listen = ['-o', 'ListenAddress=203.0.113.1', '-p', '22']
    await serve(['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', ...host, ...listen], /listening/)
    tracker = await serve([process.execPath, '-e', torrent, 'serve'], /ready/)
    await serve([process.execPath, '-e', web, file('cert'), file('key')], /ready/)
  }

  beforeAll(async () => {
    const exporter = 'exporter: { targets: [ { name: x, address: "203.0.113.1:4739" } ] }'
    lab = await makeLab({ hosts: 1 }, `stream: { unix: ${file('stream')} }\n${exporter}\n`)
    await gateway(process.execPath, ...programArgv, 'capture', 'install')
    const { outside } = lab.topology
    await lab.topology.run(outside, ['ip', 'address', 'add', '203.0.113.77/32', 'dev', 'lo'])
    wire = lab.topology.spawn(
      outside,
      ['tshark', '-q', '-i', 'any', '-f', 'udp port 4739', '-w', file('wire')],
      { stdio: 'ignore' }
    )
    await captured('the capture runs')
    await startWorld()
    up = await lab.up()
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('are named in answers, in the ledger and in what is exported', async () => {
    // One that stays open: the answer names it while it lasts.
    const held = lab.topology.spawn(
      lab.topology.hosts[0]?.namespace ?? '',
      ['openssl', 's_client', '-connect', '198.51.100.1:443', '-servername', 'us04web.zoom.us'],
      { stdio: ['pipe', 'ignore', 'ignore'] }
    )
    let port = ''
    while (port === '') port = await publicPort(443)
    const ask = { ip: '192.0.2.1', port, protocol: 'tcp', at: 'now', tolerance: '2s' }
    for (;;) {
      const { candidates } = await lab.lookup(ask)
      const found = candidates[0]
      if (found?.application === null) continue
      const zoom = { application: 'zoom', hostname: 'us04web.zoom.us', protocol_name: 'tls' }
      expect(found).toMatchObject({ ...zoom, open: true })
      break
    }
    // Killed without a word, it knows the connection again, and what it is.
    await lab.end(up, 'SIGKILL')
    up = await lab.up()
    const again = await lab.lookup(ask)
    expect(again.candidates[0]).toMatchObject({ application: 'zoom', open: true })
    held.kill()

    const dig = await client('dig', '+short', '@203.0.113.77', 'www.netflix.com')
    expect(dig.stdout.trim()).toBe('198.51.100.1')
    const resolve = ['-sk', '--resolve', 'www.netflix.com:443:198.51.100.1']
    for (const version of ['1.2', '1.3']) {
      const tls = ['--tls-max', version, 'https://www.netflix.com/']
      expect((await client('curl', ...resolve, ...tls)).code).toBe(0)
    }
    const strict = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
    await client('ssh', '-o', 'BatchMode=yes', ...strict, 'nobody@203.0.113.1')
    await speaks([process.execPath, '-e', torrent], isTracked('tcp', 6881))
    const at = (to: number) => ['-sk', '--resolve', `en.wikipedia.org:${to}:198.51.100.2`]
    await client('curl', ...at(8080), '--http1.1', 'http://en.wikipedia.org:8080/')
    await client(process.execPath, '-e', askHttp2)
    await client('curl', ...at(443), '--http2', 'https://en.wikipedia.org/')
    // A browser, whose hello is longer than a packet; and the same by QUIC, which nobody answers.
    const page = await client(...chromium(file('tcp'), 'disable-quic'))
    expect(page.stdout).toContain('ok')
    const forced = 'origin-to-force-quic-on=www.youtube.com:443'
    await speaks(chromium(file('quic'), 'enable-quic', forced), isTracked('udp', 443))
    await speaks(aria2(folder), () => tracker().includes('asked'))

    const wanted = [
      ['203.0.113.1:22', null, 'ssh', null],
      ['203.0.113.1:6881', 'bittorrent', 'bittorrent', null],
      ['203.0.113.1:6881', 'bittorrent', 'bittorrent', null],
      ['203.0.113.1:6969', 'bittorrent', 'http', '203.0.113.1'],
      ['198.51.100.2:8080', 'wikipedia', 'http', 'en.wikipedia.org'],
      ['198.51.100.2:8081', 'wikipedia', 'http2', 'en.wikipedia.org'],
      ['198.51.100.2:443', 'wikipedia', 'tls', 'en.wikipedia.org'],
      ['198.51.100.2:443', 'youtube', 'tls', 'www.youtube.com'],
      ['198.51.100.2:443', 'youtube', 'quic', 'www.youtube.com'],
      ['198.51.100.1:443', 'netflix', 'tls', 'www.netflix.com'],
      ['198.51.100.1:443', 'netflix', 'tls', 'www.netflix.com'],
      ['198.51.100.1:443', 'zoom', 'tls', 'us04web.zoom.us'],
      ['203.0.113.77:53', 'netflix', 'dns', 'www.netflix.com'],
    ]
    // All over: nobody has to wait for what keeps an entry for long after its connection.
    await gateway('conntrack', '-D', '-s', '10.77.0.2')
    const sorted = (rows: readonly unknown[][]): string[] =>
      [...new Set(rows.map((row) => JSON.stringify(row)))].sort()
    let lines: readonly unknown[][] = []
    // What never comes is told by what is compared then.
    for (let tries = 0; tries < 200 && sorted(lines).length < sorted(wanted).length; tries++) {
      const body = await lab.request('/v1/flows?from=-10m&to=now&inside=10.77.0.2')
      const { flows } = JSON.parse(body) as { flows: Listed[] }
      lines = flows
        .map(({ remote, application, protocol_name: spoken, hostname }) => [
          `${remote.ip}:${remote.port}`,
          application,
          spoken,
          hostname,
        ])
        .filter(isSpoken)
      await sleep(200)
    }
    expect(sorted(lines)).toEqual(sorted(wanted))

    const metrics = await lab.request('/metrics')
    expect(metrics).toMatch(/^flowledger_verdicts_joined_total \d+$/m)
    for (const reason of ['no-entry', 'ended', 'ambiguous', 'too-many']) {
      expect(metrics).toContain(`flowledger_verdicts_unjoined_total{reason="${reason}"} 0`)
    }

    // The records have the numbers of applications, and option records their names (RFC 6759).
    await lab.end(up, 'SIGTERM')
    await captured('all was sent')
    const written = once(wire, 'exit')
    wire.kill('SIGINT')
    await written
    const records = fieldsOf(tshark({ file: file('wire') }).packets)
    const number = (record: Fields): unknown => record['cflow.appl_id.selector_id']
    const naming = records.filter((record) => record['cflow.appl_name'] !== undefined)
    const names = new Map(naming.map((record) => [number(record), record['cflow.appl_name']]))
    const exported = records.filter((record) => record['cflow.srcaddr'] === '10.77.0.2')
    const told = exported
      .map((record) => [
        `${String(record['cflow.dstaddr'])}:${String(record['cflow.dstport'])}`,
        names.get(number(record)) ?? null,
        record['cflow.pie.ntop.l7_proto_name'],
        record['cflow.pie.ntop.ssl_server_name'] ?? null,
      ])
      .filter(isSpoken)
    // The wire is seen at both ends of the last hop.
    expect(new Set(sorted(told))).toEqual(new Set(sorted(wanted)))
  })
})
