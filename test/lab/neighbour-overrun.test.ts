import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { cleanEnvironment } from '../../cli/demo/self.ts'
import { makeTopology } from '../../cli/demo/topology.ts'
import type { Topology } from '../../cli/demo/topology.ts'
import { skipUnless } from '../skip.ts'
import { labMissing } from './gateway-lab.ts'

const seenSchema = z.object({
  events: z.array(
    z.object({ what: z.string(), address: z.string().optional(), mac: z.string().optional() })
  ),
  counters: z.object({ messages: z.number(), dumps: z.number(), overruns: z.number() }),
  gaps: z.array(z.object({ fromUs: z.number(), toUs: z.number(), reason: z.string() })),
})

describe.skipIf(skipUnless('kernel', labMissing()))('more events than the buffer holds', () => {
  let topology: Topology
  beforeAll(async () => {
    topology = await makeTopology({ hosts: 1 })
  })
  afterAll(() => topology.close())

  /** Starts the child; `poll` has it look and tells what it saw. */
  function startChild() {
    const file = fileURLToPath(new URL('./neighbour-child.ts', import.meta.url))
    const argv = [process.execPath, '--import', tsxLoader(), file]
    const child = topology.spawn(topology.gateway, argv, {
      env: cleanEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (child.stdout === null) throw new Error('no pipe')
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => {
      const line = await lines.next()
      return seenSchema.parse(JSON.parse(String(line.value)))
    }
    return {
      first: next,
      poll: () => {
        child.stdin?.write('\n')
        return next()
      },
    }
  }

  test('are a gap: all is told anew, and what is there is found again', async () => {
    const child = startChild()
    const host = topology.hosts[0]
    if (host === undefined) throw new Error('no host')
    expect((await child.first()).events).toEqual([{ what: 'restart' }])
    const gateway = async (...argv: string[]) => {
      expect((await topology.run(topology.gateway, argv)).code).toBe(0)
    }
    await gateway('ping', '-n', '-c', '1', host.ipv4)
    let seen = await child.poll()
    while (!seen.events.some(({ address }) => address === host.ipv4)) seen = await child.poll()
    expect(seen.counters.overruns).toBe(0)

    const batch = Array.from({ length: 4000 }, (_, i) => {
      const mac = `02:00:00:00:00:${(i % 250).toString(16).padStart(2, '0')}`
      return `neigh replace 10.77.0.${100 + (i % 100)} lladdr ${mac} nud stale dev lan0\n`
    })
    const input = batch.join('')
    const argv = ['ip', '-batch', '-']
    expect((await topology.run(topology.gateway, argv, { input })).code).toBe(0)
    seen = await child.poll()
    expect(seen.counters.overruns).toBe(1)
    expect(seen.gaps).toMatchObject([{ reason: 'overrun' }])
    expect(seen.gaps[0]?.toUs).toBeGreaterThan(seen.gaps[0]?.fromUs ?? 0)
    const events = [...seen.events]
    while (!events.some(({ address }) => address === host.ipv4)) {
      events.push(...(await child.poll()).events)
    }
    // What was told before the loss was noticed ends with the restart.
    const restart = events.findIndex(({ what }) => what === 'restart')
    const again = events.findIndex(({ address }) => address === host.ipv4)
    expect(restart).toBeGreaterThanOrEqual(0)
    expect(again).toBeGreaterThan(restart)
  })
})
