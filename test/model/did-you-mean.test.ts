import fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'

test('names the nearest known word and stays silent where none is near', () => {
  const known = ['listen', 'collector', 'database', 'data_dir']
  expect(nearest('lisetn', known)).toBe('listen')
  expect(nearest('Colector', known)).toBe('collector')
  expect(nearest('datadir', known)).toBe('data_dir')
  expect(nearest('pineapple', known)).toBeUndefined()
  expect(nearest('x'.repeat(1e6), known)).toBeUndefined()
  expect(didYouMean('data_bse', known)).toBe(' Did you mean database?')
  expect(didYouMean('pineapple', known)).toBe('')
})

/** All edits counted, in a table of every pair of beginnings. */
function edits(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (__, j) => (i === 0 ? j : i))
  )
  const at = (i: number, j: number): number => table[i]?.[j] ?? Infinity
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      const row = table[i] ?? []
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swap)
    }
  }
  return at(a.length, b.length)
}

test('what is given up early would not have been the nearest', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  fc.assert(
    fc.property(letters, fc.array(letters, { maxLength: 8 }), (word, known) => {
      const most = Math.max(1, Math.floor(word.length / 3))
      const counts = known.map((one) => edits(word, one))
      const least = Math.min(...counts)
      expect(nearest(word, known)).toBe(least > most ? undefined : known[counts.indexOf(least)])
    }),
    { numRuns: 2000 }
  )
})
