import { expect, test } from 'vitest'
import { sliceFlags } from '../../model/fields.ts'
import type { Slice } from '../../model/slice.ts'
import { joinSlices } from '../../lookup-api/connections.ts'
import { at, slice } from './world.ts'

const both = (a: Slice, b: Slice): Slice[][] => [
  [a, b],
  [b, a],
]

test('a flow that ended between two readings is closed, whichever came first', () => {
  const open = slice(0, 50, { flowId: 1n, open: true })
  const closed = { ...open, open: false, endUs: at(40) }
  for (const order of both(open, closed)) {
    expect(joinSlices(order)).toMatchObject([{ open: false, endUs: at(40), octets: 300n }])
  }
})

test('a flow that was cut between two readings is open still', () => {
  const open = slice(0, 50, { flowId: 1n, open: true })
  const cut = { ...open, open: false, endUs: at(51), flags: sliceFlags.continues }
  for (const order of both(open, cut)) {
    expect(joinSlices(order)).toMatchObject([{ open: true, continues: false, octets: 300n }])
  }
})

test('slices add up, from the start that the connection had', () => {
  const first = slice(0, 50, { flowId: 1n, flags: sliceFlags.continues })
  const second = slice(50, 80, { flowId: 1n, connectionStartUs: at(0), octets: 1n })
  for (const order of both(first, second)) {
    expect(joinSlices(order)).toMatchObject([
      { startUs: at(0), endUs: at(80), octets: 501n, packets: 10n, open: false, continues: false },
    ])
  }
})

test('two views of one connection, two sources and two zones stay apart', () => {
  const one = slice(0, 50, { flowId: 1n })
  const others = [
    { ...one, natKind: 2 as const, inside: one.remote, remote: one.inside },
    { ...one, source: 'other' },
    { ...one, zone: 7 },
    { ...one, flowId: 2n },
  ]
  for (const other of others) expect(joinSlices([one, other])).toHaveLength(2)
})
