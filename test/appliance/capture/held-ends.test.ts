import { expect, test } from 'vitest'
import { HeldEnds, maxHeldEnds } from '../../../appliance/capture/held-ends.ts'
import { EndedFlows, endsIn } from '../../../model/ended-flows.ts'
import type { EndedMessage } from '../../../model/ended-flows.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'

const nowUs = Date.UTC(2026, 2, 1, 12) * 1000
const second = 1e6

function messageOf(count: number): EndedMessage {
  const { columns } = makeFlowBatch(1)
  const ended = new EndedFlows()
  for (let i = 0; i < count; i++) ended.add(columns, 0, nowUs)
  return ended.take()
}

test('an end waits for the packets that came before it', () => {
  const ends = new HeldEnds()
  const [first, later] = [messageOf(3), messageOf(2)]
  ends.add(first, nowUs)
  ends.add(later, nowUs + second)
  expect([...ends.due(nowUs + 2 * second, false)], 'packets still wait').toEqual([])
  expect([...ends.due(nowUs + 1000, true)], 'the kernel may still gather packets').toEqual([])
  expect([...ends.due(nowUs + second + 1000, true)]).toEqual([first])
  expect([...ends.due(nowUs + 3 * second, true)]).toEqual([later])
  expect([...ends.due(nowUs + 9 * second, true)], 'each is given once').toEqual([])
})

test('where packets never come to an end, as many wait as fit', () => {
  const ends = new HeldEnds()
  const half = messageOf(maxHeldEnds / 2)
  expect(endsIn(half)).toBe(maxHeldEnds / 2)
  ends.add(half, nowUs)
  ends.add(half, nowUs)
  expect([...ends.due(nowUs + second, false)]).toEqual([])
  ends.add(messageOf(1), nowUs)
  expect([...ends.due(nowUs + second, false)]).toHaveLength(1)
})
