import { describe, expect, test } from 'vitest'
import { queryMappings } from '../../../collector/nat/query.ts'
import { requireAddress } from '../../../model/address.ts'
import { sliceFlags } from '../../../model/fields.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { batchOf, noonUs, track } from './tracking.ts'
import type { TestEvent } from './tracking.ts'

const { continues, inferred } = sliceFlags
const inside = '10.0.0.5 51000'
const outside = '192.0.2.1 20000'

const create = (at: number, more: Partial<TestEvent> = {}): TestEvent => ({
  event: 4,
  at,
  inside,
  outside,
  remote: '203.0.113.7 443',
  ...more,
})
const end = (at: number): TestEvent => Object.assign(create(at), { event: 5 })

const interval = (from: number, to: number, flags = 0) => ({
  kind: 'slices',
  inside,
  outside,
  from,
  to,
  flags,
})

describe('what a gateway held whose exporter began anew is assumed', () => {
  const doubted = () => {
    const made = track()
    made.tracker.take(batchOf([create(0), create(1, { source: 2 })]))
    made.tracker.doubt(1)
    return made
  }

  test('by look-ups too, and after a restart of ours', () => {
    const { tracker, frames } = doubted()
    tracker.flush()
    const again = track()
    for (const { kind, batch } of frames) again.tracker.recover(kind, batch)
    const query = { address: requireAddress('192.0.2.1'), port: 20_000, limit: 10 }
    const window = { fromUs: noonUs + 50e6, toUs: noonUs + 60e6 }
    for (const one of [tracker, again.tracker]) {
      const asked = [{ ...query, ...window }]
      const [found] = queryMappings(one, (index) => `gw${index}`, noNetworks, asked, noonUs + 60e6)
      const flags = found?.flows.map(({ slice }) => [slice.source, slice.flags & inferred])
      expect(flags?.toSorted()).toEqual([
        ['gw1', inferred],
        ['gw2', 0],
      ])
    }
  })

  test('and an end that comes proves it', () => {
    const { tracker, written } = doubted()
    tracker.take(batchOf([end(90)]))
    expect(written('slices')).toEqual([interval(0, 0, continues), interval(0, 90)])
  })

  test('and the same beginning once more proves that it had ended', () => {
    const { tracker, written } = doubted()
    tracker.take(batchOf([create(90), end(120)]))
    expect(written('slices')).toEqual([
      interval(0, 0, continues),
      interval(0, 0, continues | inferred),
      interval(0, 90, inferred),
      interval(90, 120),
    ])
  })
})
