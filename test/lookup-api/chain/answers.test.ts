import { describe, expect, test } from 'vitest'
import { answer } from '../../../lookup-api/answer.ts'
import { answerSchema } from '../../../lookup-api/contract.ts'
import type { Answer } from '../../../lookup-api/contract.ts'
import type { LookupInput } from '../../../lookup-api/query.ts'
import { liveSource, makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'
import { desk, holding, investigator, makePeople, neighbour, openSession } from './people.ts'
import type { Person } from './people.ts'

const question: LookupInput = { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z' }
const a = '00:11:22:33:44:aa'
const ofA: Person = { id: 'A', keys: [['mac', a]] }

/** A world with people in it; what was asked of them is in `asked`. */
function peopled(
  parts: Parameters<typeof makeWorld>[0],
  ...people: Parameters<typeof makePeople>
): World & { asked: string[] } {
  const world = makeWorld(parts)
  const { calls, ...stores } = makePeople(...people)
  return Object.assign(world, {
    dependencies: { ...world.dependencies, ...stores },
    asked: calls,
  })
}

const oneFlow = { slices: [slice(-60, 60, { flowId: 42n })] }

async function ask(world: World, input: LookupInput = {}, by = investigator): Promise<Answer> {
  const said = await answer({ ...question, ...input }, world.dependencies, by)
  expect(answerSchema.parse(said)).toEqual(said)
  return said
}

describe('the chain in an answer', () => {
  test('from the public port to the subscriber, a link a step', async () => {
    const lease = holding(-600, 600, { device: { mac: a, hostname: 'laptop' } })
    const world = peopled(oneFlow, [lease, neighbour(-50, 50, a)], [ofA])
    const said = await ask(world)
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact' })
    const [candidate] = said.candidates
    expect(candidate?.links.map(({ step, class: how }) => `${step} ${how}`)).toEqual([
      'nat exact',
      'device exact',
      'subscriber exact',
    ])
    expect(candidate).toMatchObject({
      class: 'exact',
      identity: {
        state: 'resolved',
        device: { mac: a, hostname: 'laptop', mac_randomised: false },
        subscriber: { id: 'A', by: 'mac', directory: 'crm' },
      },
    })
    expect(candidate?.links[1]?.why).toContain('dhcp (lease) agrees')
  })

  test('the weakest link is the strength, and leaves the verdict as it is', async () => {
    const world = peopled(oneFlow, [holding(-600, 600, { weak: true })], [ofA])
    expect(await ask(world)).toMatchObject({ verdict: 'unique', strength: 'inferred' })
  })

  test('two subscribers: both are shown, neither is picked', async () => {
    const world = peopled(oneFlow, [holding(-60, 60)], [ofA, { ...ofA, id: 'A2' }])
    const said = await ask(world)
    expect(said.strength).toBe('ambiguous')
    const { identity } = said.candidates[0]!
    expect(identity.subscriber).toBeUndefined()
    expect(identity.candidates?.map(({ subscriber }) => subscriber?.id)).toEqual(['A', 'A2'])
  })

  test('who held the address before the connection has nothing to do with it', async () => {
    const slices = [slice(-20, 600)]
    const world = peopled({ slices }, [
      holding(-600, -40, { device: { mac: '00:11:22:33:44:bb' } }),
      holding(-30, 600),
    ])
    const said = await ask(world, { tolerance: '60s' })
    expect(said.candidates[0]?.identity).toMatchObject({ state: 'resolved', device: { mac: a } })
  })

  test('the clocks of gateway and source show in the links', async () => {
    const sources = [liveSource({ skewUs: 2e6 })]
    const world = peopled({ ...oneFlow, sources }, [holding(-600, 600, { skewUs: 3e6 })])
    const [candidate] = (await ask(world)).candidates
    expect(candidate?.links.map((link) => link.skew_seconds)).toEqual([2, 3])
  })

  test('a switch of hands that the clocks leave open names both', async () => {
    const sources = [liveSource({ skewUs: 2e6 })]
    const people = [
      holding(-600, -4, { device: { mac: '00:11:22:33:44:bb' }, skewUs: 3e6 }),
      holding(-4, 600, { skewUs: 3e6 }),
    ]
    const said = await ask(peopled({ ...oneFlow, sources }, people))
    expect(said.candidates[0]?.identity.state).toBe('ambiguous')
    const sure = await ask(
      peopled(
        oneFlow,
        people.map((one) => ({ ...one, skewUs: 0 }))
      )
    )
    expect(sure.candidates[0]?.identity).toMatchObject({ state: 'resolved', class: 'exact' })
  })
})

test('an inside IPv6 address behind an IPv4 one may be the end of a tunnel', async () => {
  const host = '2001:db8:100::7'
  const slices = [slice(-60, 60, { inside: `${host} 5000` })]
  const said = await ask(peopled({ slices }, [holding(-60, 60, { on: host })]))
  expect(said.candidates[0]?.identity.state).toBe('resolved')
  expect(said.candidates[0]?.identity.reasons.join(' ')).toContain('DS-Lite')
})

describe('who may know', () => {
  test('without the right it is withheld, and no store is touched', async () => {
    const world = peopled(oneFlow, [holding(-60, 60)], [ofA])
    const said = await ask(world, {}, desk)
    expect(said.candidates[0]?.identity.state).toBe('withheld')
    expect(said.candidates[0]?.links.map(({ step }) => step)).toEqual(['nat'])
    expect(JSON.stringify(said)).not.toContain(a)
    expect(world.asked).toEqual([])
    expect(world.audit[0]?.action).toBe('lookup')
  })

  test('a reveal is in the audit as one, with the records it rests on', async () => {
    const world = peopled(oneFlow, [holding(-60, 60, { id: '77' })], [ofA])
    await ask(world)
    expect(world.audit).toHaveLength(1)
    expect(world.audit[0]).toMatchObject({
      action: 'reveal',
      detail: { holdings: ['dhcp/77'], subscribers: ['crm/A@1'], verdict: 'unique' },
    })
  })

  test('no audit, no identity', async () => {
    const world = peopled({ ...oneFlow, auditFails: true }, [holding(-60, 60)], [ofA])
    await expect(ask(world)).rejects.toMatchObject({ code: 'audit-unwritable' })
  })

  test('a second person, where the rules want one', async () => {
    const world = peopled(oneFlow, [holding(-60, 60)], [ofA])
    world.rules = { ...world.rules, secondPerson: ['reveal'] }
    const { access } = makeWorld({ rules: world.rules }).dependencies
    const said = await answer(question, { ...world.dependencies, access }, investigator)
    expect(said.candidates[0]?.identity.state).toBe('withheld')
    expect(said.candidates[0]?.identity.reasons.join(' ')).toContain('approval')
    expect(world.asked).toEqual([])
  })

  test('hosts that the question rules out stay without identity', async () => {
    const slices = [
      slice(-60, 60),
      slice(-50, 50, { inside: '10.0.0.2 1000', remote: '203.0.113.9 80' }),
    ]
    const world = peopled({ slices }, [holding(-60, 60), holding(-60, 60, { on: '10.0.0.2' })])
    const said = await ask(world, { destination_ip: '198.51.100.1' })
    expect(said.candidates[0]?.identity.state).toBe('resolved')
    expect(said.near_misses[0]?.identity.state).toBe('withheld')
  })

  test('an answer with many hosts names nobody', async () => {
    const slices = Array.from({ length: 11 }, (_, i) =>
      slice(-60, 60, { inside: `10.0.0.${i + 1} 1000`, remote: `198.51.100.${i} 443` })
    )
    const world = peopled({ slices }, [holding(-60, 60)])
    const said = await ask(world)
    expect(new Set(said.candidates.map(({ identity }) => identity.state))).toEqual(
      new Set(['withheld'])
    )
    expect(world.asked).toEqual([])
  })

  test('without a source of identities nothing is known, and nothing withheld', async () => {
    const said = await ask(makeWorld(oneFlow), {}, desk)
    expect(said.candidates[0]?.identity.state).toBe('unknown')
    expect(said.strength).toBe('exact')
  })
})

describe('an inside address', () => {
  const inside: LookupInput = { ip: '10.0.0.1', at: question.at! }
  const askInside = async (world: World, more: LookupInput = {}, by = investigator) =>
    answerSchema.parse(await answer({ ...inside, ...more }, world.dependencies, by))

  test('by identity alone', async () => {
    const said = await askInside(peopled({}, [holding(-60, 60)], [ofA]))
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact', candidate_count: 1 })
    expect(said.candidates[0]).toMatchObject({
      inside: { ip: '10.0.0.1', port: 0 },
      flows: 0,
      identity: { state: 'resolved', subscriber: { id: 'A' } },
    })
  })

  test.each([
    [[holding(-60, -0.5)], 'inferred', 1],
    [[holding(-60, 60), holding(-30, 60, { device: { mac: '00:11:22:33:44:bb' } })], 'multiple', 2],
    [[holding(-60, 60), neighbour(-30, 60, '00:11:22:33:44:bb')], 'conflict', 2],
    [[], 'no-match', 0],
  ] as const)('%#: %s', async (holdings, verdict, count) => {
    const said = await askInside(peopled({}, holdings))
    expect([said.verdict, said.candidates.length]).toEqual([verdict, count])
  })

  test('is not told to who may not know, nor is it said that nobody had it', async () => {
    const world = peopled({}, [holding(-60, 60)])
    const said = await askInside(world, {}, desk)
    expect([said.verdict, said.candidates]).toEqual(['no-data', []])
    expect(world.asked).toEqual([])
  })

  test('with a port it is a question about a connection, and its holder no answer', async () => {
    const world = peopled({}, [holding(-60, 60)])
    const said = await askInside(world, { port: '4000' })
    expect([said.verdict, said.candidates]).toEqual(['no-match', []])
    expect(world.asked).toEqual([])
  })

  test('IPv6 with connections: the host is the address, its holder the identity', async () => {
    const host = '2001:db8:100::7'
    const ends = { inside: `${host} 5000`, public: `${host} 5000`, remote: '2001:db8:2::1 443' }
    const world = peopled({ slices: [slice(-60, 60, { ...ends, natKind: 0 })] }, [
      openSession(-90, 90, 'alice', { on: '2001:db8:100::/64', device: { circuitId: 'port 7' } }),
    ])
    const said = await askInside(world, { ip: host })
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact' })
    expect(said.candidates[0]).toMatchObject({ flows: 1, identity: { user: 'alice' } })
    expect(said.candidates[0]?.identity.reasons.join(' ')).toContain('nobody here saw')
  })
})
