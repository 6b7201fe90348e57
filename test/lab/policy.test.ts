import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installation } from '../../collector/capture/nflog-rules.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { policyRunner } from './policy-runner.ts'
import { makePolicyLab, policyLabMissing } from './policy-lab.ts'
import type { PolicyLab } from './policy-lab.ts'

const server = '203.0.113.10'
const other = '203.0.113.11'

/** The example of Netify's documents: label what Zoom does. */
const zoomExample = (connlabel: string): string => `{
  "version": 1,
  "target_globals": { "ctlabel": { "max_bits": 127, "connlabel_conf": "${connlabel}" } },
  "targets": { "ctlabel.zoom": { "target_type": "ctlabel", "labels": ["zoom"] } },
  "actions": { "zoom": { "criteria": "app == 'netify.zoom';", "targets": ["ctlabel.zoom"] } }
}`

describe.skipIf(skipUnless('kernel', policyLabMissing()))('policy', () => {
  let lab: PolicyLab
  const { act, apply, done, end } = policyRunner(() => lab)
  /** True where packets with this type of service come to the server on this port. */
  const arrives = (tos: string, port: number, seconds = '60'): boolean => {
    const filter = `dst port ${port} and ip[1] = ${tos}`
    const argv = ['timeout', seconds, 'tcpdump', '-i', 'any', '-n', '-c', '2', filter]
    return lab.attempt('server', ...argv).code === 0
  }

  beforeAll(async () => {
    lab = await makePolicyLab()
    const rules = installation({ group: 5, packets: 10, snapLength: 1600 })
    lab.run('gw', 'nft', rules)
  })

  afterAll(async () => {
    await end()
    await lab?.close()
  })

  test('without what it needs in the kernel it says so, counts, and goes on', async () => {
    lab.run('gw', 'nft', 'table inet flowledger { set small { type ipv4_addr; size 1; }; }')
    lab.run('gw', 'ipset', 'create', 'small', 'hash:ip', 'maxelem', '1', 'timeout', '60')
    const policy = `
      targets:
        label: { type: label, labels: [3] }
        nowhere: { type: nft-set, set: nowhere, ip_version: ipv4, elements: [other_addr] }
        no-ipset: { type: ipset, set: nowhere, ip_version: ipv4 }
        small:
          { type: nft-set, set: small, ip_version: ipv4, elements: [other_addr], ttl: 0,
            managed: false }
        small-ipset: { type: ipset, set: small, ip_version: ipv4, ttl: 60, managed: false }
        mac: { type: nft-set, set: macs, ip_version: ipv4, elements: [local_mac] }
        cut: { type: block }
      actions:
        all:
          criteria: '*'
          targets: [label, nowhere, no-ipset, small, small-ipset, cut]
        macs: { criteria: '*', targets: [mac] }
    `
    const talker = await act(lab.policy(policy))
    lab.open('c1', 'tls www.example.test', server, 443, 'one')
    lab.open('c2', 'tls www.example.test', other, 443, 'two')
    await until(() => talker.lines.filter((line) => line['target'] === 'cut').length === 2)
    const outcomes = (target: string): unknown[] =>
      talker.lines.filter((line) => line['target'] === target).map(({ outcome }) => outcome)
    expect(outcomes('label')).toEqual(['no-labels', 'no-labels'])
    expect(outcomes('nowhere')).toEqual(['missing', 'missing'])
    expect(outcomes('no-ipset')).toEqual(['missing', 'missing'])
    expect(outcomes('small')).toEqual(['done', 'full'])
    expect(outcomes('small-ipset')).toEqual(['done', 'full'])
    expect(outcomes('mac')).toEqual(['unsuited', 'unsuited'])
    expect(outcomes('cut')).toEqual(['missing', 'missing'])
    const warnings = talker.lines.flatMap(({ warning }) => (warning === undefined ? [] : [warning]))
    expect(warnings).toContain('Policy: small: its set is full.')
    expect(warnings).toContain('Policy: nowhere: its set is not there. flowledger policy apply')
    // Of a policy that cannot be used nothing comes into force.
    const broken = lab.policy(policy.replace("criteria: '*'", "criteria: 'app = 1'"), 'broken.yaml')
    talker.say(broken)
    await until(() => talker.lines.some((line) => 'refused' in line))
    const refused = talker.lines.find((line) => 'refused' in line)?.['refused']
    expect(refused).toMatch(/broken\.yaml:14:26: A comparison is written ==\./)
  })

  test('sets of others are left alone, and our own go away without a trace', () => {
    lab.run('gw', 'ipset', 'create', 'theirs', 'hash:ip')
    const now = (): string =>
      lab.run('gw', 'nft', '-t', 'list', 'ruleset') + lab.run('gw', 'ipset', '-t', 'list')
    const theirs = now()
    const managed = lab.policy(`
      targets:
        small: { type: nft-set, set: small, ip_version: ipv4, elements: [other_addr], ttl: 0 }
        theirs: { type: ipset, set: theirs, ip_version: ipv4, ttl: 0 }
        ours: { type: nft-set, table: mine, set: ours, elements: [other_addr, other_port] }
      actions: { all: { criteria: '*', targets: [small, theirs, ours] } }
    `)
    const refused = lab.flowledger('policy', 'apply', managed)
    expect(refused.code).toBe(3)
    expect(refused.said).toContain("The set inet flowledger small is somebody else's.")
    expect(refused.said).toContain("The IP set theirs is somebody else's.")
    expect(now()).toBe(theirs)
    const own = lab.policy(`
      targets:
        ours: { type: nft-set, table: mine, set: ours, elements: [other_addr, other_port] }
        ipset: { type: ipset, set: ours, set_type: 'hash:ip,port' }
        cut: { type: block, by: set }
      actions: { all: { criteria: '*', targets: [ours, ipset, cut] } }
    `)
    expect(lab.flowledger('policy', 'apply', own).out).toMatch(/^In place: /)
    expect(now()).toMatch(/set ours\.v6 [\s\S]*Name: ours\.v6\nType: hash:ip,port\n/)
    expect(lab.flowledger('policy', 'remove').out).toContain('Nothing of the policy is left')
    expect(now()).toBe(theirs)
    lab.run('gw', 'nft', 'delete table inet flowledger')
  })

  test('the Zoom example of Netify: a label, by which a rule of nft sets CS5', async () => {
    const conf = lab.policy('0 zoom\n2 a-zoom\n3 p-http-s\n', 'connlabel.conf')
    const marking =
      'chain c { type filter hook postrouting priority mangle; ct label 0 ip dscp set cs5; };'
    lab.run('gw', 'nft', `table inet qos { ${marking} }`)
    const talker = await apply(zoomExample(conf), 'netify-proc-flow-actions.json')
    lab.open('c1', 'tls us02web.zoom.us', server, 8801, 'zoom')
    lab.open('c1', 'tls www.example.test', server, 443, 'web')
    await until(() => done(talker, 'ctlabel.zoom').length > 0)
    expect(arrives('0xa0', 8801)).toBe(true)
    await until(() => lab.received('c1', 'web') > 0)
    expect(arrives('0xa0', 443, '1')).toBe(false)
    expect(done(talker, 'ctlabel.zoom')[0]).toMatchObject({
      application: 'zoom',
      other: `${server}:8801`,
      evidence: expect.arrayContaining([expect.stringContaining('zoom.us')]),
    })
    lab.run('gw', 'nft', 'delete table inet qos')
  })

  test('the same by a mark, a set of nftables, an IP set and a rule of our own', async () => {
    const begunMs = performance.now()
    const talker = await apply(`
      targets:
        by-mark: { type: mark, mark: 0x2, mask: 0xf, shift: 1 }
        by-set:
          type: nft-set
          set: zoom
          ip_version: ipv4
          elements: [local_addr, ip_proto, other_port, other_addr]
        by-ipset:
          { type: ipset, set: zoom, ip_version: ipv4, set_type: 'hash:ip,port,ip', ttl: 600,
            skb_prio: '1:10' }
        by-dscp: { type: dscp, dscp: cs5 }
        auto: { type: label, auto: true }
      labels: { connlabel_conf: ${lab.folder}/connlabel.conf }
      actions:
        zoom: { criteria: ai:zoom, targets: [by-ipset, by-set, by-mark, by-dscp, auto] }
    `)
    const count = 'type filter hook forward priority 0; ct label 2 ct label 3 counter;'
    lab.run('gw', 'nft', `table inet auto { chain c { ${count} }; }`)
    lab.open('c2', 'tls zoom.us', other, 8801, 'zoom2')
    await until(() => done(talker, 'by-dscp').length > 0)
    expect(arrives('0xa0', 8801)).toBe(true)
    const entry = lab.run('gw', 'conntrack', '-L', '-p', 'tcp', '-d', other)
    expect(entry).toMatch(/ mark=(260|516) /)
    const counted = (): string => lab.run('gw', 'nft', 'list', 'table', 'inet', 'auto')
    await until(() => /counter packets [1-9]/.test(counted()))
    const set = lab.run('gw', 'nft', 'list', 'set', 'inet', 'flowledger', 'zoom')
    expect(set).toContain(`10.88.2.2 . tcp . 8801 . ${other} timeout 15m`)
    const members = lab.run('gw', 'ipset', 'list', 'zoom')
    const [, left] =
      /^203\.0\.113\.11,tcp:8801,10\.88\.2\.2 timeout (\d+) .*skbprio 1:10$/m.exec(members) ?? []
    // It was put there after the policy came into force, and counts whole seconds down.
    const sinceSeconds = Math.ceil((performance.now() - begunMs) / 1000)
    expect(Number(left)).toBeGreaterThanOrEqual(599 - sinceSeconds)
    expect(Number(left)).toBeLessThanOrEqual(600)
  })

  test('IPv6 just as well: mark, sets, and a block by what a client does with a service', async () => {
    const talker = await apply(`
      targets:
        mark: { type: mark, mark: 0x7, mask: 0xff }
        set: { type: nft-set, set: six, elements: [other_addr, ip_proto, other_port, local_addr] }
        ipset: { type: ipset, set: six, set_type: 'hash:ip,port' }
        keep-off: { type: block, by: set }
      actions:
        six: { criteria: ip_version == 6 && app == 'zoom', targets: [mark, set, ipset, keep-off] }
    `)
    lab.open('c1', 'tls six.zoom.us', '2001:db8:a::10', 443, 'six')
    await until(() => lab.events('c1', 'six').some(({ error }) => error === 'ECONNRESET'))
    const entry = lab.run('gw', 'conntrack', '-L', '-f', 'ipv6', '-d', '2001:db8:a::10')
    expect(entry).toMatch(/ mark=7 /)
    const set = lab.run('gw', 'nft', 'list', 'set', 'inet', 'flowledger', 'six.v6')
    expect(set).toContain('2001:db8:a::10 . tcp . 443 . 2001:db8:1::2 timeout 15m')
    expect(lab.run('gw', 'ipset', 'list', 'six.v6')).toContain('2001:db8:a::10,tcp:443 timeout')
    expect(done(talker, 'keep-off')).toHaveLength(1)
    // From now on not even the first packet comes through.
    lab.open('c1', 'plain', '2001:db8:a::10', 443, 'six2')
    await until(() => lab.events('c1', 'six2').some(({ error }) => error === 'ECONNREFUSED'))
    lab.open('c1', 'plain', '2001:db8:a::10', 7000, 'six3')
    await until(() => lab.received('c1', 'six3') > 0)
  })

  test('what an application does leaves by the WAN that is its own, moved once', async () => {
    lab.run('gw', 'nft', 'flush set ip mwan pinned')
    const talker = await act(
      lab.policy(`
        wans: { mask: 0x3f00, interfaces: { wan1: 0x100, wan2: 0x200 } }
        targets:
          pin:
            { type: nft-set, family: ip, table: mwan, set: pinned, ip_version: ipv4, managed: false,
              elements: [other_addr, ip_proto, other_port, local_addr] }
          move: { type: reroute, wan: wan2 }
        actions:
          zoom: { criteria: "app == 'zoom'", targets: [pin, move] }
      `)
    )
    lab.open('c2', 'torrent', server, 443, 'stays')
    await until(() => lab.events('c2', 'stays').length > 0)
    // Of two that begin at once, each WAN gets one.
    for (const id of ['a', 'b']) lab.open('c1', 'tls meet.zoom.us', server, 443, id)
    await until(() => done(talker, 'move').length > 0)
    const decided = Number(talker.lines.find((line) => line['application'] === 'zoom')?.['at'])
    // The server knows nothing of a connection from the other WAN, and resets it.
    const resetAt = (id: string): unknown =>
      lab.events('c1', id).find(({ error }) => error === 'ECONNRESET')?.['at']
    await until(() => resetAt('a') ?? resetAt('b'))
    expect(Number(resetAt('a') ?? resetAt('b'))).toBeGreaterThanOrEqual(decided)
    const kept = resetAt('a') === undefined ? 'a' : 'b'
    const octets = lab.received('c1', kept)
    await until(() => lab.received('c1', kept) > octets)
    lab.open('c1', 'tls meet.zoom.us', server, 443, 'again')
    await until(() => lab.received('c1', 'again') > 8)
    await until(() => done(talker, 'move', 'in-place').length === 2)
    const entries = lab.run('gw', 'conntrack', '-L', '-p', 'tcp', '-s', '10.88.1.2')
    for (const id of [kept, 'again']) {
      const own = lab.events('c1', id).find((line) => 'port' in line)?.['port']
      const bySecond = `sport=${String(own)} dport=443 .* dst=198\\.51\\.100\\.1 .*mark=512`
      expect(entries).toMatch(new RegExp(bySecond))
    }
    expect(done(talker, 'move')).toHaveLength(1)
    expect(lab.events('c2', 'stays').some((line) => 'error' in line)).toBe(false)
    expect(lab.events('c1', 'zoom').some((line) => 'error' in line)).toBe(false)
  })

  test('a connection that comes back wrong is left alone, and said', async () => {
    lab.run('gw', 'nft', 'flush set ip mwan pinned')
    const talker = await act(
      lab.policy(`
        wans: { interfaces: { wan1: 0x100, wan2: 0x200 } }
        targets: { move: { type: reroute, wan: wan2 } }
        actions: { zoom: { criteria: "app == 'zoom'", targets: [move] } }
      `)
    )
    // Every other one goes by the WAN that is not theirs: the second of these is the first again.
    for (const id of ['loop1', 'loop2', 'loop3', 'loop4']) {
      lab.open('c1', 'tls loop.zoom.us', other, 443, id)
      await until(
        () => lab.received('c1', id) > 0 || lab.events('c1', id).some((e) => 'error' in e)
      )
      await sleep(300)
    }
    await until(() => done(talker, 'move', 'again').length > 0)
    expect(done(talker, 'move')).toHaveLength(1)
    expect(talker.lines.some((line) => String(line['warning']).includes('came back'))).toBe(true)
  })
})
