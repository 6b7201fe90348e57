import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimiter } from '../../lookup-api/rate-limiter.ts'
import { formatRate, parseRate } from '../../model/rate.ts'

test('no stretch of the length given holds more than the limit, and none is refused below it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }),
      (count, perUs, steps) => {
        const limiter = new RateLimiter()
        const taken: number[] = []
        let nowUs = 0
        for (const step of steps) {
          nowUs += step
          const recent = taken.filter((at) => at > nowUs - perUs).length
          const waitUs = limiter.take('a', { count, perUs }, nowUs)
          expect(waitUs === 0).toBe(recent < count)
          if (waitUs === 0) taken.push(nowUs)
          else expect(taken.at(-count)).toBe(nowUs + waitUs - perUs)
        }
      }
    )
  )
})

test('rates', () => {
  for (const text of ['1/s', '100/h', '100000/d', '60/m'])
    expect(formatRate(parseRate(text)!)).toBe(text)
  for (const text of ['', '0/s', '-1/s', '100001/h', '1/w', '1.5/s', '1 / s', '1/']) {
    expect(parseRate(text), text).toBeUndefined()
  }
})
