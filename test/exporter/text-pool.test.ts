import { expect, test } from 'vitest'
import { TextPool } from '../../exporter/text-pool.ts'
import { TextTable } from '../../model/text-table.ts'

test('a number that no text of a batch has is of none of the batch before', () => {
  const pool = new TextPool()
  const before = new TextTable()
  for (const name of ['a.example', 'b.example', 'c.example']) before.numberOf(name)
  pool.begin(before)
  expect(pool.lengthOf(3)).toBe(9)
  const next = new TextTable()
  next.numberOf('d.example')
  pool.begin(next)
  expect([1, 2, 3, 5000].map((number) => pool.lengthOf(number))).toEqual([9, 0, 0, 0])
})
