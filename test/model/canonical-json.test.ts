import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../model/canonical-json.ts'

test.each([
  [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
  [{ a: undefined, b: 0 }, '{"b":0}'],
  [[], '[]'],
  [1e21, '1e+21'],
  [-0, '0'],
  // RFC 8785 §3.2.3: keys are sorted by UTF-16 code units, so the emoji comes before U+FB33.
  [{ '\u{fb33}': 1, '\u{1f600}': 2, '\r': 3, '1': 4 }, '{"\\r":3,"1":4,"😀":2,"\u{fb33}":1}'],
])('%j', (value, text) => expect(canonicalJson(value)).toBe(text))

test.each([1n, NaN, Infinity, undefined, () => 0])('refuses what JSON cannot hold', (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError)
})

test('says the same as JSON, in any order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    })
  )
})
