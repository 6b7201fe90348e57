import { expect, test } from 'vitest'
import { walkChain } from '../../../lookup-api/chain/walk.ts'
import { requireAddress } from '../../../model/address.ts'
import { sharedUsersOf } from '../../../model/identity-sources.ts'
import { at } from '../world.ts'
import { makePeople, openSession } from './people.ts'

test('a log-in that the configuration calls shared names nobody for sure', async () => {
  const isShared = sharedUsersOf([
    { kind: 'hostapd', path: '/var/log/hostapd', sharedUsers: ['Guest'] },
  ])
  const window = { atUs: at(0), fromUs: at(-1), toUs: at(1), skewUs: 0 }
  const target = { ip: requireAddress('10.0.0.1'), zone: 0, window }
  const walk = async (user: string) => {
    const { identity } = makePeople([openSession(-50, 50, user)])
    const chain = await walkChain(target, { identity: { ...identity, isShared } })
    return chain
  }
  const guest = await walk('guest')
  expect([guest.class, guest.leaves[0]?.shared]).toEqual(['inferred', true])
  expect(guest.links.map(({ why }) => why).join(' ')).toContain('several people use the account')
  const ada = await walk('ada')
  expect([ada.class, ada.leaves[0]?.shared]).toEqual(['exact', false])
})
