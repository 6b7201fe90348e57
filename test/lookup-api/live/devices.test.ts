import { describe, expect, test } from 'vitest'
import { devicePage, prefixOfCursor } from '../../../lookup-api/live/devices.ts'
import { parsePrefix } from '../../../model/address.ts'
import type { Holding } from '../../../model/identity.ts'
import type { SeenHost } from '../../../model/live-flows.ts'

const holding = (prefix: string, mac: string): Holding => ({
  id: prefix,
  source: 'kea',
  sourceKind: 'kea',
  kind: 'lease',
  ...(parsePrefix(prefix) === undefined ? {} : { prefix: parsePrefix(prefix)! }),
  startUs: 1e15,
  startKnown: true,
  sureUntilUs: 2e15,
  endUs: 2e15,
  endKnown: true,
  device: { mac, hostname: 'laptop' },
  records: [],
  weak: false,
  skewUs: 0,
})

const host = (address: string): SeenHost => ({
  address,
  mac: undefined,
  dhcpFingerprint: '1,3,6',
  dhcpClass: 'MSFT 5.0',
  applications: ['zoom', 'netflix'],
  protocols: ['tls'],
  firstUs: 1e15,
  lastUs: 1.5e15,
  connections: 3,
})

const base = { isCut: false, networks: undefined, after: undefined, limit: 100, reveals: true }

describe('inside hosts', () => {
  test('what sources say and what connections show stand together, in order', () => {
    const { devices, next } = devicePage({
      ...base,
      holdings: [holding('10.0.0.2/32', '02:00:00:00:00:02'), holding('2001:db8::/56', 'x')],
      hosts: [host('10.0.0.10'), host('10.0.0.2')],
    })
    expect(devices.map(({ address }) => address)).toEqual([
      '10.0.0.2',
      '10.0.0.10',
      '2001:db8::/56',
    ])
    expect(devices[0]).toMatchObject({
      identities: [{ mac: '02:00:00:00:00:02', mac_randomised: true, hostname: 'laptop' }],
      applications: ['netflix', 'zoom'],
      dhcp_fingerprint: '1,3,6',
      connections: 3,
    })
    expect(devices[1]?.identities).toEqual([])
    expect(next).toBeNull()
  })

  test('nothing that tells who somebody is, for who may not reveal', () => {
    const holdings = [holding('10.0.0.2/32', '02:00:00:00:00:02')]
    const page = devicePage({ ...base, reveals: false, holdings, hosts: [host('10.0.0.2')] })
    expect(page.devices[0]).toMatchObject({ identities: null, dhcp_fingerprint: null })
    expect(JSON.stringify(page)).not.toContain('02:00')
    expect(JSON.stringify(page)).not.toContain('MSFT')
  })

  test('every host comes once, however the pages fall', () => {
    const addresses = Array.from({ length: 25 }, (_, i) => `10.0.0.${i + 1}`)
    const all = addresses.flatMap((one, i) =>
      i % 3 === 0 ? [] : [holding(`${one}/32`, 'a'), holding(`${one}/32`, 'b')]
    )
    const hosts = addresses.filter((_, i) => i % 2 === 0).map(host)
    const seen: string[] = []
    let after: ReturnType<typeof prefixOfCursor>
    for (let pages = 0; pages < 50; pages++) {
      const words = after?.words.join('.') ?? ''
      const last = after?.words[3] ?? -1
      const rest = all.filter(({ prefix }) => words === '' || (prefix?.words[3] ?? 0) > last)
      const most = 5
      const holdings = rest.slice(0, most)
      const isCut = rest.length > most
      const page = devicePage({ ...base, holdings, isCut, hosts, after, limit: 4 })
      seen.push(...page.devices.map(({ address }) => address))
      if (page.next === null) break
      after = prefixOfCursor(page.next)
    }
    expect(seen).toEqual(addresses.filter((_, i) => i % 3 !== 0 || i % 2 === 0))
  })

  test('who is not inside is not listed, where that is known', () => {
    const networks = [parsePrefix('10.0.0.0/8')!]
    const hosts = [host('10.0.0.1'), host('192.0.2.254')]
    const { devices } = devicePage({ ...base, networks, holdings: [], hosts })
    expect(devices.map(({ address }) => address)).toEqual(['10.0.0.1'])
  })

  test('a cursor is a prefix, or none', () => {
    expect(prefixOfCursor('10.0.0.1')?.length).toBe(128)
    expect(prefixOfCursor("'; drop table")).toBeUndefined()
  })
})
