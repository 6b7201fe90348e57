import { describe, expect, test } from 'vitest'
import { HostInventory } from '../../../appliance/capture/host-inventory.ts'
import { LiveWindow } from '../../../appliance/capture/live-window.ts'
import { criteriaNames } from '../../../classifier/applications/names.ts'
import { requireAddress } from '../../../model/address.ts'
import type { StreamedFlow } from '../../../model/streamed-flow.ts'

const names = criteriaNames([], new Map())

const flow = (n: number, parts: Partial<StreamedFlow> = {}): StreamedFlow => ({
  protocol: n % 2 === 0 ? 'tls' : 'dns',
  application: undefined,
  confidence: 90,
  metadata: {},
  risks: [],
  evidence: [],
  ipProtocol: 6,
  vlan: 0,
  local: { address: requireAddress(`10.0.${n >> 8}.${n & 255}`), port: 1000 },
  other: { address: requireAddress('198.51.100.1'), port: 443 },
  otherType: 'remote',
  origin: 'local',
  isTranslated: true,
  mark: 0,
  protocolCategory: 'web',
  applicationCategory: undefined,
  atUs: n,
  digest: String(n),
  firstUs: n,
  lastUs: n,
  fromLocal: { octets: 1, packets: 1 },
  fromOther: { octets: 1, packets: 1 },
  detectionPackets: 1,
  ...parts,
})

describe('the last flows', () => {
  test('come once to who asks on, and by an expression', () => {
    const window = new LiveWindow((seen: StreamedFlow) => seen)
    for (let n = 0; n < 10; n++) window.add(flow(n))
    const first = window.since({ after: 0, limit: 100 }, names)
    expect([first.flows.length, first.last, first.missed]).toEqual([10, 10, 0])
    expect(window.since({ after: first.last, limit: 100 }, names).flows).toEqual([])
    window.add(flow(10))
    window.add(flow(11))
    const next = { after: 10, limit: 100, filter: 'protocol == dns' }
    expect(window.since(next, names).flows.map(({ digest }) => digest)).toEqual(['11'])
    expect(() => window.since({ ...next, filter: 'protocol ==' }, names)).toThrow(/1:/)
  })

  test('are bounded: who is slow is told how many are gone', () => {
    const window = new LiveWindow((seen: StreamedFlow) => seen)
    for (let n = 0; n < 5000; n++) window.add(flow(n))
    const page = window.since({ after: 1000, limit: 200 }, names)
    expect(page.flows.length).toBe(200)
    expect(page.flows.at(-1)?.digest).toBe('4999')
    expect(page.missed).toBe(5000 - 1000 - 200)
    // A number from another run of the program is one that is over.
    expect(window.since({ after: 9_000_000, limit: 200 }, names).flows).toEqual([])
  })
})

describe('hosts', () => {
  test('are those inside, with what they did last, and are bounded', () => {
    const hosts = new HostInventory()
    hosts.add(flow(1, { application: 'zoom' }))
    hosts.add(flow(1, { application: 'netflix', atUs: 9 }))
    hosts.add(flow(2, { otherType: 'unknown' }))
    expect(hosts.list()).toMatchObject([
      { address: '10.0.0.1', applications: ['zoom', 'netflix'], connections: 2, lastUs: 9 },
    ])
    for (let n = 0; n < 100; n++) hosts.add(flow(2, { application: `a${n}` }))
    expect(hosts.list().at(-1)?.applications.length).toBe(24)
    for (let n = 0; n < 60_000; n++) {
      hosts.add(flow(n))
      // Whoever is seen again and again is never forgotten.
      if (n % 1000 === 0) hosts.add(flow(2))
    }
    const listed = hosts.list()
    expect(listed.length).toBeLessThanOrEqual(20_000)
    expect(listed.find(({ address }) => address === '10.0.0.2')?.connections).toBe(161)
  })
})
