import { describe, expect, test } from 'vitest'
import { readYaml } from '../../model/yaml-document.ts'

const problemsOf = (text: string): string[] =>
  readYaml(text).problems.map(({ at, text: what }) => `${at} ${what}`)

describe('what would take time that grows faster than the text is refused', () => {
  test('a key that stands twice in a map', () => {
    expect(problemsOf('a: 1\nb: { c: 1, c: 2 }\na: 2\n')).toEqual([
      '16 Map keys must be unique',
      '23 Map keys must be unique',
    ])
    expect(problemsOf('a: { b: 1 }\nc: { b: 1 }\n')).toEqual([])
  })

  test('a key that is a list, a map or stands for another', () => {
    expect(problemsOf('? [a]\n: 1\n')).toEqual(['2 A key of a map is a word'])
    expect(problemsOf('? ? ? ? a\n')).toContain('2 A key of a map is a word')
    expect(problemsOf('a: &a x\n*a : 1\n')).toEqual(['8 A key of a map is a word'])
  })

  test('maps so deep in one another that the stack does not hold them', () => {
    const text = `${'a: '.repeat(20_000)} } }\n`
    expect(problemsOf(text)).toEqual(['0 Things stand too deep in one another'])
  })

  test('more aliases than a person writes', () => {
    const aliases = (count: number): string => `a: &a 1\nb: [${'*a, '.repeat(count)}]\n`
    expect(problemsOf(aliases(100))).toEqual([])
    expect(problemsOf(aliases(101))).toHaveLength(1)
  })
})

test('an alias that stands in what it stands for, at any depth', () => {
  const problem = 'An alias stands in what it stands for'
  expect(problemsOf('a: &a { b: *a }\n')).toEqual([`11 ${problem}`])
  expect(problemsOf('a: &a [1, [{ b: [*a] }]]\n')).toEqual([`17 ${problem}`])
  expect(problemsOf('a: &a { b: 1 }\nc: { d: *a, e: [*a] }\n')).toEqual([])
})

test('what is large and plain is read', () => {
  const count = 20_000
  const text = Array.from({ length: count }, (_, i) => `k${i}: 1\n`).join('')
  expect(problemsOf(text)).toEqual([])
})
