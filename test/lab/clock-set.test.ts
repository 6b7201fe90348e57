import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatInstant } from '../../model/time.ts'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase, startEmbedded } from '../../store/embedded.ts'
import { FakeClock, fakeClockMissing } from '../faults/fake-clock.ts'
import { skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { outgoing, question } from './truth.ts'
import type { Truth } from './truth.ts'

/** Each passes the edge of an hour, and so of a partition. */
const steps = [0, 7200, 0, -7200, 0]
const missing = labMissing() ?? fakeClockMissing()

describe.skipIf(skipUnless('kernel', missing))('the clock is set while connections come', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-clock-'))
  const made: Truth[] = []
  let lab: Lab

  beforeAll(async () => {
    // The kernel's own times would go by the machine's clock, which stays as it is.
    lab = await makeLab({ hosts: 1, sysctls: { 'net.netfilter.nf_conntrack_timestamp': 0 } })
    const clock = new FakeClock(folder)
    const program = await lab.up(clock.environment)
    const [host] = lab.hosts
    const ip = lab.topology.hosts[0]?.ipv4 ?? ''
    for (const [index, ahead] of steps.entries()) {
      clock.set(ahead)
      await sleep(500)
      const local = { ip, port: 0 }
      const opened = await host?.open('tcp', local, { ip: '198.51.100.1', port: 80 })
      if (opened === undefined) throw new Error('the lab has a host')
      made.push(outgoing(`${index}`, opened))
      await sleep(500)
    }
    for (const truth of made) {
      const { verdict } = await lab.lookup(question(truth, truth.establishedUs))
      expect(verdict, `${truth.name}, ${JSON.stringify(truth)}`).not.toBe('no-match')
    }
    const between = { ip: '192.0.2.1', port: '9', at: formatInstant(made[1]?.startUs ?? 0) }
    expect((await lab.lookup(between)).verdict).toBe('no-data')
    await lab.end(program, 'SIGTERM')
  }, 240_000)

  afterAll(async () => {
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('each of them is in the ledger as one flow, and nothing else is', async () => {
    const server = await startEmbedded(lab.dataDir)
    const client = await connect(embeddedUrl(server, 'owner', embeddedDatabase))
    const sql = `select public_port as port, count(distinct flow_id)::int as flows
      from ledger.flows where host(remote_ip) = '198.51.100.1' group by 1 order by 1`
    const { rows } = await client.query(sql)
    await client.end()
    await server.stop()
    const ports = made.map((truth) => truth.public.port).toSorted((a, b) => a - b)
    expect(rows).toEqual(ports.map((port) => ({ port, flows: 1 })))
  })
})
