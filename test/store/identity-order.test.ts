import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldRecurring } from '../../store/identity-fold.ts'
import { endOf, statementOf, sureUntilOf } from '../../store/identity-segment.ts'
import type { Segment } from '../../store/identity-segment.ts'
import { foldSession } from '../../store/identity-sessions.ts'
import { eventOf } from './identity-events.ts'
import type { TestEvent } from './identity-events.ts'
import { leases, sessions } from './identity-lines.ts'

/** Some order of the items, each at least once. */
function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...items], { minLength: items.length }),
      fc.array(fc.constantFrom(...items), { maxLength: 8 })
    )
    .chain(([all, again]) =>
      fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })
    )
}

const distinctTimes = (least: number, most: number): fc.Arbitrary<number[]> =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: least, maxLength: most })
    .map((times) => times.toSorted((a, b) => a - b))

/** Statements about one holding, in order, with and without what may be missing. */
const oneHolding = fc
  .tuple(distinctTimes(2, 8), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([times, withStart, withEnd, tellsStart]) => {
    const first = times[0] ?? 0
    const last = times.at(-1) ?? 0
    const told = tellsStart ? { start: first } : {}
    const middle: TestEvent[] = times.slice(1, -1).map((at) => ({ at, ...told }))
    return [
      ...(withStart ? [{ what: 'start' as const, at: first }] : [{ at: first }]),
      ...middle,
      withEnd ? { what: 'end' as const, at: last, ...told } : { at: last },
    ]
  })

describe('in whatever order and however often they come', () => {
  const runs = { numRuns: 1000 }

  it('statements about a session give the same', () => {
    const property = fc.property(
      oneHolding.chain((events) => fc.tuple(fc.constant(events), shuffled(events))),
      ([events, mixed]) => {
        expect(sessions(mixed)).toEqual(sessions(events))
        expect(sessions(events)).toHaveLength(1)
      }
    )
    fc.assert(property, runs)
  })

  it('statements about a lease give the same', () => {
    const property = fc.property(
      oneHolding.chain((events) => fc.tuple(fc.constant(events), shuffled(events))),
      ([events, mixed]) => {
        expect(leases(mixed)).toEqual(leases(events))
        expect(leases(events)).toHaveLength(1)
      }
    )
    fc.assert(property, runs)
  })

  it('statements about sessions of one number give the same', () => {
    const several = fc.array(oneHolding, { minLength: 1, maxLength: 4 }).map((all) =>
      all.flatMap((events, i) => {
        const shift = i * 5000
        const first = (events[0]?.at ?? 0) + shift
        const last = (events.at(-1)?.at ?? 0) + shift
        return [
          { what: 'start' as const, at: first },
          ...events.slice(1, -1).map(({ at }) => ({ at: at + shift })),
          { what: 'end' as const, at: last },
        ]
      })
    )
    const property = fc.property(
      several.chain((events) => fc.tuple(fc.constant(events), shuffled(events))),
      ([events, mixed]) => {
        expect(sessions(mixed)).toEqual(sessions(events))
      }
    )
    fc.assert(property, runs)
  })

  it('renewed leases give the same', () => {
    const renewed = distinctTimes(1, 8).map((times) => times.map((at) => ({ at, until: at + 120 })))
    const property = fc.property(
      renewed.chain((events) => fc.tuple(fc.constant(events), shuffled(events))),
      ([events, mixed]) => {
        expect(leases(mixed)).toEqual(leases(events))
      }
    )
    fc.assert(property, runs)
  })

  it('nothing is ever sure beyond its end or before its start', () => {
    const any = fc.record({
      what: fc.constantFrom('start' as const, 'alive' as const, 'end' as const),
      at: fc.integer({ min: 0, max: 100 }),
      start: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      until: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
      sure: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    })
    const property = fc.property(fc.array(any, { maxLength: 20 }), fc.boolean(), (given, asOne) => {
      const list: Segment[] = []
      for (const event of given) {
        const defined = Object.entries(event).filter(([, value]) => value !== undefined)
        const statement = statementOf(
          eventOf(Object.fromEntries(defined) as unknown as TestEvent),
          'k'
        )
        if (asOne) foldSession(list, statement, event.what === 'start', [], () => {})
        else foldRecurring(list, statement, () => {})
      }
      for (const [i, segment] of list.entries()) {
        expect(sureUntilOf(segment)).toBeGreaterThanOrEqual(segment.startUs)
        expect(endOf(segment)).toBeGreaterThanOrEqual(sureUntilOf(segment))
        const before = list[i - 1]
        if (before === undefined) continue
        expect(sureUntilOf(before)).toBeLessThanOrEqual(segment.startUs)
      }
    })
    fc.assert(property, { numRuns: 5000 })
  })
})
