import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compare, judge, toRecord } from '../../bench/suite/comparison.ts'
import { figuresIn } from '../../bench/suite/figure.ts'
import type { Figure } from '../../bench/suite/figure.ts'
import { measurements, whyNot } from '../../bench/suite/measurements.ts'
import { resultsPage } from '../../bench/suite/results-page.ts'
import { runMeasurement } from '../../bench/suite/run-measurement.ts'

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

  test('have fallen behind below half of what was recorded', () => {
    const recorded = { 'events, beside a peer': 6 }
    expect(judge([compare(cpu)], recorded)).toEqual({ behind: [], missing: [] })
    const slower = compare({ ...cpu, ours: [2.1] })
    expect(judge([slower], recorded).behind).toHaveLength(1)
    expect(judge([slower], undefined)).toEqual({ behind: [], missing: [] })
  })

  test('that could not be had are named, and are none that fell behind', () => {
    const recorded = { 'events, beside a peer': 6 }
    const missing = ['events, beside a peer: no figure']
    expect(judge([], recorded)).toEqual({ behind: [], missing })
    expect(judge([compare({ ...cpu, theirs: [] })], recorded)).toEqual({ behind: [], missing })
  })

  test('are held against others only where neighbours do not change them', () => {
    const speed = { ...cpu, what: 'speed', unit: 'rows/s' }
    const octets = { ...cpu, what: 'a row', unit: 'octets' }
    const none = { ...cpu, what: 'nothing', theirs: [] }
    expect(toRecord([cpu, speed, octets, none].map(compare))).toEqual({
      'events, beside a peer': 3,
      'a row, beside a peer': 3,
    })
    const least = { 'events, beside a peer': 2 }
    expect(toRecord([compare(cpu)], least)).toEqual(least)
    expect(toRecord([compare(cpu)], { 'events, beside a peer': 4 })).toEqual({
      'events, beside a peer': 3,
    })
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

describe('a measurement that is run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-suite-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  test('gives its figures', async () => {
    const file = fileOf(
      'good.mjs',
      `console.log(${JSON.stringify(JSON.stringify({ figure: cpu }))})`
    )
    expect(await runMeasurement([file], 60)).toEqual({ found: [compare(cpu)] })
  })

  test('and that fails, or has no end, gives the reason', async () => {
    const bad = fileOf('bad.mjs', 'process.exitCode = 3')
    expect(await runMeasurement([bad], 60)).toMatchObject({
      failed: expect.stringContaining('ended with an error'),
    })
    const endless = fileOf('endless.mjs', 'setInterval(() => {}, 1000)')
    expect(await runMeasurement([endless], 0.2)).toMatchObject({
      failed: expect.stringContaining('not done'),
    })
  })
})
