import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrder } from '../../lookup-api/in-order.ts'

async function* counting(to: number, started: { count: number }): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    started.count++
    yield i
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

test('results come in the order of the items, and never more are under way than told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (delays, atOnce) => {
        const taken: number[] = []
        let underWay = 0
        let most = 0
        const started = { count: 0 }
        await inOrder(
          counting(delays.length, started),
          atOnce,
          async (item) => {
            most = Math.max(most, ++underWay)
            await turns(delays[item] ?? 0)
            underWay--
            return item
          },
          async (results) => {
            taken.push(...results)
            return true
          }
        )
        expect(taken).toEqual(delays.map((_, i) => i))
        expect(most).toBeLessThanOrEqual(atOnce)
      }
    )
  )
})

test('who takes no more ends the reading', async () => {
  const started = { count: 0 }
  const taken: number[] = []
  await inOrder(
    counting(Infinity, started),
    4,
    async (item) => item,
    async (results) => {
      taken.push(...results)
      return taken.length < 10
    }
  )
  await turns(20)
  expect(taken.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(started.count).toBeLessThanOrEqual(taken.length + 5)
})

test('items that fail end it after the results of those before', async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1
    yield 2
    throw new Error('cut off')
  }
  const taken: number[] = []
  const work = inOrder(
    failing(),
    8,
    async (item) => {
      await turns(3)
      return item
    },
    async (results) => {
      taken.push(...results)
      return true
    }
  )
  await expect(work).rejects.toThrow('cut off')
  expect(taken).toEqual([1, 2])
})
