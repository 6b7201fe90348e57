import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf } from '../exporter/stream/source.ts'
import type { Line } from '../exporter/stream/source.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/**
 * The whole way of a classified connection: through a real gateway, by the rule and NFLOG into
 * `flowledger up`, which names it and tells who reads the stream.
 */

/** A name server that knows one answer, and a TLS server, both in the world. */
const serverCode = `
const tls = require('node:tls'), dgram = require('node:dgram'), fs = require('node:fs')
const [cert, key] = process.argv.slice(1).map((path) => fs.readFileSync(path))
const server = tls.createServer({ cert, key }, (socket) => socket.on('error', () => {}).resume())
const names = dgram.createSocket('udp4')
const answer = Buffer.from('c00c000100010000003c0004c6336402', 'hex')
names.on('message', (question, from) => {
  question.writeUInt16BE(0x8180, 2)
  question.writeUInt16BE(1, 6)
  names.send(Buffer.concat([question, answer]), from.port, from.address)
})
names.bind(53, '192.0.2.254', () => server.listen(443, '198.51.100.2', () => console.log('ready')))`

/** Asks for en.wikipedia.org, then speaks TLS with it and with a name of nobody's, and waits. */
const clientCode = `
const tls = require('node:tls'), dgram = require('node:dgram')
const name = Buffer.from('02656e0977696b697065646961036f7267000001' + '0001', 'hex')
// And what nobody knows, to a port where nobody listens.
const odd = dgram.createSocket('udp4')
odd.on('error', () => {})
odd.send(Buffer.from('f7e3aa0100000001', 'hex'), 31999, '198.51.100.2')
const names = dgram.createSocket('udp4')
const head = Buffer.from('123401000001000000000000', 'hex')
names.send(Buffer.concat([head, name]), 53, '192.0.2.254')
names.on('message', () => {
  names.close()
  for (const servername of ['en.wikipedia.org', 'intranet.example.test']) {
    tls.connect({ host: '198.51.100.2', port: 443, servername, rejectUnauthorized: false })
  }
})`

const missing = labMissing() ?? programMissing('nft') ?? programMissing('openssl')

describe.skipIf(skipUnless('kernel', missing))('connections that are streamed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-stream-'))
  const [socketPath, rules] = [join(folder, 'stream.sock'), join(folder, 'own.rules')]
  const odd = join(folder, 'odd')
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  let lab: Lab
  let up: ChildProcess

  const inGateway = async (...argv: readonly string[]): Promise<string> =>
    (await lab.topology.run(lab.topology.gateway, argv)).stdout
  const capture = (verb: string): Promise<string> =>
    inGateway(process.execPath, ...programArgv, 'capture', verb)
  const tables = async (): Promise<string[]> =>
    (await inGateway('nft', 'list', 'tables')).trim().split('\n')
  const rule = async (): Promise<unknown> => {
    const { stdout } = await lab.flowledger('doctor', '-o', 'json')
    const findings = JSON.parse(stdout) as { findings: { check: string }[] }
    return findings.findings.find(({ check }) => check === 'capture-rule')
  }

  beforeAll(async () => {
    const key256 = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1'
    const named = ['-subj', '/CN=server.test', '-keyout', key, '-out', cert]
    execFileSync('openssl', [...key256.split(' '), ...named], { stdio: 'ignore' })
    writeFileSync(rules, '[business]\nnothing "Nothing" nothing.example.test\n')
    const settings = `stream: { unix: ${socketPath}, update_interval: 1s }
applications: { rules: [${rules}] }
`
    const unknown = `{ unknown: { directory: ${odd}, packets: 3 } }`
    lab = await makeLab({ hosts: 1 }, settings, undefined, unknown)
    up = await lab.up()
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true })
  })

  test('from the first packets to a reader, new rules, and the end', async () => {
    // Nothing has touched the firewall, and it is said what is missing there.
    const before = await tables()
    expect(before).not.toContain('table inet flowledger-capture')
    expect(await rule()).toMatchObject({ state: 'warn', fix: 'flowledger capture install' })
    expect(await capture('install')).toContain('in place')

    const world = lab.topology.spawn(
      lab.topology.outside,
      [process.execPath, '-e', serverCode, cert, key],
      { stdio: ['ignore', 'pipe', 'inherit'] }
    )
    await once(world.stdout ?? world, 'data')
    const reader = createConnection({ path: socketPath })
    const lines = linesOf(reader)
    const closed = once(reader, 'close')
    await until(() => lines.length > 0)
    const host = lab.topology.hosts[0]?.namespace ?? ''
    lab.topology.spawn(host, [process.execPath, '-e', clientCode], { stdio: 'inherit' })

    // Over TLS: what asks DNS for a name carries it too.
    const flowTo = (type: string, name: string): Line | undefined =>
      lines.find(
        ({ type: own, flow }) =>
          own === type && flow?.['host_server_name'] === name && flow['other_port'] === 443
      )
    const nobody = 'intranet.example.test'
    await until(() => flowTo('flow', 'en.wikipedia.org') && flowTo('flow', nobody))
    expect(flowTo('flow', 'en.wikipedia.org')?.flow).toMatchObject({
      local_ip: '10.77.0.2',
      other_ip: '198.51.100.2',
      other_port: 443,
      detected_application_name: 'netify.wikipedia',
    })
    const query = lines.find(({ type, flow }) => type === 'flow' && flow?.['other_port'] === 53)
    expect(query?.flow).toMatchObject({ detected_protocol_name: 'DNS' })

    // Why it was named so is told by the running program, and the audit knows who asked.
    const why = await lab.flowledger('explain', '198.51.100.2:443 10.77.0.2')
    expect(why.stdout).toMatch(/tls, application wikipedia, confidence \d+ of 100/)
    expect(why.stdout).toMatch(/packet \d+, \w[\w-]*: .*en\.wikipedia\.org/)
    const audit = await lab.request('/v1/audit?limit=5')
    expect(audit).toContain('198.51.100.2:443 10.77.0.2')
    expect((await lab.flowledger('explain', '198.51.100.200')).code).toBe(1)
    const wrong = await lab.flowledger('explain', 'not-an-address')
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])

    // What nothing recognised is told too.
    const unknown = async (): Promise<unknown> => {
      const { stdout } = await lab.flowledger('classify', '--unknown', '-o', 'ndjson')
      const clusters = stdout.split('\n').filter((line) => line !== '')
      return clusters.map((line) => JSON.parse(line) as { client: object }).at(0)
    }
    await until(unknown)
    expect(await unknown()).toMatchObject({
      transport: 'udp',
      flows: 1,
      ports: [{ port: 31_999, flows: 1 }],
      client: { least: 8, most: 8, begins: 'f7 e3 aa 01 00 00 00 01' },
    })

    // Rules that cannot be read change nothing, and it is said where they are wrong.
    let said = ''
    for (const out of [up.stdout, up.stderr]) out?.on('data', (part: Buffer) => (said += part))
    writeFileSync(rules, '[business]\n  nonsense\n')
    up.kill('SIGHUP')
    await until(() => said.includes('the old one stays in force'))
    expect(said).toContain('own.rules')

    // A rule that is added names the connection that is open.
    writeFileSync(rules, '[business]\nintranet "Intranet" intranet.example.test\n')
    up.kill('SIGHUP')
    await until(() => flowTo('flow_dpi_update', nobody))
    expect(flowTo('flow_dpi_update', nobody)?.flow).toMatchObject({
      detected_application_name: 'netify.intranet',
    })

    // What files would change is told before they are read, and the rules before them come back.
    writeFileSync(rules, '[business]\nother "Other" intranet.example.test\n')
    const plan = await lab.flowledger('rules', 'plan', '-o', 'json')
    const change = { from: 'intranet', to: 'other', flows: 1 }
    expect(JSON.parse(plan.stdout)).toMatchObject({ changes: [change] })
    writeFileSync(rules, '[business]\n  nonsense\n')
    const broken = await lab.flowledger('rules', 'plan')
    expect([broken.code, broken.stderr]).toEqual([3, expect.stringMatching(/own\.rules:2:\d+: /)])
    const named = (): unknown[] =>
      lines
        .filter(({ flow }) => flow?.['host_server_name'] === nobody)
        .map(({ flow }) => flow?.['detected_application_name'])
    const back = await lab.flowledger('rules', 'rollback', '-o', 'json')
    expect(JSON.parse(back.stdout)).toMatchObject({ changes: [{ from: 'intranet', to: null }] })
    await until(() => named().at(-1) !== 'netify.intranet')
    expect(await lab.request('/v1/audit?limit=5')).toContain('rules-rollback')

    const metrics = await lab.request('/metrics')
    expect(metrics).toMatch(/^flowledger_capture_packets_total ([1-9]\d+)$/m)
    expect(metrics).toMatch(/^flowledger_capture_lost_total 0$/m)
    expect(metrics).toMatch(/^flowledger_classified_flows_total\{protocol="tls"\} 2$/m)
    expect(metrics).toMatch(/^flowledger_stream_readers 1$/m)
    expect(metrics).toMatch(/^flowledger_capture_unknown_flows_total 1$/m)

    // The end: every connection is told of as over, and nothing of ours is left but the rule.
    // The kernel's table decides when a connection is over, not a silence of minutes.
    await inGateway('conntrack', '-D', '-p', 'udp', '--dport', '53')
    await until(() => lines.some(({ type }) => type === 'flow_purge'))

    await lab.end(up, 'SIGTERM')
    await closed
    expect(up.exitCode).toBe(0)
    expect(lines.filter(({ type }) => type === 'flow_purge')).toHaveLength(4)
    expect(existsSync(socketPath)).toBe(false)

    // The packets of what nothing recognised are there, for their owner alone.
    const [kept = '', ...more] = readdirSync(odd).map((name) => join(odd, name))
    expect(more).toEqual([])
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    const found = await lab.flowledger('classify', kept, '--unknown', '-o', 'ndjson')
    expect(JSON.parse(found.stdout)).toMatchObject({
      client: { begins: 'f7 e3 aa 01 00 00 00 01' },
    })
    await capture('remove')
    expect(await tables()).toEqual(before)
  })
})
