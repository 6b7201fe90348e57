import { describe, expect, test } from 'vitest'
import { answer } from '../../lookup-api/answer.ts'
import type { PortSet } from '../../model/port-set.ts'
import { asker, makeWorld, slice } from './world.ts'
import type { World } from './world.ts'

const ports = (basis: PortSet['basis'], note = ''): { ports: PortSet } => ({
  ports: { basis, start: 1024, end: 2047, step: 1, note },
})
const unknown = { remote: ':: 0', protocol: 6 }
const question = { ip: '192.0.2.1', port: '2000', protocol: 'tcp', at: '2026-03-01T12:00:00Z' }

const ask = (slices: World['slices'], more: Record<string, string> = {}) =>
  answer({ ...question, ...more }, makeWorld({ slices }).dependencies, asker)

const session = (inside: string) => slice(-60, 60, { inside })
const block = (inside: string, source = 'gw') =>
  slice(-600, 600, { inside, source, ...unknown, ...ports('block'), userName: 'line 7' })
const address = (inside: string) => slice(-600, 600, { inside, ...unknown, ...ports('address') })

describe('records of many ports', () => {
  test('a block alone is inferred, and says what it is', async () => {
    const { verdict, strength, candidates } = await ask([block('10.0.0.1 0')])
    expect({ verdict, strength }).toEqual({ verdict: 'inferred', strength: 'inferred' })
    expect(candidates[0]?.ports).toMatchObject({ basis: 'block', note: '' })
    expect(candidates[0]?.identity.user).toBe('line 7')
    expect(candidates[0]?.reasons[0]).toContain('a block of the address, ports 1024 to 2047')
  })

  test('a block beside a session of the same host confirms it', async () => {
    const { verdict, candidates } = await ask([block('10.0.0.1 0'), session('10.0.0.1 1000')])
    expect(verdict).toBe('unique')
    expect(candidates[0]?.inside.port).toBe(1000)
    expect(candidates[0]?.flows).toBe(2)
  })

  test.each([
    ['a block and a session of two hosts', [block('10.0.0.1 0'), session('10.0.0.2 1000')]],
    [
      'a map and a block of two hosts',
      [
        block('10.0.0.1 0'),
        slice(-600, 600, {
          inside: '10.0.0.2 0',
          source: 'natpool:a',
          ...unknown,
          ...ports('deterministic'),
        }),
      ],
    ],
    ['blocks of two sources', [block('10.0.0.1 0'), block('10.0.0.2 0', 'other')]],
  ])('%s are a conflict', async (_, slices) => {
    expect((await ask(slices)).verdict).toBe('conflict')
  })

  test('an address that several share is several, and gives way to a record of the port', async () => {
    const shared = [address('10.0.0.1 0'), address('10.0.0.2 0')]
    expect((await ask(shared)).verdict).toBe('multiple')
    const known = await ask([...shared, session('10.0.0.3 1000')])
    expect(known.verdict).toBe('unique')
    expect(known.candidates.map(({ inside }) => inside.ip)).toEqual(['10.0.0.3'])
  })

  test('a destination does not rule out who may have spoken to it', async () => {
    const destination = { destination_ip: '203.0.113.99' }
    const { candidates } = await ask([block('10.0.0.1 0'), session('10.0.0.1 1000')], destination)
    expect(candidates.map(({ ports: set }) => set?.basis)).toEqual(['block'])
  })
})
