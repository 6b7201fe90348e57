import { describe, expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import type { Leaf } from '../../../lookup-api/chain/leaf.ts'
import { deviceOf } from '../../../lookup-api/chain/parties.ts'
import { walkChain } from '../../../lookup-api/chain/walk.ts'
import { at } from '../world.ts'
import { holding, makePeople } from './people.ts'
import { userCases } from './user-cases.ts'
import { cases } from './walk-cases.ts'

const whoOf = ({ party, user, subscriber }: Leaf): string =>
  [deviceOf(party).mac, user?.name, subscriber?.id].map((name) => name ?? '-').join('/')

describe('from an inside address to whom it stands for', () => {
  test.each([...cases, ...userCases])(
    '$name: $state, $class',
    async ({ holdings, people, skew = 0, zone = 0, ...rest }) => {
      const window = { atUs: at(0), fromUs: at(-1), toUs: at(1), skewUs: skew * 1e6 }
      const target = { ip: requireAddress(rest.ip ?? '10.0.0.1'), zone, window }
      const { identity, directory } = makePeople(holdings, people)
      const chain = await walkChain(
        target,
        directory === undefined ? { identity } : { identity, directory }
      )
      expect([chain.state, chain.class]).toEqual([rest.state, rest.class])
      expect(chain.leaves.map(whoOf)).toEqual(rest.who)
      for (const link of chain.links) expect(link.why).toMatch(/\.$/)
      if (rest.state !== 'resolved') expect(chain.reasons.length).toBeGreaterThan(0)
    }
  )

  test('more holdings than are read: nobody is named', async () => {
    const { identity } = makePeople(Array.from({ length: 600 }, () => holding(-60, 60)))
    const window = { atUs: at(0), fromUs: at(-1), toUs: at(1), skewUs: 0 }
    const chain = await walkChain({ ip: requireAddress('10.0.0.1'), zone: 0, window }, { identity })
    expect(chain.state).toBe('unknown')
    expect(chain.leaves).toEqual([])
  })
})
