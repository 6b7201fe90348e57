import { describe, expect, test } from 'vitest'
import { restoreState, saveState } from '../../../collector/netflow/state.ts'
import { SequenceTracker } from '../../../collector/netflow/sequence.ts'
import { badAsPcap } from '../../../collector/netflow/bad-datagrams.ts'
import { parsePrefix } from '../../../model/address.ts'
import type { NetflowExporterConfig } from '../../../model/netflow-settings.ts'
import {
  flowFields,
  flowRecord,
  ip,
  ipfix,
  noon,
  optionsTemplate,
  set,
  template,
  u,
  v5,
  v5Record,
  v9,
} from './messages.ts'
import { Run } from './run.ts'

const known = set(2, template(256, flowFields))
const known9 = set(0, template(256, flowFields))
const good = set(256, flowRecord())

function settingsOf(address: string, more: Partial<NetflowExporterConfig>): NetflowExporterConfig {
  const prefix = parsePrefix(address)
  if (prefix === undefined) throw new Error(address)
  return {
    prefix,
    portInKey: false,
    clockOffsetUs: 0,
    trustExporterAddress: false,
    checkSequence: true,
    ...more,
  }
}

describe('sequence numbers', () => {
  test('IPFIX counts data records, those of options with them', () => {
    const sampler = set(3, optionsTemplate(300, [[302, 4]], [[305, 4]]))
    const made = new Run().send([
      ipfix({ sequence: 10 }, known, sampler, good, good, set(300, u(1, 4), u(1, 4))),
      ipfix({ sequence: 13 }, good),
    ])
    made
      .tick()
      .send([ipfix({ sequence: 14, seconds: noon + 60 }, good)])
      .tick()
    expect(made.exporter().counters.lost).toBe(0)
    expect(made.gaps).toEqual([])
  })

  test('v9 counts messages, v5 flows; what is passed over becomes a gap after a while', () => {
    const nine = new Run()
      .send([v9({ sequence: 1 }, known9, good), v9({ sequence: 4 }, good)])
      .tick()
    expect(nine.gaps).toEqual([])
    nine.send([v9({ sequence: 5, seconds: noon + 60, uptimeMs: 3_660_000 }, good)]).tick()
    expect(nine.gaps).toEqual([
      {
        source: 1,
        fromUs: (noon - 1800) * 1e6,
        toUs: (noon + 1) * 1e6,
        reason: 'sequence-gap',
        lost: 2,
      },
    ])
    const five = new Run().send([
      v5({ sequence: 100 }, [v5Record(), v5Record()]),
      v5({ sequence: 102 }, [v5Record()]),
      v5({ sequence: 133 }, [v5Record()]),
      v5({ sequence: 134, seconds: noon + 60, uptimeMs: 3_660_000 }, [v5Record()]),
    ])
    expect(five.tick().gaps).toMatchObject([{ reason: 'sequence-gap', lost: 30 }])
  })

  test('over 2^32, overtaken, doubled: nothing is lost', () => {
    const tracker = new SequenceTracker()
    const lost: number[] = []
    const take = (sequence: number): string =>
      tracker.take(sequence >>> 0, 1, 0, ({ units }) => lost.push(units))
    const order = [-2, -1, 0, 2, 3, 1, 1, 5, 7, 6, 4, 8]
    expect(order.map((number) => take(2 ** 32 + number))).toEqual([
      'first',
      'next',
      'next',
      'ahead',
      'next',
      'late',
      'duplicate',
      'ahead',
      'ahead',
      'late',
      'late',
      'next',
    ])
    tracker.settle(Infinity, ({ units }) => lost.push(units))
    expect(lost).toEqual([])
  })

  test('patience ends with the 33rd gap', () => {
    const tracker = new SequenceTracker()
    const lost: number[] = []
    for (let number = 0; number <= 66; number += 2) {
      tracker.take(number, 1, number, ({ units }) => lost.push(units))
    }
    expect(lost).toEqual([1])
    expect(tracker.lost).toBe(1)
  })

  test('an exporter whose numbers are known to be wrong loses nothing by them', () => {
    const settings = settingsOf('192.0.2.0/24', { checkSequence: false })
    const made = new Run([settings]).send([
      v9({ sequence: 1 }, known9, good),
      v9({ sequence: 900 }, good),
    ])
    made.send([v9({ sequence: 5, seconds: noon + 60, uptimeMs: 3_660_000 }, good)]).tick()
    expect(made.gaps).toEqual([])
  })
})

describe('what a source can be trusted in', () => {
  test('its watermark is its last message less what it may not have told yet', () => {
    const made = new Run().send([ipfix({}, known, good)]).tick()
    expect(made.watched).toEqual([[1, (noon + 1) * 1e6]])
    expect(made.told.get(1)).toEqual({
      watermarkUs: (noon - 1800) * 1e6,
      closedThroughUs: (noon - 1800) * 1e6,
    })
    const own = settingsOf('192.0.2.10', { activeTimeoutUs: 60e6, name: 'gw7' })
    const told = new Run([own]).send([ipfix({}, known, good)]).tick()
    expect(told.told.get(1)?.watermarkUs).toBe((noon - 60) * 1e6)
    expect(told.names).toEqual(['gw7'])
  })

  test('a flow longer than its timeout was thought to be teaches better', () => {
    const long = flowRecord({ startMs: (noon - 3000) * 1000 })
    const made = new Run().send([ipfix({}, known, set(256, long))]).tick()
    expect(made.told.get(1)?.watermarkUs).toBeLessThan((noon - 3000) * 1e6)
  })

  test('who counts only some packets proves nothing', () => {
    const made = new Run().send([v5({ sampling: 512 }, [v5Record()])]).tick()
    const [gap] = made.gaps
    expect(gap).toMatchObject({ source: 1, reason: 'sampled' })
    expect(gap?.toUs).toBeGreaterThan(noon * 1e6)
  })

  test('datagrams that the kernel dropped may have been anybody’s', () => {
    const made = new Run().send([ipfix({}, known, good)])
    made.collector.dropped(noon * 1e6, noon * 1e6 + 1e6, 17)
    expect(made.gaps).toMatchObject([{ source: 0, reason: 'kernel-drop', lost: 17 }])
    expect(made.gaps[0]?.fromUs).toBe((noon - 1800) * 1e6)
  })

  test('a clock that is known to be wrong is put right', () => {
    const own = settingsOf('192.0.2.10', { clockOffsetUs: -3600e6 })
    const made = new Run([own]).send([ipfix({}, known, good)])
    expect(made.rows[0]?.endUs).toBe((noon - 3601) * 1e6)
    expect(made.exporter().leastOffsetUs).toBe(3600.5e6)
  })

  test('a clock apart from ours widens look-ups, and a delay on the way does not', () => {
    const skewOf = (apartUs: number): number | undefined =>
      new Run()
        .send([ipfix({}, known, good)], { atUs: noon * 1e6 + apartUs })
        .tick()
        .told.get(1)?.skewUs
    expect(skewOf(900_000)).toBeUndefined()
    expect(skewOf(-3_200_000)).toBe(4e6)
    expect(skewOf(61_500_000)).toBe(61e6)
    expect(skewOf(3600e6)).toBe(3599e6)
    expect(skewOf(86_400e6)).toBeUndefined()
    const slow = new Run().send([ipfix({}, known, good)], { atUs: noon * 1e6 + 9e6 })
    slow.send([ipfix({ sequence: 1, seconds: noon + 1 }, good)], { atUs: noon * 1e6 + 1.2e6 })
    expect(slow.tick().told.get(1)?.skewUs).toBeUndefined()
  })

  test('our own clock that is set is no clock of theirs that is apart', () => {
    const run = new Run().send([ipfix({}, known, good)], { atUs: noon * 1e6 })
    run.collector.clockSet()
    run.send([ipfix({ sequence: 1, seconds: noon + 1 }, good)], { atUs: noon * 1e6 - 10_800e6 })
    expect(run.tick().told.get(1)?.skewUs).toBeUndefined()
    run.collector.clockSet()
    run.send([ipfix({ sequence: 2, seconds: noon + 2 }, good)], { atUs: noon * 1e6 + 2.4e6 })
    expect([...run.collector.decoder.exporters.values()].map(({ skewUs }) => skewUs)).toEqual([0])
  })

  test('who is apart is told once our own clock has gone on for long enough, silent or not', () => {
    const run = new Run()
    run.collector.clockSet()
    run.send([ipfix({}, known, good)], { atUs: noon * 1e6 - 3_200_000 })
    expect(run.tick().told.get(1)?.skewUs).toBeUndefined()
    run.collector.ourClock.set(performance.now() - 60_000)
    expect(run.tick().told.get(1)?.skewUs).toBe(4e6)
    run.told.clear()
    expect(run.tick().told.size).toBe(0)
  })

  test('who never says nothing for long was not heard when he did', () => {
    const own = settingsOf('192.0.2.10', { silenceUs: 60e6, activeTimeoutUs: 30e6 })
    const made = new Run([own]).send([
      ipfix({}, known, good),
      ipfix({ sequence: 1, seconds: noon + 60 }, good),
    ])
    expect(made.gaps).toEqual([])
    made.send([ipfix({ sequence: 2, seconds: noon + 121 }, good)])
    expect(made.gaps).toEqual([
      {
        source: 1,
        fromUs: (noon + 30) * 1e6,
        toUs: (noon + 122) * 1e6,
        reason: 'exporter-silent',
      },
    ])
  })

  test('behind a relay an exporter may say who it is', () => {
    const options = set(3, optionsTemplate(300, [[149, 4]], [[130, 4]]))
    const own = settingsOf('192.0.2.10', { trustExporterAddress: true })
    const made = new Run([own]).send([
      ipfix({}, options, set(300, u(0, 4), ip('198.51.100.77'))),
      ipfix({}, known, good),
    ])
    expect(made.exporter().sourceName).toBe('198.51.100.77')
  })
})

describe('who is not wanted, or too many', () => {
  test('where exporters are named nobody else is heard', () => {
    const made = new Run([settingsOf('192.0.2.0/24', {})]).send([ipfix({}, known, good)])
    made.send([ipfix({}, known, good), ipfix({}, good)], { ip: '203.0.113.9' })
    for (let i = 0; i < 300; i++)
      made.send([ipfix({}, good)], { ip: `198.51.${i >> 8}.${i & 255}` })
    expect(made.rows.length).toBe(1)
    const { refusedAddress, refusedBy } = made.collector.decoder.table
    expect(refusedAddress).toBe(302)
    // Spoofed senders come in any number: the first ones are told apart.
    expect([refusedBy.get('203.0.113.9'), refusedBy.size]).toEqual([2, 256])
  })

  test('spoofed sources meet a bound, and who was known is heard on', () => {
    const made = new Run().send([ipfix({}, known, good)])
    for (let domain = 1; domain < 10_100; domain++) made.send([ipfix({ domain })])
    expect(made.collector.decoder.exporters.size).toBe(10_000)
    expect(made.collector.decoder.table.refusedExporters).toBe(100)
    expect(made.send([ipfix({}, good)]).rows.length).toBe(2)
  })

  test('bad datagrams are kept, bounded, as a capture', () => {
    const made = new Run()
    for (let i = 0; i < 40; i++) made.send([ipfix({}, u(300, 2), u(2, 2), u(i, 4))])
    const { bad } = made.exporter()
    expect(bad.length).toBe(16)
    const capture = badAsPcap(made.exporter(), bad)
    expect(capture.readUInt32LE(0)).toBe(0xa1b2c3d4)
    expect(capture.readUInt32LE(20)).toBe(101)
    expect(capture.subarray(24 + 16, 24 + 18)).toEqual(Buffer.from([0x45, 0]))
  })
})

describe('over a restart of the program', () => {
  test('templates, waiting data, samplers and sequence numbers go on', () => {
    const sampler = set(3, optionsTemplate(300, [[302, 4]], [[34, 4]]))
    const first = new Run().send([
      ipfix({ sequence: 0 }, known, sampler, set(300, u(4, 4), u(100, 4)), good),
      ipfix({ sequence: 2 }, set(999, flowRecord())),
    ])
    const text = saveState(first.collector.decoder)
    const second = new Run()
    expect(restoreState(text, second.collector.decoder, [])).toBe(true)
    second.send([
      ipfix({ sequence: 53, seconds: noon + 60 }, set(2, template(999, flowFields)), good),
    ])
    expect(second.rows.length).toBe(2)
    expect(second.exporter().samplers.get(4)).toBe(100)
    second.send([ipfix({ sequence: 54, seconds: noon + 120 }, good)]).tick()
    expect(second.watched).toEqual([])
    expect(second.gaps).toMatchObject([{ reason: 'sequence-gap', lost: 51 }])
  })

  test('a file that is not ours is not believed', () => {
    const made = new Run()
    for (const text of ['', '{}', 'x', '{"layouts":[],"exporters":[{"address":[1]}]}']) {
      expect(restoreState(text, made.collector.decoder, [])).toBe(false)
    }
    expect(made.collector.decoder.exporters.size).toBe(0)
  })
})
