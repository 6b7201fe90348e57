import { uptime } from 'node:os'
import { describe, expect, test } from 'vitest'
import { sliceFlags } from '../../../model/fields.ts'
import { message, natted } from '../../netlink/message-builder.ts'
import { makeHarness } from './tracker-harness.ts'

const second = 1_000_000
const ns = (us: number): bigint => BigInt(us) * 1000n

describe('a connection of more than a year', () => {
  test('is held to have been there since the kernel is, where the clock was set from 1970 on', () => {
    const { feed, slices } = makeHarness()
    const [begin, now] = [300 * second, Date.now() * 1000]
    feed(message('new', natted(1, 2, { eventNs: ns(begin) })), begin)
    feed(message('destroy', natted(1, 2, { startNs: ns(begin), stopNs: ns(now) })), now)
    const found = slices()
    expect(found[0]?.start).toBeGreaterThan(now - (uptime() + 60) * second)
    expect(found.at(-1)?.end).toBe(now)
    expect(found.every(({ flags }) => (flags & sliceFlags.inferred) !== 0)).toBe(true)
  })

  test('ends now at the latest, wherever the clock stood at its end', () => {
    const { feed, slices } = makeHarness()
    const now = Date.now() * 1000
    feed(message('new', natted(1, 2, { eventNs: ns(now) })), now)
    feed(message('destroy', natted(1, 2, { startNs: ns(now), stopNs: 2n ** 63n })), now)
    const found = slices()
    expect(found).toHaveLength(1)
    expect(found[0]?.end).toBeLessThanOrEqual(Date.now() * 1000)
  })
})
