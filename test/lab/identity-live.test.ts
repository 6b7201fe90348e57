import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEndpoint } from '../../cli/demo/endpoint-control.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { openIdentityStore } from './identity-store.ts'
import type { IdentityStore } from './identity-store.ts'

const missing = labMissing() ?? programMissing('radclient')
const secret = 'the secret of the lab'

/** RADIUS accounting by a program that others wrote, and lease files, into a program that runs. */
describe.skipIf(skipUnless('kernel', missing))('live sources', () => {
  let lab: Lab
  let store: IdentityStore
  let program: ChildProcess
  const folder = () => dirname(lab.dataDir)

  const client = (name: string, prefix: string) =>
    `{ name: ${name}, prefix: ${prefix}, secret_file: SECRET }`

  /** Sends accounting from a host once; true where it was answered within so long. */
  async function account(
    host: number,
    status: string,
    more: string,
    seconds = 120
  ): Promise<boolean> {
    const namespace = lab.topology.hosts[host]?.namespace ?? ''
    const once = ['-x', '-r', '1', '-t', String(seconds)]
    const argv = ['radclient', ...once, `10.77.${host}.1:1813`, 'acct', secret]
    const input = `Acct-Status-Type = ${status}\nAcct-Session-Id = "0001"\nUser-Name = "bob"\n${more}`
    const { stdout } = await lab.topology.run(namespace, argv, { input })
    return stdout.includes('Received Accounting-Response')
  }

  beforeAll(async () => {
    const clients = client('bng', '10.77.0.2')
    lab = await makeLab(
      { hosts: 2 },
      '',
      `[{ kind: radius, clients: [${clients}] }, { kind: dhcpd, path: LEASES, name: leases }]`
    )
    writeFileSync(join(folder(), 'secret'), `${secret}\n`, { mode: 0o600 })
    const config = join(folder(), 'config.yaml')
    const text = readFileSync(config, 'utf8')
    const paths = { SECRET: join(folder(), 'secret'), LEASES: join(folder(), 'dhcpd.leases') }
    writeFileSync(config, text.replace('SECRET', paths.SECRET).replace('LEASES', paths.LEASES))
    program = await lab.up()
    store = await openIdentityStore(lab)
  })

  afterAll(async () => {
    await store?.close()
    await lab?.close()
  })

  const framed = 'Framed-IP-Address = 100.64.3.4\nDelegated-IPv6-Prefix = 2001:db8:900::/56\n'

  test('an answer to accounting means that it is in the store', async () => {
    expect(await account(0, 'Start', framed)).toBe(true)
    expect(await store.holders('100.64.3.4')).toMatchObject([
      { kind: 'session', user: 'bob', session: '0001', startKnown: true, endUs: Infinity },
    ])
    expect(await store.holders('2001:db8:900:12::77')).toMatchObject([{ user: 'bob' }])
    expect(await account(0, 'Stop', `${framed}Acct-Session-Time = 1\n`)).toBe(true)
    expect(await store.holders('100.64.3.4')).toMatchObject([{ user: 'bob', endKnown: true }])
  })

  test('who is no client gets no answer, until the configuration names it', async () => {
    const other = 'Framed-IP-Address = 100.64.9.9\n'
    expect(await account(1, 'Start', other, 2)).toBe(false)
    expect(await store.holders('100.64.9.9')).toEqual([])
    const config = join(folder(), 'config.yaml')
    const text = readFileSync(config, 'utf8')
    writeFileSync(config, text.replace('prefix: 10.77.0.2', 'prefix: 10.77.0.0/16'))
    program.kill('SIGHUP')
    await until(() => account(1, 'Start', other, 2))
    expect(await store.holders('100.64.9.9')).toMatchObject([{ user: 'bob' }])
  })

  test('a lease file that comes, grows and is written anew', async () => {
    const block = (n: number, state: string): string =>
      `lease 10.9.0.${n} {\n  starts 2 2026/03/10 12:00:00;\n  ends 2 2026/03/10 13:00:00;\n` +
      `  cltt 2 2026/03/10 12:00:00;\n  binding state ${state};\n` +
      `  hardware ethernet 02:00:00:00:00:0${n};\n}\n`
    const path = join(folder(), 'dhcpd.leases')
    writeFileSync(path, block(1, 'active'))
    await until(async () => (await store.holders('10.9.0.1')).length === 1)
    appendFileSync(path, block(2, 'active').slice(0, 50))
    appendFileSync(path, block(2, 'active').slice(50))
    await until(async () => (await store.holders('10.9.0.2')).length === 1)
    expect(await store.holders('10.9.0.2')).toMatchObject([
      { kind: 'lease', source: 'leases', device: { mac: '02:00:00:00:00:02' } },
    ])
    await lab.end(program, 'SIGTERM')
    appendFileSync(path, block(3, 'active'))
    await store.close()
    program = await lab.up()
    store = await openIdentityStore(lab)
    await until(async () => (await store.holders('10.9.0.3')).length === 1)
    const leases = (await store.sources()).find(({ name }) => name === 'leases')
    // 7 lines a block, each read once.
    expect(leases).toMatchObject({ read: 21, unknown: 0, refused: 0 })
  })

  test('is counted for those who watch', async () => {
    const gateway = startEndpoint(lab.topology, lab.topology.gateway)
    const { body } = await gateway.fetch({ url: 'http://127.0.0.1:8080/metrics' })
    expect(body).toContain('flowledger_identity_stored_total{source="leases"} 1')
    expect(body).toMatch(/flowledger_identity_last_heard_seconds\{source="leases"\} 1\.?\d+/)
    await gateway.stop()
  })
})
