import { describe, expect, test } from 'vitest'
import { message, natted } from '../../netlink/message-builder.ts'
import { makeHarness } from './tracker-harness.ts'

const second = 1_000_000
const t0 = 1_790_000_000 * second
const ns = (us: number): bigint => BigInt(us) * 1000n

/** The kernel makes a piece of a dump before events that are read before it. */
describe('a piece of a dump that is older than what was told meanwhile', () => {
  const shown = message('dump', natted(1, 2, { id: 7, startNs: ns(t0) }))
  const begin = message('new', natted(1, 2, { id: 7, eventNs: ns(t0) }))
  const end = message('destroy', natted(1, 2, { id: 7, startNs: ns(t0), stopNs: ns(t0 + second) }))

  test.each([
    ['whose beginning was seen', [begin]],
    ['whose beginning was missed', []],
  ])('does not open an entry again %s', (_, before) => {
    const { feed, tracker, slices } = makeHarness()
    for (const bytes of before) feed(bytes, t0)
    tracker.meanwhile.begin()
    feed(end, t0 + second)
    feed(shown, t0 + 2 * second, t0 + 2 * second, true)
    expect(tracker.table.size).toBe(0)
    expect(tracker.counters.duplicates).toBe(1)
    expect(slices()).toMatchObject([{ start: t0, end: t0 + second, flags: 0 }])
  })

  test('nor where the kernel gives no times', () => {
    const { feed, tracker } = makeHarness()
    tracker.meanwhile.begin()
    feed(message('destroy', natted(1, 2, { id: 7 })), t0 + second)
    feed(message('dump', natted(1, 2, { id: 7 })), t0 + second, t0 + second, true)
    expect(tracker.table.size).toBe(0)
  })

  test('opens one that began after that end, or has another id', () => {
    const { feed, tracker } = makeHarness()
    tracker.meanwhile.begin()
    feed(end, t0 + second)
    const later = natted(1, 2, { id: 7, startNs: ns(t0 + 2 * second) })
    feed(message('dump', later), t0 + 3 * second, t0 + 3 * second, true)
    const other = natted(3, 4, { id: 8, startNs: ns(t0) })
    feed(message('dump', other), t0 + 3 * second, t0 + 3 * second, true)
    expect(tracker.table.size).toBe(2)
  })

  test('does not end what took its tuple with another translation', () => {
    const { feed, tracker, slices } = makeHarness()
    feed(begin, t0)
    tracker.meanwhile.begin()
    feed(end, t0 + second)
    const next = natted(1, 9, { id: 8, eventNs: ns(t0 + 2 * second) })
    feed(message('new', next), t0 + 2 * second)
    feed(shown, t0 + 2 * second, t0 + 2 * second, true)
    expect(tracker.table.size).toBe(1)
    expect(slices()).toHaveLength(1)
  })

  test('but the piece that was made behind it is believed', () => {
    const { feed, tracker } = makeHarness()
    tracker.meanwhile.begin()
    feed(end, t0 + second)
    tracker.meanwhile.pieceRead()
    feed(shown, t0 + 2 * second, t0 + 2 * second, true)
    expect(tracker.table.size).toBe(1)
  })
})
