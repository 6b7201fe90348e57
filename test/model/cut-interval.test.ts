import { expect, test } from 'vitest'
import { cutInterval } from '../../model/cut-interval.ts'
import { sliceFlags } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'

function pieces(from: number, to: number, max: number, lastPacket = to): number[][] {
  const row = makeFlowBatch(1)
  const { columns } = row
  columns.flowStartMicroseconds[0] = from
  columns.flowEndMicroseconds[0] = to
  columns.lastPacket[0] = lastPacket
  columns.octetDeltaCount.set([7, 8])
  columns.sliceFlags[0] = sliceFlags.observedTimes
  const out: number[][] = []
  cutInterval(row, max, ({ columns: c }) => {
    const numbers = [c.flowStartMicroseconds, c.flowEndMicroseconds, c.lastPacket, c.sliceFlags]
    out.push([...numbers.map((column) => column[0] ?? -1), ...c.octetDeltaCount])
  })
  return out
}

test('a long interval becomes pieces that meet, the counters in the last', () => {
  expect(pieces(100, 350, 100, 220)).toEqual([
    [100, 200, 200, 9, 0, 0],
    [200, 300, 220, 9, 0, 0],
    [300, 350, 300, 8, 7, 8],
  ])
})

test('a multiple of the bound has no empty piece, a short or backward one stays whole', () => {
  expect(pieces(0, 200, 100).map((piece) => piece.slice(0, 2))).toEqual([
    [0, 100],
    [100, 200],
  ])
  expect(pieces(5, 5, 100)).toEqual([[5, 5, 5, 8, 7, 8]])
  expect(pieces(9, 5, 100)).toHaveLength(1)
})
