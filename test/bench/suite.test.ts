import { describe, expect, test } from 'vitest'
import { compare, fallenBehind } from '../../bench/suite/comparison.ts'
import { figuresIn } from '../../bench/suite/figure.ts'
import type { Figure } from '../../bench/suite/figure.ts'
import { measurements, whyNot } from '../../bench/suite/measurements.ts'
import { resultsPage } from '../../bench/suite/results-page.ts'

const cpu: Figure = {
  what: 'events',
  unit: 'us CPU',
  better: 'less',
  ours: [2, 1, 4],
  peer: 'a peer',
  theirs: [8, 4, 6],
}

describe('figures beside peers', () => {
  test('are medians, and an advantage is in favour of us whichever way is better', () => {
    expect(compare(cpu)).toMatchObject({ own: 2, other: 6, ratio: 2 / 6, advantage: 3 })
    expect(compare({ ...cpu, better: 'more' }).advantage).toBe(2 / 6)
  })

  test('are taken from among whatever else was printed', () => {
    const text = `round 1\n${JSON.stringify({ figure: cpu })}\n{"other":1}\n`
    expect(figuresIn(text)).toEqual([cpu])
  })

  test('have fallen behind below half of what was recorded, or where there are none', () => {
    const recorded = { file: { 'events, beside a peer': 6 } }
    expect(fallenBehind('file', [compare(cpu)], recorded)).toEqual([])
    const slower = compare({ ...cpu, ours: [2.1] })
    expect(fallenBehind('file', [slower], recorded)).toHaveLength(1)
    expect(fallenBehind('file', [], recorded)).toHaveLength(1)
    expect(fallenBehind('another', [], recorded)).toEqual([])
  })

  test('stand between their marks; what is written by hand stays', () => {
    const page = 'head\n<!-- npm run bench writes from here -->\nold\n<!-- to here -->\nfoot\n'
    const measured = [{ command: 'npx tsx bench/events.ts', found: [compare(cpu)] }]
    const made = resultsPage(page, measured, ['other: no peer'])
    expect(made).toMatch(/^head\n[^]*events, beside a peer[^]*0\.33x[^]*foot\n$/)
    expect(made).toContain('not measured: other: no peer')
    expect(made).not.toContain('old')
    expect(() => resultsPage('no marks', measured, [])).toThrow('no place')
  })

  test('say what they lack', () => {
    const [one] = measurements
    expect(whyNot({ ...(one as (typeof measurements)[number]), needs: ['no-such-program'] })).toBe(
      'the program no-such-program is not installed'
    )
  })
})
