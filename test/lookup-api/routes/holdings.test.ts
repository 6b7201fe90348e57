import { describe, expect, test } from 'vitest'
import { holdingsPageSchema } from '../../../lookup-api/chain/reverse-contract.ts'
import { makeApi, problem } from '../api.ts'
import type { Api } from '../api.ts'
import { holding, makePeople, openSession } from '../chain/people.ts'
import { makeWorld, slice } from '../world.ts'

const mac = '00:11:22:33:44:aa'
const span = 'from=2026-03-01T11:00:00Z&to=2026-03-01T13:00:00Z'

const holdings = [
  holding(-600, -60, { id: '1' }),
  holding(-30, 600, { id: '2', on: '10.0.0.7' }),
  openSession(0, 60, 'Alice', { id: '3' }),
  holding(-99_000, -98_000, { id: '4' }),
  holding(70, 80, { id: '5', device: { circuitId: 'port 7', remoteId: 'cpe 1' }, on: '10.0.0.9' }),
]

const subscriber = {
  id: '1001',
  keys: [
    ['mac', mac],
    ['user', 'alice'],
    ['circuit-id', 'port 7'],
    ['client-id', '01aa'],
  ],
} as const

function makeLab(): Api {
  const slices = [
    slice(-40, 10, { inside: '10.0.0.7 1', public: '192.0.2.1 2001' }),
    slice(5, 50, { inside: '10.0.0.7 2', public: '192.0.2.1 2002' }),
  ]
  const world = makeWorld({ slices })
  return makeApi(world, makePeople(holdings, [subscriber]))
}

const get = async (api: Api, query: string, token?: string) => {
  const response = await api.get(`/v1/holdings?${query}`, token)
  expect(response.status).toBe(200)
  return holdingsPageSchema.parse(await response.json())
}

describe('GET /v1/holdings', () => {
  test.each([
    [`mac=00-11-22-33-44-AA`, ['dhcp/1', 'dhcp/2']],
    ['user=alice', ['radius/3']],
    ['address=10.0.0.7', ['dhcp/2']],
    ['circuit_id=port%207', ['dhcp/5']],
    ['remote_id=cpe%201', ['dhcp/5']],
    ['subscriber=1001', ['dhcp/1', 'dhcp/2', 'radius/3', 'dhcp/5']],
    ['subscriber=9999', []],
  ])('%s', async (subject, records) => {
    const page = await get(makeLab(), `${subject}&${span}`)
    expect(page.holdings.map(({ record }) => record)).toEqual(records)
    expect(page.next).toBeNull()
  })

  test('says what a subscriber could not be searched by', async () => {
    const page = await get(makeLab(), `subscriber=1001&${span}`)
    expect(page.not_searched).toEqual(['client-id 01aa'])
  })

  test('lists the public ends of connections, where it is asked to', async () => {
    const page = await get(makeLab(), `address=10.0.0.7&flows=true&${span}`)
    expect(page.holdings[0]?.flows?.map((flow) => flow.public.port)).toContain(2002)
    expect((await get(makeLab(), `address=10.0.0.7&${span}`)).holdings[0]?.flows).toBeUndefined()
  })

  test('by pages', async () => {
    const api = makeLab()
    const first = await get(api, `subscriber=1001&limit=2&${span}`)
    expect(first.holdings.map(({ record }) => record)).toEqual(['dhcp/1', 'dhcp/2'])
    const second = await get(api, `subscriber=1001&limit=2&cursor=${first.next}&${span}`)
    expect(second.holdings.map(({ record }) => record)).toEqual(['radius/3', 'dhcp/5'])
    expect(second.next).toBeNull()
  })

  test('is in the audit before the page goes, with the records', async () => {
    const api = makeLab()
    await get(api, `mac=${mac}&${span}&case=K-1`)
    expect(api.world.audit.at(-1)).toMatchObject({
      action: 'reverse',
      detail: { holdings: ['dhcp/1', 'dhcp/2'], given: { case: 'K-1' } },
    })
    const unaudited = makeApi(makeWorld({ auditFails: true }), makePeople(holdings))
    expect((await unaudited.get(`/v1/holdings?mac=${mac}&${span}`)).status).toBe(503)
  })

  test.each([
    [span, 'Name one of'],
    [`mac=${mac}&user=x&${span}`, 'Name one of'],
    [`mac=${mac}`, 'from'],
    [`mac=nonsense&${span}`, 'MAC'],
    [`address=300.1.1.1&${span}`, 'address'],
    [`mac=${mac}&from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z&flows=true`, 'a day'],
    [`mac=${mac}&from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z`, 'later'],
    [`mac=${mac}&${span}&cursor=x`, 'cursor'],
  ])('%s is refused', async (query, words) => {
    const response = await makeLab().get(`/v1/holdings?${query}`)
    expect(response.status).toBe(400)
    expect(JSON.stringify(await problem(response))).toContain(words)
  })

  test('without the right there is nothing', async () => {
    const api = makeLab()
    expect((await api.get(`/v1/holdings?mac=${mac}&${span}`, 'fl_lookup')).status).toBe(403)
  })
})
