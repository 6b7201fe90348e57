import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installation } from '../../collector/capture/nflog-rules.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { policyLabMissing } from './policy-lab.ts'

const missing = labMissing() ?? policyLabMissing()

const zoom = (app: string): string => `
reevaluate: true
targets:
  set: { type: nft-set, set: zoom, ip_version: ipv4, elements: [other_addr, other_port] }
  ipset: { type: ipset, set: zoom, ip_version: ipv4, set_type: 'hash:ip,port,ip', ttl: 600 }
  cs5: { type: dscp, dscp: cs5 }
actions:
  zoom: { criteria: "app == '${app}'", targets: [set, ipset, cs5] }
`

/** The whole program: what conntrack's follower and the classifier know of one connection. */
describe.skipIf(skipUnless('kernel', missing))('a policy in the running program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-policy-up-'))
  const file = (name: string): string => join(folder, name)
  const policy = file('policy.yaml')
  let lab: Lab
  let up: ChildProcess
  let said = ''

  const gateway = async (...argv: readonly string[]): Promise<string> =>
    (await lab.topology.run(lab.topology.gateway, argv)).stdout
  /** A TLS connection that goes on talking. */
  function talk(name: string): ChildProcess {
    const host = lab.topology.hosts[0]?.namespace ?? ''
    const tls = `openssl s_client -quiet -connect 198.51.100.1:8801 -servername ${name}`
    const argv = ['sh', '-c', `while sleep 0.05; do echo x; done | ${tls}`]
    return lab.topology.spawn(host, argv, { stdio: 'ignore' })
  }
  const set = (): Promise<string> => gateway('nft', 'list', 'set', 'inet', 'flowledger', 'zoom')
  const outcomes = async (): Promise<string> => {
    const metrics = await lab.request('/metrics')
    return metrics
      .split('\n')
      .filter((line) => line.startsWith('flowledger_policy_o'))
      .join('\n')
  }
  const reload = (text: string): void => {
    writeFileSync(policy, text)
    up.kill('SIGHUP')
  }

  beforeAll(async () => {
    writeFileSync(policy, zoom('zoom'))
    lab = await makeLab({ hosts: 1 }, `policy: { rules: ${policy} }\n`)
    const [key, cert] = [file('key'), file('cert')]
    const ec = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x'
    execFileSync('openssl', [...ec.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const server = ['openssl', 's_server', '-accept', '198.51.100.1:8801', '-cert', cert]
    // It ends with its standard input.
    lab.topology.spawn(lab.topology.outside, [...server, '-key', key], { stdio: 'pipe' })
    await gateway('nft', 'table inet flowledger { comment "theirs"; }')
    await gateway('nft', installation({ group: 5, packets: 10, snapLength: 4096 }))
    const applied = await lab.flowledger('policy', 'apply')
    if (applied.code !== 0) throw new Error(applied.stderr)
    up = await lab.up()
    up.stderr?.on('data', (part: string) => (said += part))
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('acts on a connection, is told of, reloaded, and taken back', async () => {
    const begunMs = performance.now()
    const talker = talk('us02web.zoom.us')
    const filter = 'dst port 8801 and ip[1] = 0xa0'
    const seen = ['timeout', '120', 'tcpdump', '-i', 'any', '-n', '-c', '2', filter]
    expect((await lab.topology.run(lab.topology.outside, seen)).code).toBe(0)
    expect(await set()).toContain('198.51.100.1 . 8801 timeout 15m')
    const members = await gateway('ipset', 'list', 'zoom')
    const [, left] = /^198\.51\.100\.1,tcp:8801,10\.77\.0\.2 timeout (\d+)$/m.exec(members) ?? []
    // It was put there after the talk began, and counts whole seconds down.
    const sinceSeconds = Math.ceil((performance.now() - begunMs) / 1000)
    expect(Number(left)).toBeGreaterThanOrEqual(599 - sinceSeconds)
    expect(Number(left)).toBeLessThanOrEqual(600)
    for (const target of ['set', 'ipset', 'cs5']) {
      expect(await outcomes()).toContain(`{target="${target}",outcome="done"} 1`)
    }
    const shown = await lab.flowledger('policy', 'show', '-o', 'json')
    expect(shown.code).toBe(0)
    const { actions, kernel } = JSON.parse(shown.stdout) as { actions: object[]; kernel: string[] }
    expect(actions).toHaveLength(3)
    expect(actions[0]).toMatchObject({
      action: 'zoom',
      rule: `${policy}:8`,
      outcome: 'done',
      local: expect.stringMatching(/^10\.77\.0\.2:/),
      public: expect.stringMatching(/^192\.0\.2\.1:/),
      hostname: 'us02web.zoom.us',
      evidence: expect.arrayContaining([expect.stringContaining('zoom.us')]),
    })
    expect(kernel.join('\n')).toMatch(/dscp set cs5[\s\S]*inet flowledger zoom {2}1 elements/)

    // A mistake changes nothing, and is said with its place.
    reload(zoom('zooom'))
    await until(() => said.includes('policy.yaml:8:'))
    expect(await set()).toContain('198.51.100.1 . 8801')

    // What does not hold any more is taken back of the connection that is open.
    reload(zoom('skype'))
    await until(async () => !(await set()).includes('198.51.100.1 . 8801'))
    await until(async () => !(await gateway('ipset', 'list', 'zoom')).includes('198.51.100.1'))
    talker.kill()

    // From the ledger it is told what the first policy would have meant.
    await gateway('conntrack', '-D', '-s', '10.77.0.2')
    writeFileSync(file('other.yaml'), zoom('zoom'))
    let planned: unknown
    await until(async () => {
      const plan = await lab.flowledger('policy', 'plan', file('other.yaml'), '-o', 'json')
      if (plan.code !== 0) throw new Error(plan.stderr)
      planned = JSON.parse(plan.stdout)
      return (planned as { connections: number }).connections > 0
    })
    expect(planned).toMatchObject({
      actions: [{ action: 'zoom', connections: 1, hosts: 1, examples: ['us02web.zoom.us:8801'] }],
      kernel: [],
    })
    expect((await lab.flowledger('policy', 'remove')).code).toBe(0)
    const missingNow = await lab.flowledger('policy', 'show')
    expect(missingNow.code).toBe(1)
    expect(missingNow.stderr).toContain('Nothing of a policy is in the kernel.')
    expect(missingNow.stdout).toContain('The set inet flowledger zoom is not there.')
    await lab.end(up, 'SIGTERM')
  })
})
