import { describe, expect, test } from 'vitest'
import { NeighbourTable } from '../../../collector/identity/neighbour-table.ts'
import { formatWords, parseAddress } from '../../../model/address.ts'
import { neighbourState } from '../../../netlink/neighbour.ts'

type State = keyof typeof neighbourState

const noon = 1_800_000_000e6
const first = '02:00:00:00:00:01'
const second = '02:00:00:00:00:02'

/** A table that is told, second by second after noon, what the kernel says. */
function world() {
  const table = new NeighbourTable('gw1')
  const restart = table.restart(noon)
  const say = (
    seconds: number,
    state: State,
    mac: string | undefined,
    how: { ago?: number; dumped?: boolean; deleted?: boolean; address?: string; on?: string } = {}
  ): string[] => {
    const { ago, dumped = false, deleted = false, address = '10.0.0.7', on = 'lan0' } = how
    const words = parseAddress(address)
    if (words === undefined) throw new Error(address)
    const entry = {
      ifindex: 3,
      state: neighbourState[state],
      address: words,
      ...(mac === undefined ? {} : { mac }),
      ...(ago === undefined ? {} : { confirmedAgoUs: ago * 1e6 }),
    }
    const device = on === '' ? undefined : on
    const events = table.take(entry, device, { nowUs: noon + seconds * 1e6, dumped, deleted })
    return events.map(({ what, atUs, sureUs, device: held, prefix }) => {
      const at = (us: number): number => (us - noon) / 1e6
      const sure = sureUs === undefined ? '' : ` sure to ${at(sureUs)}`
      expect(prefix === undefined ? '' : formatWords(prefix.words)).toBe(address)
      return `${what} ${held.mac?.at(-1)} at ${at(atUs)}${sure}`
    })
  }
  return { table, restart, say }
}

describe('the neighbour table', () => {
  test('begins with the end of whatever was known before', () => {
    expect(world().restart).toMatchObject({ what: 'restart', atUs: noon, kind: 'neighbour' })
  })

  test('believes a reachable entry from its confirmation on, and tells again each minute', () => {
    const { say } = world()
    expect(say(100, 'reachable', first, { ago: 2 })).toEqual(['alive 1 at 98'])
    expect(say(130, 'reachable', first, { ago: 1, dumped: true })).toEqual([])
    expect(say(160, 'reachable', first, { ago: 1, dumped: true })).toEqual(['alive 1 at 159'])
    // The kernel keeps the last confirmation in a stale entry too.
    expect(say(260, 'stale', first, { ago: 30 })).toEqual(['alive 1 at 230'])
  })

  test('an entry that was there before is proven no earlier than we looked', () => {
    const { say } = world()
    expect(say(1, 'reachable', first, { ago: 20, dumped: true })).toEqual(['alive 1 at 0'])
  })

  test('believes a host that speaks, and not an old entry that nobody has proven', () => {
    const { say, table } = world()
    expect(say(5, 'stale', first, { ago: 60, dumped: true })).toEqual([])
    expect(say(6, 'probe', first, { ago: 61 })).toEqual([])
    expect(table.refused.unproven).toBe(2)
    expect(say(7, 'stale', first, { ago: 60 })).toEqual(['alive 1 at 7'])
  })

  test('another MAC: the one before was sure to its last confirmation, and is over by now', () => {
    const { say } = world()
    say(10, 'reachable', first, { ago: 0 })
    expect(say(50, 'stale', second, { ago: 60 })).toEqual([
      'end 1 at 50 sure to 10',
      'alive 2 at 50',
    ])
    expect(say(51, 'reachable', first, { ago: 0 })).toEqual([
      'end 2 at 51 sure to 50',
      'alive 1 at 51',
    ])
  })

  test.each([
    ['fails', 'failed' as const, {}],
    ['is asked for anew', 'incomplete' as const, {}],
    ['goes away', 'stale' as const, { deleted: true }],
  ])('an entry that %s is over', (_what, state, how) => {
    const { say } = world()
    say(10, 'reachable', first, { ago: 0 })
    const mac = state === 'stale' ? first : undefined
    expect(say(40, state, mac, { ...how, ago: 25 })).toEqual(['end 1 at 40 sure to 15'])
    expect(say(41, state, mac, { ...how, ago: 26 })).toEqual([])
  })

  test('at the end says the last confirmation of everybody', () => {
    const { say, table } = world()
    say(10, 'reachable', first, { ago: 0 })
    say(30, 'reachable', first, { ago: 1, dumped: true })
    expect(table.rest().map(({ atUs }) => (atUs - noon) / 1e6)).toEqual([29])
  })

  test.each([
    ['224.0.0.5', 'not-a-host'],
    ['127.0.0.1', 'not-a-host'],
    ['169.254.3.4', 'not-a-host'],
    ['fe80::1', 'not-a-host'],
    ['ff02::1', 'not-a-host'],
    ['::1', 'not-a-host'],
  ] as const)('%s is no holder', (address, reason) => {
    const { say, table } = world()
    expect(say(1, 'reachable', first, { address })).toEqual([])
    expect(table.refused[reason]).toBe(1)
  })

  test('what an administrator wrote, and other interfaces, are counted and left', () => {
    const { say, table } = world()
    expect(say(1, 'permanent', first)).toEqual([])
    expect(say(1, 'noArp', first)).toEqual([])
    expect(say(1, 'reachable', first, { on: '' })).toEqual([])
    expect(table.refused).toMatchObject({ static: 1, 'not-a-host': 1, interface: 1 })
  })
})
