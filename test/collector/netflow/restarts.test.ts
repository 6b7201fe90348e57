import { describe, expect, test } from 'vitest'
import { parsePrefix } from '../../../model/address.ts'
import { restoreState, saveState } from '../../../collector/netflow/state.ts'
import { flowFields, flowRecord, ipfix, noon, set, template, v9 } from './messages.ts'
import { Run } from './run.ts'

const known = set(2, template(256, flowFields))
const known9 = set(0, template(256, flowFields))
const good = set(256, flowRecord())

describe('restarts', () => {
  test('uptime that begins anew forgets templates and makes a gap', () => {
    const made = new Run().send([
      v9({ sequence: 500, uptimeMs: 86_400_000 }, known9, good),
      v9({ sequence: 0, uptimeMs: 20_000, seconds: noon + 120 }, good),
    ])
    expect(made.rows.length).toBe(1)
    expect(made.exporter().pending.length).toBe(1)
    expect(made.restarts).toEqual([1])
    expect(made.gaps).toMatchObject([{ reason: 'exporter-restart', toUs: (noon + 121) * 1e6 }])
    made.send([v9({ sequence: 1, uptimeMs: 21_000, seconds: noon + 121 }, known9)])
    expect(made.rows.length).toBe(2)
  })

  test('uptime that is over its 49.7 days is no restart', () => {
    const made = new Run().send([
      v9({ sequence: 1, uptimeMs: 2 ** 32 - 1000 }, known9, good),
      v9({ sequence: 2, uptimeMs: 59_000, seconds: noon + 60 }, good),
    ])
    expect(made.restarts).toEqual([])
    expect(made.rows.length).toBe(2)
  })
})

describe('restarts that only numbers tell (IPFIX has no uptime)', () => {
  const before = [ipfix({ sequence: 0 }, known, good, good), ipfix({ sequence: 2 }, good)]

  test('a low number of a later message: a gap, templates are forgotten, mappings doubted', () => {
    const made = new Run().send([
      ...before,
      ipfix({ sequence: 0, seconds: noon + 120 }, good),
      ipfix({ sequence: 1, seconds: noon + 121 }, known),
    ])
    expect(made.gaps).toEqual([
      {
        source: 1,
        fromUs: (noon - 1800) * 1e6,
        toUs: (noon + 121) * 1e6,
        reason: 'exporter-restart',
      },
    ])
    expect(made.doubts).toEqual([1])
    expect(made.restarts).toEqual([])
    expect(made.exporter().sequence.restarts).toBe(1)
    // What came before the template was told anew waited for it.
    expect(made.rows.length).toBe(4)
  })

  test('is told from what was overtaken, doubled, or is over 2^32', () => {
    const late = [ipfix({ sequence: 3 }, good), ...before.slice(1)]
    expect(new Run().send([...before, ...late]).tick().gaps).toEqual([])
    const over = [
      ipfix({ sequence: 2 ** 32 - 2 }, known, good, good),
      ipfix({ sequence: 0, seconds: noon + 1 }, good),
      ipfix({ sequence: 1, seconds: noon + 2 }, good),
    ]
    const made = new Run().send(over).tick()
    expect([made.gaps, made.doubts, made.rows.length]).toEqual([[], [], 4])
  })

  test('who counts messages instead of records restarts never', () => {
    const messages = [0, 1, 2, 3].map((sequence) =>
      ipfix({ sequence, seconds: noon + sequence }, ...(sequence === 0 ? [known] : []), good, good)
    )
    const made = new Run().send(messages)
    expect([made.doubts, made.rows.length]).toEqual([[], 8])
  })

  test('numbers that jump all the time doubt once, and cost no templates after that', () => {
    const numbers = [900, 3, 901, 4, 902, 5]
    const made = new Run().send([
      ipfix({ sequence: 899, seconds: noon - 1 }, known, good),
      ...numbers.map((sequence, i) => ipfix({ sequence, seconds: noon + i }, known, good)),
    ])
    expect([made.doubts, made.rows.length]).toEqual([[1], 7])
  })

  test('so far back within a second: a gap, of nobody knows how much', () => {
    const made = new Run().send([
      ipfix({ sequence: 5_000_000 }, known, good),
      ipfix({ sequence: 0 }, good),
    ])
    expect(made.gaps).toMatchObject([{ reason: 'exporter-restart' }])
  })

  test('the process began anew and its router did not: v9 too', () => {
    const made = new Run().send([
      v9({ sequence: 500, uptimeMs: 1_000_000 }, known9, good),
      v9({ sequence: 0, uptimeMs: 1_060_000, seconds: noon + 60 }, known9, good),
    ])
    expect(made.gaps).toMatchObject([{ reason: 'exporter-restart', toUs: (noon + 61) * 1e6 }])
    expect([made.restarts, made.doubts, made.rows.length]).toEqual([[], [1], 2])
  })

  test('is found over a restart of the program', () => {
    const first = new Run().send(before).tick()
    const again = new Run()
    expect(restoreState(saveState(first.collector.decoder), again.collector.decoder, [])).toBe(true)
    again.send([ipfix({ sequence: 1, seconds: noon + 60 }, known, good)])
    expect(again.gaps).toMatchObject([{ reason: 'exporter-restart' }])
  })

  test('is found however many small data sets wait for a template', () => {
    const small = Array.from({ length: 1000 }, () => set(999, Buffer.alloc(1)))
    const datagrams = Array.from({ length: 12 }, (_, i) => ipfix({ sequence: i }, ...small))
    const first = new Run().send([...before, ...datagrams]).tick()
    const state = saveState(first.collector.decoder)
    expect(restoreState(state, new Run().collector.decoder, [])).toBe(true)
    expect(first.exporter().counters.missingSets).toBe(12_000 - 4096)
  })

  test('what was missing and not told as lost when we ended is lost', () => {
    const first = new Run().send([...before, ipfix({ sequence: 5, seconds: noon + 1 }, good)])
    expect(first.tick().gaps).toEqual([])
    const again = new Run()
    restoreState(saveState(first.collector.decoder), again.collector.decoder, [])
    again.send([ipfix({ sequence: 6, seconds: noon + 60 }, good)])
    again.collector.end()
    const [gap] = again.gaps
    expect(again.gaps).toMatchObject([{ reason: 'sequence-gap', toUs: (noon + 61) * 1e6 }])
    expect(gap?.fromUs).toBeLessThanOrEqual(noon * 1e6)
  })

  test('whose numbers say nothing may have sent anything while we were down', () => {
    const prefix = parsePrefix('192.0.2.0/24')
    const own = { portInKey: false, clockOffsetUs: 0, trustExporterAddress: false }
    const settings = prefix === undefined ? [] : [{ prefix, ...own, checkSequence: false }]
    const first = new Run(settings).send(before).tick()
    const again = new Run(settings)
    restoreState(saveState(first.collector.decoder), again.collector.decoder, settings)
    const next = [60, 61].map((s) => ipfix({ sequence: 0, seconds: noon + s }, good))
    expect(again.send(next).gaps).toMatchObject([{ reason: 'down', toUs: (noon + 61) * 1e6 }])
  })

  test('a new connection: a gap unless its numbers go on, and templates of its own', () => {
    const stream = { transport: 'stream' } as const
    const connect = (made: Run): Run => {
      made.collector.connected(0, 0, 0xffff, 0xc000_020a)
      return made
    }
    const lost = connect(new Run().send(before, stream)).send(
      [ipfix({ sequence: 0, seconds: noon + 60 }, good)],
      stream
    )
    expect(lost.gaps).toMatchObject([{ reason: 'exporter-restart', toUs: (noon + 61) * 1e6 }])
    expect([lost.rows.length, lost.doubts]).toEqual([3, []])
    expect(lost.exporter().pending.length).toBe(1)
    const whole = connect(new Run().send(before, stream)).send(
      [ipfix({ sequence: 3, seconds: noon + 60 }, known, good)],
      stream
    )
    expect([whole.gaps, whole.rows.length]).toEqual([[], 4])
  })
})
