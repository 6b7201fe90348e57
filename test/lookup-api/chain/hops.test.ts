import { describe, expect, test } from 'vitest'
import { answer } from '../../../lookup-api/answer.ts'
import type { Answer } from '../../../lookup-api/contract.ts'
import type { LookupInput } from '../../../lookup-api/query.ts'
import type { Slice } from '../../../model/slice.ts'
import { liveSource, makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'
import { investigator, prefix } from './people.ts'

const question: LookupInput = { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z' }
const between = '100.64.0.9 2001'
const remote = '198.51.100.1 443'

/** The outer gateway's view: what it has inside is the inner gateway's public side. */
const outer = (start = -60, end = 60): Slice =>
  slice(start, end, { source: 'outer', inside: between, flowId: 1n })

const inner = (start: number, end: number, parts: Parameters<typeof slice>[2] = {}): Slice =>
  slice(start, end, {
    source: 'inner',
    inside: '10.1.0.5 4711',
    public: between,
    flowId: 2n,
    ...parts,
  })

function makeTwo(slices: readonly Slice[], ...names: string[]): World {
  const sources = (names.length === 0 ? ['outer', 'inner'] : names).map((source) =>
    liveSource({ source })
  )
  return makeWorld({ slices: [...slices], sources })
}

const ask = (world: World, more: LookupInput = {}): Promise<Answer> =>
  answer({ ...question, ...more }, world.dependencies, investigator)

const insides = ({ candidates }: Answer): string[] =>
  candidates.map(({ inside }) => `${inside.ip} ${inside.port}`)

const steps = ({ candidates }: Answer): string[] =>
  (candidates[0]?.links ?? []).map((link) => `${link.step} ${link.class} ${link.source}`)

describe('a gateway behind a gateway', () => {
  test('the host is the innermost one, a link for each', async () => {
    const said = await ask(makeTwo([outer(), inner(-60, 60)]))
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact' })
    expect(insides(said)).toEqual(['10.1.0.5 4711'])
    expect(said.candidates[0]?.public).toEqual({ ip: '192.0.2.1', port: 2000 })
    expect(steps(said)).toEqual(['nat exact outer', 'nat exact inner'])
  })

  test('the remote end tells several on one port apart', async () => {
    const other = inner(-60, 60, { inside: '10.1.0.6 4711', remote: '203.0.113.9 80', flowId: 3n })
    const said = await ask(makeTwo([outer(), inner(-60, 60), other]))
    expect(insides(said)).toEqual(['10.1.0.5 4711'])
    expect(said.verdict).toBe('unique')
  })

  test('several hosts behind the inner one are several hosts', async () => {
    const more = slice(-60, 60, {
      source: 'outer',
      inside: between,
      remote: '203.0.113.9 80',
      flowId: 4n,
    })
    const other = inner(-60, 60, { inside: '10.1.0.6 4711', remote: '203.0.113.9 80', flowId: 3n })
    const said = await ask(makeTwo([outer(), more, inner(-60, 60), other]))
    expect(said.verdict).toBe('multiple')
    expect(insides(said).sort()).toEqual(['10.1.0.5 4711', '10.1.0.6 4711'])
  })

  test('no surer than the weaker of the two', async () => {
    const said = await ask(makeTwo([outer(), inner(-60, -0.5)]))
    expect(said).toMatchObject({ verdict: 'inferred', strength: 'inferred' })
    expect(insides(said)).toEqual(['10.1.0.5 4711'])
  })

  test('one that says nothing leaves the host as it is, where nobody said that it stands there', async () => {
    const said = await ask(makeTwo([outer()]))
    expect([said.verdict, insides(said)]).toEqual(['unique', ['100.64.0.9 2001']])
  })

  test('one that ought to show the connection and does not: the host is not known', async () => {
    const world = makeTwo([outer()])
    const networks = {
      inside: [],
      public: [
        { prefix: prefix('192.0.2.0/24'), source: 'outer' },
        { prefix: prefix('100.64.0.0/10'), source: 'inner' },
      ],
    }
    const said = await answer(question, { ...world.dependencies, networks }, investigator)
    expect(said).toMatchObject({ verdict: 'inferred', strength: 'unknown' })
    expect(steps(said)).toEqual(['nat exact outer', 'nat unknown inner'])
  })

  test('circles end', async () => {
    const back = inner(-60, 60, { inside: between, public: between })
    const circle = [
      outer(),
      inner(-60, 60, { inside: '100.64.0.10 5' }),
      slice(-60, 60, { source: 'outer', inside: '100.64.0.9 2001', public: '100.64.0.10 5' }),
    ]
    const said = await ask(makeTwo([...circle, back]))
    expect(insides(said)).toEqual(['100.64.0.10 5'])
  })

  test('no more than four in a row', async () => {
    const names = ['g0', 'g1', 'g2', 'g3', 'g4', 'g5']
    const end = (i: number): string => (i === 0 ? '192.0.2.1 2000' : `100.64.0.${i} 2000`)
    const slices = names.map((source, i) =>
      slice(-60, 60, { source, public: end(i), inside: end(i + 1), remote, flowId: BigInt(i) })
    )
    const said = await ask(makeTwo(slices, ...names))
    expect(steps(said).length).toBeLessThanOrEqual(5)
    expect(said.candidates).toHaveLength(1)
  })

  test('one source costs no further question', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)] })
    await ask(world)
    expect(world.calls.filter((call) => call === 'ledger')).toHaveLength(1)
  })
})

describe('gateways that replicate their tables', () => {
  const names = ['gw1', 'gw2']
  const seenBy = (source: string, start: number, end: number, more = {}): Slice =>
    slice(start, end, { source, flowId: 9n, ...more })

  test('one connection, both sources named', async () => {
    const said = await ask(makeTwo([seenBy('gw1', -60, 60), seenBy('gw2', -59, 60)], ...names))
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact', candidate_count: 1 })
    expect(said.candidates[0]).toMatchObject({ flows: 1, bytes: 300, also: [] })
    expect(steps(said)).toEqual(['nat exact gw1', 'nat exact gw2'])
  })

  test('one that took over late weakens nothing', async () => {
    const said = await ask(makeTwo([seenBy('gw1', -60, 60), seenBy('gw2', 0.5, 60)], ...names))
    expect(said).toMatchObject({ verdict: 'unique', strength: 'exact' })
  })

  test('a port that one source saw used twice is two connections', async () => {
    const slices = [
      seenBy('gw1', -60, -0.5, { flowId: 1n }),
      seenBy('gw1', -0.2, 60, { flowId: 2n }),
      seenBy('gw2', -60, -0.5, { flowId: 1n }),
      seenBy('gw2', -0.2, 60, { flowId: 2n }),
    ]
    const said = await ask(makeTwo(slices, ...names))
    expect(said.candidates[0]?.flows).toBe(2)
    expect(said.verdict).toBe('unique')
  })

  test('that translate differently contradict each other', async () => {
    const slices = [seenBy('gw1', -60, 60), seenBy('gw2', -60, 60, { inside: '10.0.0.2 1000' })]
    expect((await ask(makeTwo(slices, ...names))).verdict).toBe('conflict')
  })
})
