import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import type { Holding } from '../../../model/identity.ts'
import { deviceOf } from '../../../lookup-api/chain/parties.ts'
import { walkChain } from '../../../lookup-api/chain/walk.ts'
import { at } from '../world.ts'
import { holding, makePeople } from './people.ts'

/**
 * One address that passes from device to device, second by second, and sources that each tell a
 * part of that: a lease server that knows starts and sometimes ends, a neighbour table that sees
 * the device now and then, by clocks that may be off as far as their skew says. Whoever is named
 * for sure must be the one who had it.
 */

interface Turn {
  readonly device: number
  readonly length: number
  readonly endTold: boolean
  /** Seconds after the start at which the neighbour table saw it first and last; none: never. */
  readonly seen: readonly [number, number] | undefined
}

const turn: fc.Arbitrary<Turn> = fc.record({
  device: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 4, max: 60 }),
  endTold: fc.boolean(),
  seen: fc.option(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
    nil: undefined,
  }),
})

const macOf = (device: number): string => `00:00:00:00:00:0${device}`

interface Told {
  readonly holdings: Holding[]
  /** The device at a second; undefined after the last turn. */
  readonly holder: (second: number) => number | undefined
}

function tell(turns: readonly Turn[], leaseOff: number, seenOff: number, skew: number): Told {
  const holdings: Holding[] = []
  const spans: { device: number; from: number; to: number }[] = []
  let from = -60
  for (const { device, length, endTold, seen } of turns) {
    const to = from + length
    spans.push({ device, from, to })
    const common = { device: { mac: macOf(device) }, skewUs: skew * 1e6 }
    const lease = holding(from + leaseOff, to + leaseOff, common)
    const sureUntilUs = endTold ? lease.endUs : lease.startUs
    // A server takes the lease back before it lends the address again, told or not.
    holdings.push({ ...lease, sureUntilUs, endKnown: endTold, kind: 'session' })
    if (seen !== undefined) {
      const [first, last] = [Math.min(...seen), Math.max(...seen)].map((s) => Math.min(s, length))
      holdings.push(
        holding(from + (first ?? 0) + seenOff, from + (last ?? 0) + seenOff, {
          ...common,
          source: 'arp',
          kind: 'neighbour',
          startKnown: false,
          endUs: Infinity,
          endKnown: false,
        })
      )
    }
    from = to
  }
  return {
    holdings,
    holder: (second) => spans.find((span) => span.from <= second && second < span.to)?.device,
  }
}

test('whoever is named for sure had the address', async () => {
  let named = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: -59, max: 120 }),
      fc
        .integer({ min: 0, max: 3 })
        .chain((skew) =>
          fc.tuple(
            fc.constant(skew),
            fc.integer({ min: -skew, max: skew }),
            fc.integer({ min: -skew, max: skew })
          )
        ),
      fc.integer({ min: 0, max: 3 }),
      async (turns, second, [skew, leaseOff, seenOff], tolerance) => {
        const { holdings, holder } = tell(turns, leaseOff, seenOff, skew)
        // The time of the notice may be off by the tolerance either way.
        for (const off of [-tolerance, 0, tolerance]) {
          const asked = second + 0.5 + off
          const window = {
            atUs: at(asked),
            fromUs: at(asked - tolerance),
            toUs: at(asked + tolerance),
            skewUs: 0,
          }
          const target = { ip: requireAddress('10.0.0.1'), zone: 0, window }
          const chain = await walkChain(target, { identity: makePeople(holdings).identity })
          const truth = holder(second + 0.5)
          if (chain.state !== 'resolved' || chain.class !== 'exact') continue
          // Nobody had it any more: then at least nobody else is named than who had it at T.
          const device = truth ?? holder(asked)
          named++
          expect(chain.leaves.map(({ party }) => deviceOf(party).mac)).toEqual([macOf(device ?? 0)])
        }
      }
    ),
    { numRuns: 1000 }
  )
  expect(named).toBeGreaterThan(200)
})
