import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Topology } from '../../cli/demo/topology.ts'
import { skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

/** Keys under net. that tell what happens now, not what is set. */
const readings = /nf_conntrack_count|fs_state|\.stat_/

/** Lines that are settings: no comments, and no readings. */
function lines(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#') && !readings.test(line))
    .join('\n')
}

/** Everything that decides what the gateway does with packets, as its own programs print it. */
async function settings(topology: Topology): Promise<Record<string, string>> {
  const print = async (...argv: string[]): Promise<string> =>
    (await topology.run(topology.gateway, argv)).stdout
  return {
    nftables: await print('nft', 'list', 'ruleset'),
    iptables: lines(
      await print('sh', '-c', 'command -v iptables-save >/dev/null && iptables-save')
    ),
    ip6tables: lines(
      await print('sh', '-c', 'command -v ip6tables-save >/dev/null && ip6tables-save')
    ),
    sysctl: lines(await print('sysctl', '-a', '--pattern', '^net[.]')),
    machine: lines(
      await print('sysctl', '-a', '--pattern', '^(fs|kernel[.](core|sched|shm)|vm)[.]')
    )
      .split('\n')
      .filter((line) => !/^(fs[.](aio-nr|dentry|file-nr|inode|quota)|vm[.]nr_)/.test(line))
      .join('\n'),
  }
}

describe.skipIf(skipUnless('kernel', labMissing()))('what flowledger up leaves alone', () => {
  let lab: Lab

  beforeAll(async () => {
    // As a gateway comes: nothing set that flowledger would like to be set.
    lab = await makeLab({ sysctls: { 'net.netfilter.nf_conntrack_acct': 0 } })
  })

  afterAll(() => lab.close())

  test('rules and settings are the same before, meanwhile and after', async () => {
    const before = await settings(lab.topology)
    expect(before['nftables']).toContain('snat to 192.0.2.1')
    expect(before['sysctl']).toContain('net.netfilter.nf_conntrack_acct = 0')
    const program = await lab.up()
    const host = lab.topology.hosts[0]
    const remote = { ip: '198.51.100.1', port: 80 }
    await lab.hosts[0]?.open('tcp', { ip: host?.ipv4 ?? '', port: 0 }, remote)
    await sleep(1000)
    expect(await settings(lab.topology)).toEqual(before)
    await lab.end(program, 'SIGTERM')
    expect(program.exitCode).toBe(0)
    expect(await settings(lab.topology)).toEqual(before)
  })
})
