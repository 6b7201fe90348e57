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
