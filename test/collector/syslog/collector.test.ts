import { describe, expect, test } from 'vitest'
import { SyslogCollector } from '../../../collector/syslog/collector.ts'
import type { SyslogNote } from '../../../collector/syslog/collector.ts'
import { Senders } from '../../../collector/syslog/senders.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { syslogConfigOf, syslogSchema } from '../../../model/syslog-sources.ts'

const noonUs = Date.UTC(2026, 2, 1, 12) * 1000

/** A collector whose clock stands where the test sets it, and the skew that it tells last. */
function collecting(sources: readonly object[]) {
  const listeners = [{ listen: '192.0.2.1:514' }]
  const config = syslogConfigOf(syslogSchema.parse({ listeners, sources }))
  const notes: SyslogNote[] = []
  let nowUs = noonUs
  const senders = new Senders({
    sources: config.sources,
    patternsOf: () => [],
    indexOf: () => 1,
    nowUs: () => nowUs,
  })
  const collector = new SyslogCollector({
    ...config,
    senders,
    networks: noNetworks,
    nowUs: () => nowUs,
    journal: { append() {}, note: (note) => void notes.push(note) },
  })
  return {
    /** Takes a line that was written `written` seconds after noon, `at` seconds after it. */
    take(written: string, at: number) {
      nowUs = noonUs + at * 1e6
      const line = `<134>1 ${written} gw nat - - - A VRF 0 6 INT 10.0.0.5:1 EXT 192.0.2.1:2`
      const sender = senders.find('192.0.2.9', line)
      if (sender === undefined) throw new Error('nobody may send')
      collector.take(line, sender)
      return this
    },
    ourClock: collector.ourClock,
    clockSet(fromUs: number, toUs: number) {
      collector.clockSet({ fromUs, toUs })
      return notes.at(-1)
    },
    skewAt(at: number): number | undefined {
      nowUs = noonUs + at * 1e6
      collector.tick()
      const last = notes.findLast((note) => note.type === 'progress')
      return last?.type === 'progress' ? last.of[0]?.skewUs : undefined
    },
  }
}

describe('the skew of a sender whose clock is not ours', () => {
  const sources = [{ name: 'gw', from: '192.0.2.9', tz: 'UTC' }]

  test('is told at once where it is ahead', () => {
    const one = collecting(sources).take('2026-03-01T12:00:07.500Z', 0)
    expect(one.skewAt(1)).toBe(8e6)
  })

  test('is told after a while where it is behind, and lines under way are none', () => {
    const behind = collecting(sources).take('2026-03-01T11:59:30.000Z', 0)
    expect(behind.skewAt(1)).toBeUndefined()
    behind.take('2026-03-01T12:01:00.000Z', 90)
    expect(behind.skewAt(91)).toBe(29e6)
    const late = collecting(sources).take('2026-03-01T11:59:30.000Z', 0)
    late.take('2026-03-01T12:01:30.000Z', 90)
    expect(late.skewAt(91)).toBeUndefined()
  })

  test('is not told of a sender while it is our own clock that was set', () => {
    const one = collecting(sources).take('2026-03-01T12:00:00.000Z', 0)
    const gap = { type: 'gap', fromUs: noonUs, toUs: noonUs + 3600e6, reason: 'clock-step' }
    one.take('2026-03-01T12:00:01.000Z', -3600)
    expect(one.clockSet(noonUs, noonUs + 3600e6)).toEqual(gap)
    expect(one.take('2026-03-01T12:00:02.000Z', 2).skewAt(3)).toBeUndefined()
    expect(one.take('2026-03-01T12:02:02.000Z', 122).skewAt(122)).toBeUndefined()
  })

  test('is told of a sender once our own clock has gone on for long enough', () => {
    const one = collecting(sources)
    one.ourClock.set()
    one.take('2026-03-01T12:00:07.500Z', 0)
    expect(one.skewAt(1)).toBeUndefined()
    one.ourClock.set(performance.now() - 60_000)
    expect(one.skewAt(2)).toBe(8e6)
  })

  test('is nothing within the second that a line tells', () => {
    const one = collecting(sources).take('2026-03-01T12:00:00Z', 0.4)
    expect(one.take('2026-03-01T12:01:30Z', 90.9).skewAt(91)).toBeUndefined()
  })
})
