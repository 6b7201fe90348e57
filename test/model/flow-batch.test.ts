import { describe, expect, test } from 'vitest'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { TextTable } from '../../model/text-table.ts'

describe('a batch', () => {
  test('has the extra columns that were asked for, and no other', () => {
    const { extras } = makeFlowBatch(3, ['natEvent', 'hostName'])
    expect(Object.keys(extras)).toEqual(['natEvent', 'hostName'])
    expect(extras.natEvent).toEqual(new Uint8Array(3))
    expect(extras.hostName).toEqual(new Uint32Array(3))
    expect(makeFlowBatch(3).extras).toEqual({})
  })
})

describe('texts', () => {
  test('are numbered once, from 1; 0 is none', () => {
    const texts = new TextTable()
    expect(['a', 'b', 'a', ''].map((text) => texts.numberOf(text))).toEqual([1, 2, 1, 0])
    expect([0, 1, 2, 3].map((number) => texts.textOf(number))).toEqual(['', 'a', 'b', ''])
    expect(texts.size).toBe(3)
  })

  test('are forgotten', () => {
    const texts = new TextTable()
    texts.numberOf('a')
    texts.clear()
    expect(texts.size).toBe(1)
    expect(texts.textOf(1)).toBe('')
    expect(texts.numberOf('b')).toBe(1)
  })
})
