import { describe, expect, test } from 'vitest'
import { answer } from '../../../lookup-api/answer.ts'
import type { Principal } from '../../../model/principal.ts'
import { makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'
import { desk, investigator } from './people.ts'

const question = { ip: '192.0.2.1', port: '2000', protocol: 'tcp', at: '2026-03-01T12:00:00Z' }
const named = (userName: string, more: object = {}) => slice(-60, 60, { userName, ...more })

async function ask(slices: World['slices'], principal: Principal = investigator) {
  const world = makeWorld({ slices })
  return { world, ...(await answer(question, world.dependencies, principal)) }
}

describe('the user that a gateway names', () => {
  test('is a link of the candidate, and a reveal in the audit', async () => {
    const { world, verdict, strength, candidates } = await ask([named('line 7')])
    expect([verdict, strength]).toEqual(['unique', 'exact'])
    const [candidate] = candidates
    expect(candidate?.identity.user).toBe('line 7')
    expect(candidate?.links.at(-1)).toMatchObject({
      step: 'user',
      class: 'exact',
      source: 'gw',
      counts: false,
      why: 'The gateway itself says that it was user "line 7".',
    })
    const record = candidate?.links[0]?.record
    expect(candidate?.links.at(-1)?.record).toBe(record)
    expect(world.audit.at(-1)).toMatchObject({ action: 'reveal', detail: { holdings: [record] } })
  })

  test('is told to nobody who may not know who it was', async () => {
    const block = { ports: { basis: 'block', start: 1024, end: 2047, step: 1, note: '' } }
    for (const slices of [[named('line 7')], [named('line 7', block)]]) {
      const { world, ...told } = await ask(slices, desk)
      expect(told.candidates).toHaveLength(1)
      expect(JSON.stringify(told)).not.toContain('line 7')
      expect(world.audit.at(-1)?.action).toBe('lookup')
    }
  })

  test('needs the second person where a reveal does', async () => {
    const { rules } = makeWorld()
    const world = makeWorld({
      slices: [named('line 7')],
      rules: { ...rules, secondPerson: ['reveal'] },
    })
    const told = await answer(question, world.dependencies, investigator)
    expect(told.candidates[0]?.identity.state).toBe('withheld')
    expect(JSON.stringify(told)).not.toContain('line 7')
  })

  test('of several names none is picked', async () => {
    const { candidates } = await ask([
      named('line 7'),
      named('line 8', { inside: '10.0.0.1 1001', remote: '198.51.100.2 443' }),
    ])
    expect(candidates[0]?.identity.user).toBeUndefined()
    const links = candidates[0]?.links.filter(({ step }) => step === 'user')
    expect(links?.map((link) => link.class)).toEqual(['ambiguous', 'ambiguous'])
  })

  test('is no surer than the mapping', async () => {
    const { candidates } = await ask([named('line 7', { flags: 2 })])
    expect(candidates[0]?.links.at(-1)).toMatchObject({ step: 'user', class: 'inferred' })
  })
})
