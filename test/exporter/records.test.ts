import { describe, expect, test } from 'vitest'
import { whatIsLeftOut } from '../../exporter/what-is-left-out.ts'
import type { TestFlow } from '../store/flow-rows.ts'
import { encode } from './encoding.ts'
import { batchWith, shapes, targetOf } from './flows.ts'
import { numberOf } from './reading.ts'

const number = (record: ReadonlyMap<string, Buffer> | undefined, key: string): number =>
  Number(numberOf(record?.get(key)))

/** An event and its time, by source address. */
const told = (record: ReadonlyMap<string, Buffer>): string =>
  `${number(record, '230')} ${(record.get('8') ?? record.get('27'))?.at(-1)} ${number(record, '323')}`

describe('NAT events', () => {
  const [translated, forwarded, , , nat64] = shapes as [
    TestFlow,
    TestFlow,
    TestFlow,
    TestFlow,
    TestFlow,
  ]

  test('a translation begins and ends; what is not translated has no events', () => {
    const { records } = encode({ options: [], records: 'nat-events' }, [batchWith(shapes, [])], {
      kind: 'whole',
    })
    const ms = (us: number): number => Math.floor(us / 1000)
    expect(records.map(told).toSorted()).toEqual(
      [
        `4 7 ${ms(translated.startUs)}`,
        `5 7 ${ms(translated.endUs)}`,
        `4 5 ${ms(forwarded.startUs)}`,
        `5 5 ${ms(forwarded.endUs)}`,
        `6 100 ${ms(nat64.startUs)}`,
        `7 100 ${ms(nat64.endUs)}`,
        `4 9 ${ms(shapes[5]?.startUs ?? 0)}`,
        `5 9 ${ms(shapes[5]?.endUs ?? 0)}`,
      ].toSorted()
    )
    // RFC 8158: both ends before and after translation stand in a session's event.
    const ids = [...(records[0]?.keys() ?? [])]
    expect(ids).toEqual([
      '323',
      '8',
      '225',
      '4',
      '7',
      '227',
      '12',
      '226',
      '11',
      '228',
      '234',
      '230',
    ])
  })

  test('live, the beginning is told when it begins and the end with the last slice', () => {
    const batch = batchWith([translated], [])
    const both = { options: [], records: 'both' }
    const kinds = (kind: 'begun' | 'slices'): number[] =>
      encode(both, [batch], { kind }).records.map((record) =>
        record.has('230') ? number(record, '230') : 0
      )
    expect(kinds('begun')).toEqual([4])
    expect(new Set(kinds('slices'))).toEqual(new Set([0, 5]))
    const cut = batchWith([{ ...translated, flags: 1, endReason: 2 }], [])
    expect(encode(both, [cut]).records.filter((record) => record.has('230'))).toEqual([])
    const later = batchWith([{ ...translated, connectionStartUs: translated.startUs - 1 }], [])
    expect(encode(both, [later], { kind: 'begun' }).records).toEqual([])
  })

  test('rows that are events themselves, and blocks of ports', () => {
    const names = ['natEvent', 'portRangeStart', 'portRangeEnd', 'portRangeStepSize'] as const
    const events = [16, 17, 4, 5, 12, 0]
    const flows = events.map(() => translated)
    const batch = batchWith(flows, names, ({ extras }, row) => {
      if (extras.natEvent) extras.natEvent[row] = events[row] ?? 0
      if (extras.portRangeStart) extras.portRangeStart[row] = 1024
      if (extras.portRangeEnd) extras.portRangeEnd[row] = 2047
      if (extras.portRangeStepSize) extras.portRangeStepSize[row] = 1
    })
    const { records } = encode({ options: [], records: 'both' }, [batch])
    const blocks = records.filter((record) => record.has('361'))
    expect(blocks.map((record) => [...record.keys()])).toEqual([
      ['323', '8', '225', '361', '362', '363', '234', '230'],
      ['323', '8', '225', '361', '362', '363', '234', '230'],
    ])
    expect(blocks.map((record) => number(record, '361'))).toEqual([1024, 1024])
    expect(blocks.map((record) => number(record, '362'))).toEqual([2047, 2047])
    const all = records.map((record) => (record.has('230') ? number(record, '230') : 0))
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 4, 5, 5, 12, 16, 17])
    // A target of flows is not told of events, and that is counted.
    const flowsOnly = encode({ options: [] }, [batch])
    expect(flowsOnly.records).toHaveLength(1)
    expect(flowsOnly.counters.filtered).toBe(5)
  })
})

describe('applications', () => {
  const names = ['applicationId', 'applicationName', 'applicationCategoryName'] as const
  const batch = batchWith(shapes, names, ({ extras, texts }, row) => {
    if (extras.applicationId) extras.applicationId[row] = 0x0d000100 + (row % 3)
    if (extras.applicationName) extras.applicationName[row] = texts.numberOf(`app ${row % 3}`)
    if (extras.applicationCategoryName) {
      extras.applicationCategoryName[row] = texts.numberOf(`category ${row % 3}`)
    }
  })

  test('records carry the id, option records tell its names once', () => {
    for (const protocol of ['ipfix', 'netflow9']) {
      const { records, options } = encode({ protocol, options: ['applications'] }, [batch, batch])
      const ids = new Set(records.map((record) => number(record, '95')))
      expect(ids).toEqual(new Set([0x0d000100, 0x0d000101, 0x0d000102]))
      expect(records.some((record) => record.has('96') || record.has('372'))).toBe(false)
      const text = (octets?: Buffer): string => octets?.toString().replace(/\0+$/, '') ?? ''
      const named = options
        .filter((option) => option.has('96'))
        .map((option) => [
          number(option, protocol === 'ipfix' ? 'scope 95' : '95'),
          text(option.get('96')),
        ])
      expect(named).toEqual([
        [0x0d000100, 'app 0'],
        [0x0d000101, 'app 1'],
        [0x0d000102, 'app 2'],
      ])
      const categories = options.filter((option) => option.has('372'))
      expect(categories.map((option) => text(option.get('372')))).toEqual([
        'category 0',
        'category 1',
        'category 2',
      ])
    }
  })

  test('without option records the names stand in every record', () => {
    const { records } = encode({ options: [] }, [batch])
    expect(records.map((record) => String(record.get('96'))).toSorted()).toEqual([
      'app 0',
      'app 0',
      'app 1',
      'app 1',
      'app 2',
      'app 2',
    ])
  })
})

describe('option records', () => {
  test('interfaces, sampling, statistics and the types of enterprise elements', () => {
    const interfaces = [{ index: 7, name: 'wan0', description: '192.0.2.1' }]
    const { options, reader } = encode({}, [batchWith(shapes, [])], { interfaces })
    const one = (key: string): ReadonlyMap<string, Buffer> | undefined =>
      options.find((option) => option.has(key))
    expect(number(one('82'), 'scope 10')).toBe(7)
    expect(one('82')?.get('82')?.toString()).toBe('wan0')
    expect([number(one('305'), '305'), number(one('306'), '306')]).toEqual([1, 0])
    expect(number(one('41'), 'scope 144')).toBe(42)
    expect([40, 165, 167].map((id) => number(one('41'), String(id)))).toEqual([2, 4, 6])
    // RFC 5610: each enterprise element that a template can have is described.
    const described = new Set(
      options
        .filter((option) => option.has('341'))
        .map((option) => `${number(option, 'scope 346')}.${number(option, 'scope 303')}`)
    )
    expect(described).toContain('35632.188')
    const used = [...reader.templates.values()].flatMap(({ fields }) => fields)
    const enterprises = used.filter(({ pen }) => pen !== 0 && pen !== 29305)
    expect(enterprises.length).toBeGreaterThan(0)
    for (const { pen, id } of enterprises) expect(described).toContain(`${pen}.${id}`)
  })

  test('samples that a source took are told in each of its records', () => {
    const batch = batchWith(shapes.slice(0, 2), ['samplingInterval'], ({ extras }, row) => {
      if (extras.samplingInterval) extras.samplingInterval[row] = row === 0 ? 100 : 0
    })
    const { records } = encode({ options: [] }, [batch])
    expect(records.map((record) => [number(record, '305'), number(record, '306')])).toEqual([
      [1, 99],
      [1, 0],
    ])
    const v9 = encode({ protocol: 'netflow9', options: [], directions: 'forward' }, [batch])
    expect(v9.records.map((record) => number(record, '34'))).toEqual([100, 0])
  })
})

describe('what cannot be told', () => {
  test('a record that no packet has room for is counted, and the others go', () => {
    const small = { slotBytes: 140 }
    const { records, counters } = encode(
      { options: [], directions: 'forward' },
      [batchWith(shapes, [])],
      small
    )
    // Records of IPv4 fit, those of IPv6 do not; their templates are longer than a packet, though.
    expect(counters.records + (counters.unsent['record-too-large'] ?? 0)).toBe(shapes.length)
    expect(counters.unsent['record-too-large']).toBeGreaterThan(0)
    expect(records.length).toBeLessThan(shapes.length)
  })

  test('is said once', () => {
    expect(whatIsLeftOut(targetOf({ mtu: 128 }))).toHaveLength(2)
    expect(whatIsLeftOut(targetOf({}))).toEqual([])
    expect(whatIsLeftOut(targetOf({ protocol: 'netflow9' })).join()).toContain('conntrackId')
    expect(whatIsLeftOut(targetOf({ protocol: 'netflow5' })).join()).toContain('IPv4 alone')
  })

  test('what a filter does not want is no loss', () => {
    const counted = (filter: object): number =>
      encode({ options: [], filter }, [batchWith(shapes, [])]).records.length
    expect(counted({ protocols: ['udp'] })).toBe(1)
    expect(counted({ translated: true })).toBe(4)
    expect(counted({ translated: false })).toBe(2)
    expect(counted({ networks: ['192.0.2.0/24'] })).toBe(4)
    expect(counted({ networks: ['2001:db8::/32'], protocols: [6] })).toBe(2)
    expect(counted({ zones: [7] })).toBe(1)
  })
})
