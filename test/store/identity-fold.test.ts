import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldRecurring } from '../../store/identity-fold.ts'
import { endOf, isEndKnown, statementOf, sureUntilOf } from '../../store/identity-segment.ts'
import type { Segment } from '../../store/identity-segment.ts'
import { foldSession } from '../../store/identity-sessions.ts'
import { baseUs, eventOf, minuteUs } from './identity-events.ts'
import type { TestEvent } from './identity-events.ts'

const minutes = (us: number): number => (us === Infinity ? Infinity : (us - baseUs) / minuteUs)

/** A holding in one line: `start`, `~` where that is not known, `..sure..end`, `?` where not known. */
function text(segment: Segment): string {
  const known = segment.startKnown ? '' : '~'
  const end = `${minutes(endOf(segment))}${isEndKnown(segment) ? '' : '?'}`
  return `${known}${minutes(segment.startUs)}..${minutes(sureUntilOf(segment))}..${end}`
}

function leases(events: readonly TestEvent[]): string[] {
  const list: Segment[] = []
  for (const event of events) foldRecurring(list, statementOf(eventOf(event), 'k'), () => {})
  return list.map(text)
}

function sessions(events: readonly TestEvent[], restarts: readonly number[] = []): string[] {
  const list: Segment[] = []
  const at = restarts.map((each) => baseUs + each * minuteUs)
  for (const event of events) {
    const statement = statementOf(eventOf({ kind: 'session', ...event }), 'k')
    foldSession(list, statement, event.what === 'start', at, () => {})
  }
  return list.map(text)
}

describe('leases', () => {
  it.each<[string, TestEvent[], string[]]>([
    [
      'that nobody renews ended when they ran out, at the latest',
      [{ what: 'start', at: 0, until: 60 }],
      ['0..0..60?'],
    ],
    [
      'that are renewed go on',
      [
        { what: 'start', at: 0, until: 60 },
        { what: 'start', at: 30, until: 90 },
        { at: 80, until: 140 },
      ],
      ['0..80..140?'],
    ],
    [
      'that are released ended then',
      [
        { what: 'start', at: 0, until: 60 },
        { what: 'end', at: 20 },
      ],
      ['0..20..20'],
    ],
    [
      'that ran out before they are lent again are two',
      [
        { what: 'start', at: 0, until: 60 },
        { at: 90, until: 150 },
      ],
      ['0..0..60?', '~90..90..150?'],
    ],
    [
      'lent again in the second of their release are lent',
      [
        { what: 'start', at: 0, until: 60 },
        { what: 'end', at: 20 },
        { what: 'start', at: 20, until: 80 },
      ],
      ['0..20..80?'],
    ],
    [
      'whose end is told after they ran out ended when they ran out',
      [
        { what: 'start', at: 0, until: 60 },
        { what: 'end', at: 65 },
      ],
      ['0..60..60'],
    ],
    ['of which only the end is told were held until then', [{ what: 'end', at: 5 }], ['~5..5..5']],
    ['end once', [{ at: 0 }, { what: 'end', at: 5 }, { what: 'end', at: 9 }], ['~0..5..5']],
    [
      'and others that were only found gone are sure up to the last sighting',
      [{ at: 0 }, { at: 5 }, { what: 'end', at: 9, sure: 7 }, { at: 12 }],
      ['~0..7..9?', '~12..12..Infinity?'],
    ],
    [
      'that were taken together are parted by an end that comes late',
      [{ what: 'start', at: 0 }, { at: 20 }, { what: 'end', at: 10 }],
      ['0..10..10', '~20..20..Infinity?'],
    ],
    [
      'and were released at some time before they ran out can be lent again before that',
      [
        { at: 0, until: 60 },
        { what: 'end', at: 60, sure: 0 },
        { at: 30, until: 90 },
      ],
      ['~0..0..30?', '~30..30..90?'],
    ],
    [
      'that are lent again are so whenever the release is told',
      [
        { at: 0, until: 60 },
        { at: 30, until: 90 },
        { what: 'end', at: 60, sure: 0 },
      ],
      ['~0..0..30?', '~30..30..90?'],
    ],
    [
      'say what they last promised',
      [
        { what: 'start', at: 0, until: 600 },
        { at: 10, until: 30 },
      ],
      ['0..10..30?'],
    ],
  ])('%s', (_, events, expected) => {
    expect(leases(events)).toEqual(expected)
    expect(leases([...events, ...events]), 'said twice').toEqual(expected)
  })
})

describe('sessions', () => {
  it.each<[string, TestEvent[], string[]]>([
    ['without a Stop stay open', [{ what: 'start', at: 0 }, { at: 9 }], ['0..9..Infinity?']],
    ['of which the Stop tells all', [{ what: 'end', at: 9, start: 1 }], ['1..9..9']],
    [
      'whose Stop comes first',
      [
        { what: 'end', at: 9 },
        { what: 'start', at: 0 },
      ],
      ['0..9..9'],
    ],
    [
      'with a late Interim ended between it and the Stop',
      [{ what: 'start', at: 0 }, { what: 'end', at: 9 }, { at: 12 }],
      ['0..9..12?'],
    ],
    [
      'with two Stops ended between them',
      [
        { what: 'start', at: 0 },
        { what: 'end', at: 9 },
        { what: 'end', at: 11 },
      ],
      ['0..9..11?'],
    ],
    [
      'first heard of by an Interim that says since when',
      [
        { at: 10, start: 2 },
        { at: 20, start: 2.5 },
      ],
      ['2..20..Infinity?'],
    ],
    [
      'whose number is used again are two',
      [
        { what: 'start', at: 0 },
        { what: 'end', at: 9 },
        { what: 'start', at: 100 },
        { at: 110, start: 100 },
      ],
      ['0..9..9', '100..110..Infinity?'],
    ],
    [
      'seen long after the Stop are others',
      [{ what: 'start', at: 0 }, { what: 'end', at: 9 }, { at: 500 }],
      ['0..9..9', '~500..500..Infinity?'],
    ],
  ])('%s', (_, events, expected) => {
    expect(sessions(events)).toEqual(expected)
    expect(sessions([...events, ...events]), 'said twice').toEqual(expected)
    expect(sessions(events.toReversed()), 'backwards').toEqual(expected)
  })

  it('do not go on over a restart of the NAS', () => {
    const events: TestEvent[] = [{ what: 'start', at: 0 }, { at: 9 }, { at: 50 }]
    expect(sessions(events, [30])).toEqual(['0..9..Infinity?', '~50..50..Infinity?'])
    expect(sessions(events, [60])).toEqual(['0..50..Infinity?'])
  })
})

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
          eventOf({ ...(Object.fromEntries(defined) as unknown as TestEvent) }),
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
