import { describe, expect, test } from 'vitest'
import { skipUnless } from '../skip.ts'
import {
  captureNames,
  corpusMissing,
  dpiCorpus,
  expectedFlows,
  ja4Corpus,
  outcomesOf,
} from './dpi-score.ts'
import { ja4Outcomes } from './ja4-score.ts'

/** Flows that the corpus names by looking into them, and what came out here. */
function outcomes(): ReturnType<typeof outcomesOf> {
  const expected = expectedFlows()
  return captureNames()
    .flatMap((name) => outcomesOf(name, expected.get(name) ?? []))
    .filter((outcome) => outcome.expected.confidence.startsWith('DPI'))
}

const share = (part: number, whole: number): number => (100 * part) / whole

describe.skipIf(skipUnless('program', corpusMissing(dpiCorpus)))('the corpus of captures', () => {
  const all = corpusMissing(dpiCorpus) === undefined ? outcomes() : []

  test('is named right', () => {
    const right = all.filter(({ protocol }) => protocol === 'right').length
    const wrong = all.filter(({ protocol }) => protocol === 'wrong').length
    expect(share(right, all.length)).toBeGreaterThanOrEqual(97)
    expect(share(wrong, all.length)).toBeLessThanOrEqual(0.5)
  })

  test('has its host names', () => {
    const named = all.filter(({ expected }) => expected.hostname !== undefined)
    const right = named.filter(
      ({ expected, report }) => expected.hostname === report?.hostname
    ).length
    expect(share(right, named.length)).toBeGreaterThanOrEqual(98.5)
  })

  test('has its JA3 fingerprints', () => {
    const hashed = all.filter(({ expected }) => expected.ja3 !== undefined)
    const right = hashed.filter(({ expected, report }) => expected.ja3 === report?.ja3).length
    expect(share(right, hashed.length)).toBeGreaterThanOrEqual(99)
  })
})

describe.skipIf(skipUnless('program', corpusMissing(ja4Corpus)))('the corpus of JA4', () => {
  test('has its fingerprints and names', () => {
    const all = ja4Outcomes()
    const right = all.filter(({ expected, found }) => expected['JA4.1'] === found?.ja4).length
    const named = all.filter(({ expected }) => expected.domain !== undefined)
    const names = named.filter(({ expected, found }) => expected.domain === found?.hostname).length
    expect(share(right, all.length)).toBeGreaterThanOrEqual(99)
    expect(share(names, named.length)).toBeGreaterThanOrEqual(99)
  })
})
