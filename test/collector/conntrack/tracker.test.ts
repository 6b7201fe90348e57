import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recover } from '../../../collector/conntrack/recover.ts'
import { sliceFlags } from '../../../model/fields.ts'
import { attribute, message, natted } from '../../netlink/message-builder.ts'
import { makeHarness } from './tracker-harness.ts'

const { continues, inferred, startUnknown, observedTimes } = sliceFlags
const second = 1_000_000
const t0 = 1_790_000_000 * second
const ns = (us: number): bigint => BigInt(us) * 1000n

describe('a connection that begins and ends', () => {
  test('has the kernel times where the kernel gives them', () => {
    const { feed, opens, slices } = makeHarness()
    feed(message('new', natted(5000, 6000, { eventNs: ns(t0) })), t0 - 5, t0 + 5)
    const end = natted(5000, 6000, {
      startNs: ns(t0),
      stopNs: ns(t0 + 130 * second),
      tcpState: 7,
      counters: [3n, 300n, 4n, 4000n],
    })
    feed(message('destroy', end), t0 + 140 * second)
    expect(opens()).toMatchObject([
      { source: '10.0.0.2:5000', public: '192.0.2.1:6000', start: t0 },
    ])
    expect(slices()).toMatchObject([
      {
        connection: t0,
        start: t0,
        end: t0 + 130 * second,
        last: t0 + 10 * second,
        octets: 300n,
        packets: 3n,
        flags: 0,
        reason: 3,
      },
    ])
  })

  test('has the longest interval it can have had where the kernel gives no times', () => {
    const { feed, slices } = makeHarness()
    feed(message('new', natted(5000, 6000)), t0, t0 + 3000)
    feed(message('destroy', natted(5000, 6000)), t0 + second, t0 + second + 3000)
    expect(slices()).toMatchObject([{ start: t0, end: t0 + second + 3000, flags: observedTimes }])
  })

  test('keeps 64-bit counters exact', () => {
    const { feed, slices } = makeHarness()
    const octets = 2n ** 63n + 12345n
    feed(message('new', natted(1, 2)), t0)
    feed(message('destroy', natted(1, 2, { counters: [2n ** 53n + 1n, octets, 0n, 0n] })), t0 + 9)
    expect(slices()[0]).toMatchObject({ octets, packets: 2n ** 53n + 1n })
  })

  test('is told apart by zone', () => {
    const { feed, tracker, slices } = makeHarness()
    feed(message('new', natted(1, 2, { zone: 1 })), t0)
    feed(message('new', natted(1, 3, { zone: 2 })), t0)
    expect(tracker.table.size).toBe(2)
    feed(message('destroy', natted(1, 3, { zone: 2 })), t0 + second)
    expect(slices()).toMatchObject([{ public: '192.0.2.1:3' }])
  })
})

describe('what is told twice or not at all', () => {
  test('a second NEW or DESTROY of the same entry is counted and writes nothing', () => {
    const { feed, tracker, opens, slices } = makeHarness()
    const begin = message('new', natted(1, 2, { eventNs: ns(t0) }))
    const end = message('destroy', natted(1, 2, { startNs: ns(t0), stopNs: ns(t0 + second) }))
    for (const bytes of [begin, begin, end, end, begin]) feed(bytes, t0 + second)
    expect(opens()).toHaveLength(1)
    expect(slices()).toHaveLength(1)
    expect(tracker.table.size).toBe(0)
    expect(tracker.counters.duplicates).toBe(3)
  })

  test('an end without a beginning has its start from the kernel, else is only known at its end', () => {
    const known = makeHarness()
    const times = { startNs: ns(t0), stopNs: ns(t0 + second) }
    known.feed(message('destroy', natted(1, 2, times)), t0 + second)
    expect(known.slices()).toMatchObject([{ start: t0, end: t0 + second, flags: 0 }])
    const unknown = makeHarness()
    unknown.feed(message('destroy', natted(1, 2)), t0, t0)
    expect(unknown.slices()).toMatchObject([
      { start: t0, end: t0, flags: startUnknown | observedTimes },
    ])
    expect(unknown.tracker.counters.orphans).toBe(1)
  })

  test('an entry that takes the tuple of one whose end was lost ends that one as inferred', () => {
    const { feed, slices, tracker } = makeHarness()
    feed(message('new', natted(1, 2, { id: 7, eventNs: ns(t0) })), t0)
    const later = { id: 8, eventNs: ns(t0 + 5 * second) }
    feed(message('new', natted(1, 2, later)), t0 + 5 * second)
    expect(tracker.table.size).toBe(1)
    expect(slices()).toMatchObject([
      { id: 1, start: t0, end: t0, flags: continues },
      { id: 1, start: t0, end: t0 + 5 * second, flags: inferred },
    ])
  })

  test('the same holds where the kernel gave the new entry the old id', () => {
    const { feed, slices } = makeHarness()
    feed(message('new', natted(1, 2, { id: 7, eventNs: ns(t0) })), t0)
    const later = { id: 7, eventNs: ns(t0 + 5 * second) }
    feed(message('new', natted(1, 2, later)), t0 + 5 * second)
    expect(slices()).toMatchObject([{ flags: continues }, { flags: inferred }])
  })
})

describe('an entry with the tuple and the id of another', () => {
  test('but another translation is another connection, told or dumped', () => {
    const { feed, dump, tracker, slices } = makeHarness()
    feed(message('new', natted(1, 6000, { id: 7 })), t0, t0)
    feed(message('new', natted(1, 6001, { id: 7 })), t0 + second, t0 + second)
    dump(t0 + 2 * second, message('dump', natted(1, 6002, { id: 7 })))
    expect(tracker.counters.duplicates).toBe(0)
    expect(slices().map((row) => [row.public, row.flags & inferred])).toEqual([
      ['192.0.2.1:6000', 0],
      ['192.0.2.1:6000', inferred],
      ['192.0.2.1:6001', 0],
      ['192.0.2.1:6001', inferred],
    ])
  })

  test('does not lend its start to an end with another translation', () => {
    const { feed, slices } = makeHarness()
    feed(message('new', natted(1, 6000, { id: 7 })), t0, t0)
    feed(message('destroy', natted(1, 6001, { id: 7 })), t0 + second, t0 + second)
    expect(slices()).toMatchObject([{ public: '192.0.2.1:6001', start: t0 + second }])
  })

  test('that began after the former ended is no duplicate, though its beginning was missed', () => {
    const { feed, slices, tracker } = makeHarness()
    const end = (from: number, to: number) =>
      message('destroy', natted(1, 2, { startNs: ns(from), stopNs: ns(to) }))
    feed(end(t0, t0 + second), t0 + second)
    feed(end(t0 + 2 * second, t0 + 3 * second), t0 + 3 * second)
    expect(slices()).toHaveLength(2)
    expect(tracker.counters.duplicates).toBe(0)
  })
})

describe('dumps', () => {
  test('take in what was there before; without kernel times its start is unknown', () => {
    const { feed, dump, opens, slices } = makeHarness()
    dump(t0, message('dump', natted(1, 2)), message('dump', natted(3, 4, { startNs: ns(t0 - 9) })))
    expect(opens()).toMatchObject([
      { start: t0, flags: startUnknown },
      { start: t0 - 9, flags: 0 },
    ])
    feed(message('destroy', natted(1, 2)), t0 + second, t0 + second)
    expect(slices()).toMatchObject([{ start: t0, end: t0 + second }])
  })

  test('an entry that two dumps in a row do not show is over: sure, then inferred', () => {
    const { dump, slices, tracker } = makeHarness()
    dump(t0, message('dump', natted(1, 2)))
    dump(t0 + second, message('dump', natted(1, 2)))
    dump(t0 + 2 * second)
    expect(tracker.table.size).toBe(1)
    dump(t0 + 3 * second)
    expect(tracker.table.size).toBe(0)
    expect(slices()).toMatchObject([
      { start: t0, end: t0 + second, flags: startUnknown | continues },
      { start: t0 + second, end: t0 + 3 * second, flags: startUnknown | inferred },
    ])
  })

  test('cut what is open longer than the active timeout, with counters since the last cut', () => {
    const { feed, dump, slices } = makeHarness(60 * second)
    feed(message('new', natted(1, 2, { eventNs: ns(t0) })), t0)
    const counters = (packets: bigint) => ({ counters: [packets, packets * 100n, 0n, 0n] as const })
    dump(t0 + 30 * second, message('dump', natted(1, 2, counters(5n))))
    dump(t0 + 61 * second, message('dump', natted(1, 2, counters(8n))))
    dump(t0 + 125 * second, message('dump', natted(1, 2, counters(20n))))
    feed(message('destroy', natted(1, 2, counters(21n))), t0 + 130 * second, t0 + 130 * second)
    expect(slices()).toMatchObject([
      { start: t0, end: t0 + 61 * second, packets: 8n, octets: 800n, flags: continues },
      { start: t0 + 61 * second, end: t0 + 125 * second, packets: 12n, connection: t0 },
      { start: t0 + 125 * second, end: t0 + 130 * second, packets: 1n, octets: 100n },
    ])
  })

  test('after a gap, a start that nobody saw lies in the gap as an inferred slice', () => {
    const { dump, tracker, slices } = makeHarness()
    tracker.gapFromUs = t0
    dump(t0 + 9 * second, message('dump', natted(1, 2)))
    expect(slices()).toMatchObject([
      { start: t0, end: t0 + 9 * second, flags: inferred | startUnknown | continues },
    ])
  })

  test('the NEW of an entry that the dump showed first tells its start and is no duplicate', () => {
    const { tracker, feed, journal, opens } = makeHarness()
    tracker.dump++
    tracker.dumpStartUs = t0
    feed(message('dump', natted(1, 2)), t0, t0, true)
    feed(message('new', natted(1, 2, { eventNs: ns(t0 + 40) })), t0)
    tracker.settle()
    journal.flush()
    expect(opens()).toMatchObject([{ start: t0 + 40, flags: 0 }])
    expect(tracker.counters.duplicates).toBe(0)
  })
})

describe('recovery from the journal', () => {
  test('opens again what was open, with counters, ids and the time it was last alive', () => {
    const first = makeHarness(60 * second)
    first.feed(message('new', natted(1, 2, { eventNs: ns(t0) })), t0)
    first.feed(message('new', natted(3, 4, { eventNs: ns(t0) })), t0)
    first.feed(message('destroy', natted(3, 4)), t0 + second, t0 + second)
    first.dump(t0 + 61 * second, message('dump', natted(1, 2, { counters: [8n, 800n, 0n, 0n] })))
    first.journal.progress = { watermarkUs: t0 + 62 * second, closedThroughUs: t0 + 61 * second }
    first.slices()
    const again = makeHarness(60 * second)
    const { watermarkUs, soundUntilUs } = recover(again.tracker, first.frames)
    expect(watermarkUs).toBe(t0 + 62 * second)
    expect(soundUntilUs).toBe(watermarkUs)
    expect(again.tracker.table.size).toBe(1)
    expect(again.tracker.lastFlowId).toBe(2)
    const end = { counters: [9n, 950n, 0n, 0n] as const, startNs: ns(t0), stopNs: ns(t0 + 70e6) }
    again.feed(message('destroy', natted(1, 2, end)), t0 + 70 * second)
    expect(again.slices()).toMatchObject([
      { id: 1, connection: t0, start: t0 + 61 * second, end: t0 + 70 * second, packets: 1n },
    ])
  })

  test('a flow that began and ended in one flush, and one that took its tuple, come out right', () => {
    const first = makeHarness()
    first.feed(message('new', natted(1, 2, { id: 1, eventNs: ns(t0) })), t0)
    const end = { id: 1, startNs: ns(t0), stopNs: ns(t0 + 5) }
    first.feed(message('destroy', natted(1, 2, end)), t0 + 5)
    first.feed(message('new', natted(1, 2, { id: 2, eventNs: ns(t0 + 9) })), t0 + 9)
    first.slices()
    const again = makeHarness()
    recover(again.tracker, first.frames)
    expect(again.tracker.table.size).toBe(1)
    expect(again.slices()).toHaveLength(0)
  })
})

describe('bad input', () => {
  test('unknown attributes are passed over', () => {
    const { feed, opens, tracker } = makeHarness()
    const extra = [attribute(0x3000, Buffer.from('later kernels')), attribute(99, Buffer.alloc(0))]
    feed(message('new', natted(1, 2, { extra })), t0)
    expect(opens()).toHaveLength(1)
    expect(Object.values(tracker.counters.malformed).every((count) => count === 0)).toBe(true)
  })

  test('a message that cannot be read is counted by reason and costs no other', () => {
    const { feed, opens, tracker } = makeHarness()
    const good = message('new', natted(1, 2))
    const noReply = message('new', natted(3, 4))
    noReply.writeUInt16LE(0x8000 | 30, 20 + noReply.readUInt16LE(20) + 2)
    const badLength = message('new', natted(5, 6))
    badLength.writeUInt16LE(3, 20)
    feed(Buffer.concat([noReply, badLength, good]), t0)
    feed(good.subarray(0, good.length - 3), t0)
    expect(opens()).toHaveLength(1)
    expect(tracker.counters.malformed).toMatchObject({
      'tuple-missing': 1,
      'attribute-length': 1,
      'message-length': 1,
    })
  })

  test('no octets at all make it throw, run for ever or lose the next message', () => {
    const good = message('new', natted(1, 2, { counters: [1n, 2n, 3n, 4n], tcpState: 3, zone: 4 }))
    const mutation = fc.record({
      at: fc.nat(good.length - 1),
      value: fc.nat(255),
      cut: fc.nat(good.length),
    })
    const { feed, tracker, journal } = makeHarness()
    let fresh = 0
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 8 }), (mutations) => {
        const bad = Buffer.from(good)
        for (const { at, value } of mutations) bad[at] = value
        feed(bad.subarray(0, mutations[0]?.cut), t0)
        const before = tracker.table.size
        fresh++
        feed(message('new', natted(fresh & 0xffff, 888, { zone: 999, id: fresh })), t0)
        expect(tracker.table.size).toBe(before + 1)
        journal.flush()
      }),
      { numRuns: 2000 }
    )
  })
})
