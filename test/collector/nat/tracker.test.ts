import { describe, expect, test } from 'vitest'
import { queryMappings } from '../../../collector/nat/query.ts'
import { requireAddress } from '../../../model/address.ts'
import { sliceFlags } from '../../../model/fields.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { batchOf, noonUs, track } from './tracking.ts'
import type { TestEvent } from './tracking.ts'

const { continues, inferred, startUnknown, observedTimes } = sliceFlags

const host = '10.0.0.5 51000'
const other = '10.0.0.6 51000'
const outside = '192.0.2.1 20000'
const remote = '203.0.113.7 443'

const create = (at: number, more: Partial<TestEvent> = {}): TestEvent => ({
  event: 4,
  at,
  inside: host,
  outside,
  remote,
  ...more,
})
const end = (at: number, more: Partial<TestEvent> = {}): TestEvent => ({
  ...create(at, more),
  event: 5,
})
const endOf = (begun: TestEvent, at: number): TestEvent =>
  Object.assign({}, begun, { event: 5, at })

const blockOf = (event: 16 | 17, at: number, inside = '10.0.0.5 0'): TestEvent => ({
  event,
  at,
  inside,
  outside: '192.0.2.1 0',
  protocol: 0,
  ports: [1024, 1151],
})

const interval = (from: number, to: number, flags = 0, inside = host) => ({
  kind: 'slices',
  inside,
  outside,
  from,
  to,
  flags,
})

describe('sessions', () => {
  test('a create and its delete are an interval', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0), end(30)]))
    expect(written('slices')).toEqual([interval(0, 30)])
    expect(tracker.open.size).toBe(0)
    expect(written('open')).toEqual([])
  })

  test('uncertain times make the longest interval', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0, { atLatest: 0.9 }), end(30, { atLatest: 30.9 })]))
    expect(written('slices')).toEqual([interval(0, 30.9)])
  })

  test('a delete that does not tell the public side ends what the inside ends name', () => {
    const { tracker, written } = track()
    const { outside: _, ...untold } = end(30)
    tracker.take(batchOf([create(0), untold]))
    expect(written('slices')).toEqual([interval(0, 30)])
  })

  test('a delete alone is kept, and marked', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([end(30)]))
    expect(written('slices')).toEqual([interval(30, 30, startUnknown)])
    expect(tracker.counters.orphans).toBe(1)
  })

  test('a delete alone that tells how long it lasted is an interval', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([end(30, { startedAt: -60 })]))
    expect(written('slices')).toEqual([interval(-60, 30)])
  })

  test('a create alone stays open, and is told of', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0)]))
    expect(written('open')).toMatchObject([{ inside: host, from: 0 }])
    expect(written('slices')).toEqual([])
  })

  test('the public port that somebody else has now ended what was there before', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0), create(100, { inside: other }), end(130, { inside: other })]))
    expect(written('slices')).toEqual([
      interval(0, 0, continues),
      interval(0, 100, inferred),
      interval(100, 130, 0, other),
    ])
    expect(tracker.counters.inferredEnds).toBe(1)
  })

  test('one public port towards two destinations is two sessions', () => {
    const { tracker, written } = track()
    const second = { inside: other, remote: '203.0.113.8 443' }
    tracker.take(batchOf([create(0), create(1, second), end(2), end(3, second)]))
    expect(written('slices')).toEqual([interval(0, 2), interval(1, 3, 0, other)])
  })

  test('the same inside address in two VRFs, or at two gateways, is two hosts', () => {
    const { tracker, written } = track()
    const vrf = { vrf: 7, outside: '192.0.2.9 20000' }
    tracker.take(batchOf([create(0), create(1, vrf), create(2, { source: 2 }), end(9, vrf)]))
    expect(tracker.open.size).toBe(2)
    expect(written('slices')).toEqual([{ ...interval(1, 9), outside: '192.0.2.9 20000' }])
  })

  test('the same create twice is one session', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0), create(5), end(9)]))
    expect(written('slices')).toEqual([interval(0, 9)])
    expect(tracker.counters.confirmed).toBe(1)
  })

  test('a delete older than the create is another’s', () => {
    const { tracker } = track()
    tracker.take(batchOf([create(50), end(20)]))
    expect(tracker.open.size).toBe(1)
    expect(tracker.counters).toMatchObject({ outOfOrder: 1, orphans: 1 })
  })

  test('a time of arrival stays marked as one', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0, { flags: observedTimes }), end(9)]))
    expect(written('slices')).toEqual([interval(0, 9, observedTimes)])
  })

  test('what lasts longer than a row may is cut', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0), end(5400)]))
    expect(written('slices')).toEqual([interval(0, 3600, continues), interval(3600, 5400)])
  })
})

describe('what is open', () => {
  test('is cut in slices while it lasts, and found in between', () => {
    const { tracker, written } = track({ sliceUs: 60e6 })
    tracker.take(batchOf([create(0)]))
    for (let second = 1; second <= 120; second++) tracker.tick(noonUs + second * 1e6)
    expect(written('slices')[0]).toEqual(interval(0, 60, continues))
    const query = {
      address: requireAddress('192.0.2.1'),
      port: 20_000,
      fromUs: noonUs,
      toUs: noonUs + 200e6,
      limit: 10,
    }
    const [found] = queryMappings(tracker, () => 'gw', noNetworks, [query], noonUs + 130e6)
    expect(found?.flows.map(({ slice }) => [slice.open, slice.connectionStartUs])).toEqual([
      [true, noonUs],
    ])
    const [none] = queryMappings(
      tracker,
      () => 'gw',
      noNetworks,
      [{ ...query, port: 20_001 }],
      noonUs + 130e6
    )
    expect(none?.flows).toEqual([])
  })

  test('is bounded: the oldest is let go and written', () => {
    const { tracker, written } = track({ maxOpen: 8 })
    const many = Array.from({ length: 20 }, (_, i) =>
      create(i, { inside: `10.0.0.${i + 1} 1000`, outside: `192.0.2.1 ${3000 + i}` })
    )
    tracker.take(batchOf(many))
    expect(tracker.open.size).toBe(8)
    expect(tracker.counters.evicted).toBe(12)
    expect(written('slices')).toHaveLength(12)
  })

  test('is let go, as inferred, once nothing was heard of it for too long', () => {
    const { tracker, written } = track({ sliceUs: 10e6, forgetUs: 100e6 })
    tracker.take(batchOf([create(0)]))
    tracker.tick(noonUs + 200e6)
    expect(tracker.open.size).toBe(0)
    expect(written('slices').at(-1)?.flags).toBe(inferred)
  })

  test('ends when its gateway begins anew', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([create(0), create(1, { source: 2 })]))
    tracker.restarted(1, noonUs + 50e6)
    expect(tracker.open.size).toBe(1)
    expect(written('slices')).toEqual([interval(0, 0, continues), interval(0, 50, inferred)])
  })

  test('is what it was after a restart of ours, by the journal', () => {
    const first = track({ sliceUs: 60e6 })
    const many = Array.from({ length: 300 }, (_, i) =>
      create(i / 100, { inside: `10.0.1.${i % 250} ${i}`, outside: `192.0.2.1 ${3000 + i}` })
    )
    first.tracker.take(batchOf(many))
    first.tracker.take(batchOf([blockOf(16, 3)]))
    first.tracker.flush()
    first.tracker.take(batchOf(many.slice(0, 100).map((one) => endOf(one, 20))))
    first.tracker.flush()
    for (let second = 60; second < 180; second++) first.tracker.tick(noonUs + second * 1e6)
    first.tracker.flush()
    const again = track()
    for (const { kind, batch } of first.frames) again.tracker.recover(kind, batch)
    expect(again.tracker.open.size).toBe(201)
    expect(again.tracker.lastFlowId).toBe(first.tracker.lastFlowId)
    again.tracker.take(batchOf(many.slice(100).map((one) => endOf(one, 200))))
    again.tracker.take(batchOf([blockOf(17, 200)]))
    expect(again.tracker.counters).toMatchObject({ closed: 201, orphans: 0 })
    // Together the two runs wrote every second of it once.
    const slices = [...first.written('slices'), ...again.written('slices')]
    const seconds = slices.reduce((sum, { from, to }) => sum + to - from, 0)
    const expected = many.reduce((sum, { at }, i) => sum + (i < 100 ? 20 : 200) - at, 0)
    expect(seconds).toBeCloseTo(expected, 3)
  })
})

describe('blocks of ports', () => {
  test('are intervals; interim logs confirm them', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([blockOf(16, 0), blockOf(16, 1800), blockOf(17, 3000)]))
    expect(written('nat')).toMatchObject([{ from: 0, to: 3000, flags: 0, ports: '1024-1151' }])
  })

  test('that somebody else has now ended for who had them', () => {
    const { tracker, written } = track()
    tracker.take(batchOf([blockOf(16, 0), blockOf(16, 100, '10.0.0.6 0')]))
    expect(written('nat')).toMatchObject([
      { inside: '10.0.0.5 0', from: 0, to: 0, flags: continues },
      { inside: '10.0.0.5 0', from: 0, to: 100, flags: inferred },
    ])
  })

  test('a host may have several', () => {
    const { tracker } = track()
    tracker.take(batchOf([blockOf(16, 0), { ...blockOf(16, 1), ports: [2048, 2175] }]))
    expect(tracker.open.size).toBe(2)
  })

  test('an open one is found by each of its ports, and by no other', () => {
    const { tracker } = track()
    tracker.take(batchOf([{ ...blockOf(16, 0), user: 'line 7' }]))
    const query = (port?: number) => ({
      address: requireAddress('192.0.2.1'),
      ...(port === undefined ? {} : { port }),
      fromUs: noonUs,
      toUs: noonUs + 60e6,
      limit: 10,
    })
    const ports = [1023, 1024, 1151, 1152, undefined]
    const found = queryMappings(tracker, () => 'gw', noNetworks, ports.map(query), noonUs + 60e6)
    expect(found.map(({ flows }) => flows.length)).toEqual([0, 1, 1, 0, 1])
    expect(found[1]?.flows[0]?.slice.ports).toEqual({
      basis: 'block',
      start: 1024,
      end: 1151,
      step: 1,
      note: '',
    })
    expect(found[1]?.flows[0]?.slice.userName).toBe('line 7')
  })
})

test('quotas, exhaustion and thresholds are kept as they are', () => {
  const { tracker, written } = track()
  tracker.take(batchOf([3, 12, 13, 18].map((event) => ({ event, at: event }))))
  expect(written('nat')).toMatchObject([{ from: 3 }, { from: 12 }, { from: 13 }, { from: 18 }])
  expect(tracker.counters.notices).toBe(4)
})
