import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { openIdentityStore } from './identity-store.ts'
import type { IdentityStore } from './identity-store.ts'

const missing = labMissing() ?? programMissing('dnsmasq') ?? programMissing('sysctl')

/** Hosts and a gateway whose neighbour table shows who is where. */
describe.skipIf(skipUnless('kernel', missing))('the neighbour table', () => {
  let lab: Lab
  let store: IdentityStore
  let program: ChildProcess

  const host = (index: number) => {
    const found = lab.topology.hosts[index]
    if (found === undefined) throw new Error(`no host ${index}`)
    return found
  }
  async function run(namespace: string, ...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await lab.topology.run(namespace, argv)
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
    return stdout
  }
  const inHost = (index: number, ...argv: string[]) => run(host(index).namespace, ...argv)
  const ping = (index: number, from: string, to: string) =>
    inHost(index, 'ping', '-n', '-c', '1', '-W', '5', '-I', from, to)
  const macOf = async (index: number): Promise<string> => {
    const text = await inHost(index, 'ip', '-o', 'link', 'show', 'eth0')
    return /link\/ether (\S+)/.exec(text)?.[1] ?? ''
  }
  const macs = async (address: string): Promise<(string | undefined)[]> =>
    (await store.holders(address)).map(({ device }) => device.mac)

  beforeAll(async () => {
    lab = await makeLab({ hosts: 2 }, '', '[{ kind: neighbours, interfaces: [lan0, lan1] }]')
    program = await lab.up()
    store = await openIdentityStore(lab)
  })

  afterAll(async () => {
    await store?.close()
    await lab?.close()
  })

  test('shows who has an address, of either family, on the interfaces that are followed', async () => {
    await ping(0, host(0).ipv4, '198.51.100.1')
    await ping(0, host(0).ipv6, '2001:db8:2::1')
    const mac = await macOf(0)
    await until(async () => (await macs(host(0).ipv4)).includes(mac))
    await until(async () => (await macs(host(0).ipv6)).includes(mac))
    const [holding] = await store.holders(host(0).ipv4)
    expect(holding).toMatchObject({
      kind: 'neighbour',
      sourceKind: 'neighbours',
      station: 'lan0',
      startKnown: false,
      endKnown: false,
    })
    // The world's router is a neighbour too, but on an interface that nobody asked for.
    expect(await macs('192.0.2.254')).toEqual([])
  })

  test('shows an address that goes over to another device, and never two at once', async () => {
    const before = await macOf(1)
    await ping(1, host(1).ipv4, '10.77.1.1')
    await until(async () => (await macs(host(1).ipv4)).includes(before))
    const after = '02:00:00:00:99:01'
    await inHost(1, 'ip', 'link', 'set', 'eth0', 'down')
    await inHost(1, 'ip', 'link', 'set', 'eth0', 'address', after)
    await inHost(1, 'ip', 'link', 'set', 'eth0', 'up')
    await until(async () => {
      const argv = ['ping', '-n', '-c', '1', '-W', '1', '10.77.1.1']
      const { code } = await lab.topology.run(host(1).namespace, argv)
      return code === 0
    })
    await until(async () => (await macs(host(1).ipv4)).includes(after))
    const [first, second] = await store.holders(host(1).ipv4)
    expect([first?.device.mac, second?.device.mac]).toEqual([before, after])
    expect(first?.sureUntilUs).toBeLessThanOrEqual(first?.endUs ?? 0)
    expect(first?.endUs).toBeLessThanOrEqual(second?.startUs ?? 0)
    expect(first?.endKnown).toBe(false)
  })

  test('shows a temporary address, and the one after it, of the same device', async () => {
    const dnsmasq = lab.topology.spawn(lab.topology.gateway, [
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--bind-interfaces',
      '--interface=lan0',
      '--enable-ra',
      '--dhcp-range=2001:db8:77:1::,ra-only,64',
      '--ra-param=lan0,4',
      '--pid-file=',
      '--user=root',
      '--leasefile-ro',
    ])
    const setting = 'net.ipv6.conf.eth0'
    await inHost(0, 'sysctl', '-qw', `${setting}.use_tempaddr=2`, `${setting}.accept_ra=1`)
    const temporary = async (): Promise<string[]> => {
      const text = await inHost(0, 'ip', '-6', '-o', 'addr', 'show', 'temporary', '-tentative')
      return [...text.matchAll(/inet6 (2001:db8:\S+)\/64/g)].map(([, address]) => address ?? '')
    }
    const renew = async (): Promise<string> => {
      await inHost(0, 'ip', 'link', 'set', 'eth0', 'down')
      await inHost(0, 'ip', 'link', 'set', 'eth0', 'up')
      await until(async () => (await temporary()).length > 0)
      const [address = ''] = await temporary()
      await ping(0, address, '2001:db8:77:1::1')
      await until(async () => (await macs(address)).length > 0)
      return address
    }
    const mac = await macOf(0)
    const first = await renew()
    const second = await renew()
    expect(second).not.toBe(first)
    expect(await macs(first)).toEqual([mac])
    expect(await macs(second)).toEqual([mac])
    dnsmasq.kill('SIGTERM')
  })

  test('shows that nobody answers any more', async () => {
    await inHost(1, 'ip', 'link', 'set', 'eth0', 'up')
    await until(async () => (await store.holders(host(1).ipv4)).at(-1)?.endUs === Infinity)
    await run(lab.topology.gateway, 'ip', 'neigh', 'del', host(1).ipv4, 'dev', 'lan1')
    await until(async () => (await store.holders(host(1).ipv4)).at(-1)?.endUs !== Infinity)
    const last = (await store.holders(host(1).ipv4)).at(-1)
    expect(last?.endKnown).toBe(false)
    expect(last?.sureUntilUs).toBeLessThan(last?.endUs ?? 0)
  })

  test('says nothing for the time in which nobody looked', async () => {
    await ping(0, host(0).ipv4, '10.77.0.1')
    const mac = await macOf(0)
    await until(async () => (await macs(host(0).ipv4)).includes(mac))
    const before = (await store.holders(host(0).ipv4)).at(-1)
    await store.close()
    await lab.end(program, 'SIGKILL')
    await new Promise((resolve) => {
      setTimeout(resolve, 6000)
    })
    program = await lab.up()
    store = await openIdentityStore(lab)
    await ping(0, host(0).ipv4, '10.77.0.1')
    await until(async () => (await store.holders(host(0).ipv4)).at(-1)?.id !== before?.id)
    const [last, now] = (await store.holders(host(0).ipv4)).slice(-2)
    expect(last?.device.mac).toBe(mac)
    expect(last?.endKnown).toBe(false)
    expect(last?.endUs).toBeLessThan(Infinity)
    expect(now).toMatchObject({ device: { mac }, startKnown: false, endUs: Infinity })
    const [source] = await store.sources()
    expect(source?.kind).toBe('neighbours')
    const gap = source?.gaps.find(({ reason }) => reason === 'not-running')
    expect(gap?.toUs).toBeLessThanOrEqual(now?.sureUntilUs ?? 0)
  })
})
