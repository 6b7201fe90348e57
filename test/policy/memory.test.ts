import { describe, expect, test } from 'vitest'
import { LiveFlows } from '../../policy/live-flows.ts'
import { MovedOnce } from '../../policy/moved-once.ts'
import { OnceMemory } from '../../policy/once-memory.ts'
import { Paced } from '../../policy/paced.ts'
import { RateGate } from '../../policy/rate-gate.ts'
import { renewalOf } from '../../policy/set-renewal.ts'
import { entry, flow } from './joined.ts'

const action = { name: 'one', place: 'p.yaml:3' }

describe('memory', () => {
  test('forgets in time, and the oldest where there are too many', () => {
    const memory = new OnceMemory(10, 2)
    memory.note('a', 1)
    memory.note('b', 2)
    memory.note('c', 3)
    expect([memory.at('a', 3), memory.at('b', 3), memory.forgotten]).toEqual([undefined, 2, 1])
    memory.note('d', 13)
    expect([memory.at('b', 13), memory.size, memory.forgotten]).toEqual([undefined, 2, 1])
  })

  test('a connection is moved once; those from before the move too, those after it not', () => {
    const moved = new MovedOnce(600e6)
    const verdict = (id: number, startUs: number, port = 40_000) => ({
      flow: { ...flow, local: { ...flow.local, port } },
      entry: entry({ id, startUs }),
      action,
    })
    const nowUs = 1_800_000_010e6
    expect(moved.isRepeated(verdict(1, nowUs - 5e6), nowUs)).toBe(false)
    moved.note(verdict(1, nowUs - 5e6), nowUs)
    expect(moved.isRepeated(verdict(1, nowUs - 5e6), nowUs)).toBe(true)
    expect(moved.isRepeated(verdict(2, nowUs - 4e6, 40_001), nowUs)).toBe(false)
    expect(moved.isRepeated(verdict(3, nowUs + 1e6, 40_002), nowUs + 2e6)).toBe(true)
    expect(moved.isRepeated(verdict(4, nowUs + 601e6, 40_003), nowUs + 602e6)).toBe(false)
  })

  test('live flows are bounded', () => {
    const live = new LiveFlows<string>(2)
    for (const id of [1, 2, 3]) {
      live.note({ ...flow, local: { ...flow.local, port: id } }, entry({ id }), [])
    }
    expect([...live].map(({ entry: { id } }) => id)).toEqual([2, 3])
    expect(live.forgotten).toBe(1)
  })

  test('a rate lets its count through at once, and then as time goes', () => {
    const gate = new RateGate({ count: 2, perUs: 1e6 })
    expect([1, 2, 3].map(() => gate.pass(5e6))).toEqual([true, true, false])
    expect([gate.pass(5.4e6), gate.pass(5.5e6), gate.pass(5.6e6)]).toEqual([false, true, false])
  })

  test('who is over the rate waits for a turn, and too many are given up', () => {
    const paced = new Paced({ count: 2, perUs: 1e6 })
    const verdicts = Array.from({ length: 4100 }, (_, id) => ({
      flow,
      entry: entry({ id }),
      action,
    }))
    for (const verdict of verdicts) paced.add(verdict)
    const taken: number[] = []
    let limited = 0
    const flush = (nowUs: number): void =>
      paced.flush(
        nowUs,
        () => limited++,
        (verdict, pass) => {
          if (!pass()) return false
          taken.push(verdict.entry.id)
          return true
        }
      )
    flush(1e6)
    expect([taken, limited, paced.isWaiting]).toEqual([[0, 1], 2, true])
    flush(1.5e6)
    expect([taken, limited]).toEqual([[0, 1, 2], 2])
  })

  test('how timeouts are renewed depends on the kernel', () => {
    expect(
      ['6.18.44-fc', '6.12.0', '6.11.9', '6.3.0', '6.2.16', '5.15.0-generic'].map(renewalOf)
    ).toEqual(['add', 'add', 'replace', 'replace', 'none', 'none'])
  })
})
