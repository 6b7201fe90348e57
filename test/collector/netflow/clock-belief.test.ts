import { describe, expect, test } from 'vitest'
import { flowFields, flowRecord, ipfix, noon, set, template } from './messages.ts'
import { Run } from './run.ts'

const known = set(2, template(256, flowFields))
const good = set(256, flowRecord())

describe('how far an exporter is vouched for, whatever it says of times', () => {
  test('one record of any length makes nobody wait for longer than a day', () => {
    const long = flowRecord({ startMs: (noon - 399 * 86_400) * 1000 })
    const made = new Run().send([ipfix({}, known, set(256, long, good))]).tick()
    expect(made.told.get(1)?.watermarkUs).toBe((noon - 86_400) * 1e6)
    expect(made.exporter().counters.overlongFlows).toBe(1)
    made.send([ipfix({ sequence: 9, seconds: noon + 1 }, good)]).collector.end()
    expect(made.gaps).toMatchObject([{ fromUs: (noon - 86_400) * 1e6, reason: 'sequence-gap' }])
  })

  test.each([
    ['of the future', 30 * 86_400],
    ['of 1970', -noon + 60],
    ['of 400 days ago', -400 * 86_400],
  ])('a message %s moves nothing, at first or later', (_, seconds) => {
    const wrong = { seconds: noon + seconds }
    const made = new Run().send([ipfix(wrong, known, good)]).tick()
    expect([made.told.size, made.watched, made.rows.length]).toEqual([0, [], 1])
    made.send([ipfix({ sequence: 1 }, good)]).tick()
    expect(made.watched).toEqual([[1, (noon + 1) * 1e6]])
    made.send([ipfix({ ...wrong, sequence: 77 }, good)]).tick()
    made.send([ipfix({ sequence: 2, seconds: noon + 5 }, good)]).tick()
    expect(made.told.get(1)).toMatchObject({ watermarkUs: (noon + 5 - 1800) * 1e6 })
    expect(made.exporter().counters.wrongClocks).toBe(2)
    expect(made.gaps).toEqual([])
  })

  test('what a gateway told while its clock was wrong is a gap, no longer than it was', () => {
    const made = new Run().send([ipfix({}, known, good)]).tick()
    made.send([ipfix({ sequence: 1, seconds: 60 }, good)]).tick()
    made.send([ipfix({ sequence: 2, seconds: noon + 90 }, good)]).tick()
    expect(made.gaps).toEqual([
      { source: 1, fromUs: (noon - 1800) * 1e6, toUs: (noon + 91) * 1e6, reason: 'clock-step' },
    ])
  })

  test('data of any time whose template never comes is a gap of now', () => {
    const made = new Run().send([ipfix({}, known, good)])
    const sets = Array.from({ length: 4097 }, () => set(999, Buffer.alloc(1)))
    const times = [60, noon + 10 ** 8]
    const all = times.map((seconds) => ipfix({ seconds, sequence: 1 }, ...sets))
    made.send(all.flatMap((one) => [one, one]))
    expect(made.gaps.length).toBeGreaterThan(2)
    const ends = made.gaps.flatMap(({ fromUs, toUs }) => [fromUs, toUs])
    expect(Math.min(...ends)).toBeGreaterThan((noon - 86_400) * 1e6)
    expect(Math.max(...ends)).toBeLessThan((noon + 86_400) * 1e6)
  })

  test('what comes hours late over a connection is believed of a clock that was right', () => {
    const stream = { transport: 'stream' } as const
    const made = new Run().send([ipfix({}, known, good)], stream)
    const atUs = (noon + 4 * 3600) * 1e6
    made.send([ipfix({ sequence: 1, seconds: noon + 60 }, good)], { ...stream, atUs }).tick()
    expect(made.told.get(1)?.watermarkUs).toBe((noon + 60 - 1800) * 1e6)
  })
})
