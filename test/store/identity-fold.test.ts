import { describe, expect, it } from 'vitest'
import type { TestEvent } from './identity-events.ts'
import { leases, sessions } from './identity-lines.ts'

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
