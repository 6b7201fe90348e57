import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installation } from '../../collector/capture/nflog-rules.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { policyRunner } from './policy-runner.ts'
import { makePolicyLab, policyLabMissing } from './policy-lab.ts'
import type { PolicyLab } from './policy-lab.ts'

const server = '203.0.113.10'

describe.skipIf(skipUnless('kernel', policyLabMissing()))('a policy that ends connections', () => {
  let lab: PolicyLab
  const { apply, done, end } = policyRunner(() => lab)

  beforeAll(async () => {
    lab = await makePolicyLab()
    const rules = installation({ group: 5, packets: 10, snapLength: 1600 })
    lab.run('gw', 'nft', rules)
  })

  afterAll(async () => {
    await end()
    await lab?.close()
  })

  test('running torrents and tunnels are cut, and new ones; others go on', async () => {
    const talker = await apply(`
      targets: { cut: { type: block }, gone: { type: block, reply: drop } }
      actions:
        torrents: { criteria: "protocol == 'bittorrent'", targets: [cut] }
        tunnels: { criteria: "protocol_category == 'vpn'", targets: [gone] }
    `)
    lab.open('c2', 'plain', server, 7000, 'plain')
    for (const id of ['torrent', 'torrent2']) {
      lab.open('c1', 'torrent', server, 6881, id)
      await until(() => lab.events('c1', id).some(({ error }) => error === 'ECONNRESET'))
    }
    const decided = Number(talker.lines.find((line) => line['decided'] === 'bittorrent')?.['at'])
    const reset = lab.events('c1', 'torrent').find((line) => 'error' in line)
    expect(Number(reset?.['at'])).toBeGreaterThanOrEqual(decided)
    lab.open('c1', 'wireguard', server, 51_820, 'tunnel')
    await until(() => done(talker, 'gone').length > 0)
    // What was under way still comes, on a busy machine later; then nothing does.
    let octets = -1
    while (octets !== lab.received('c1', 'tunnel')) {
      octets = lab.received('c1', 'tunnel')
      await sleep(500)
    }
    // The other end is told too, as soon as it says something.
    await until(() => lab.server.lines.some(({ reset: port }) => port === 6881))
    const before = lab.received('c2', 'plain')
    await until(() => lab.received('c2', 'plain') > before)
    expect(lab.events('c2', 'plain').some((line) => 'error' in line)).toBe(false)
    // What is in force stays so where flowledger dies, and everything else goes on.
    await end('SIGKILL')
    const dead = lab.received('c2', 'plain')
    await until(() => lab.received('c2', 'plain') > dead)
    expect(lab.received('c1', 'tunnel')).toBe(octets)
  })

  test('a connection from before labels had room is cut all the same', async () => {
    expect(lab.flowledger('policy', 'remove').code).toBe(0)
    lab.open('c2', 'held', server, 7000, 'old')
    await until(() => lab.events('c2', 'old').length > 0)
    const talker = await apply(`
      targets: { cut: { type: block } }
      actions: { torrents: { criteria: "protocol == 'bittorrent'", targets: [cut] } }
    `)
    lab.open('c2', 'go', server, 7000, 'old')
    await until(() => lab.events('c2', 'old').some(({ error }) => error === 'ECONNRESET'))
    expect(done(talker, 'cut')[0]?.['detail']).toContain('no room for labels')
  })

  test('a reset ends a connection once; who comes back is let alone', async () => {
    const talker = await apply(`
      targets: { start-over: { type: reset } }
      actions: { zoom: { criteria: ai:zoom, targets: [start-over] } }
    `)
    lab.open('c1', 'tls one.zoom.us', server, 443, 'first')
    await until(() => lab.events('c1', 'first').some(({ error }) => error === 'ECONNRESET'))
    lab.open('c1', 'tls two.zoom.us', server, 443, 'second')
    await until(() => done(talker, 'start-over', 'again').length > 0)
    const octets = lab.received('c1', 'second')
    await until(() => lab.received('c1', 'second') > octets)
    expect(done(talker, 'start-over')).toHaveLength(1)
  })
})
