import { describe, expect, test } from 'vitest'
import { formatAddress } from '../../../model/address.ts'
import {
  flowFields,
  flowRecord,
  ip,
  ipfix,
  noon,
  optionsTemplate,
  optionsTemplate9,
  set,
  template,
  u,
  v5,
  v5Record,
  v9,
} from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'

const known = set(2, template(256, flowFields))
const good = set(256, flowRecord())

/** A run over these datagrams, which must not throw. */
const run = (...datagrams: readonly Buffer[]): Run => new Run().send(datagrams)

describe('sets whose length is wrong cost no other', () => {
  test.each([1, 2, 3])('length %i ends the datagram, what came before stays', (length) => {
    const bad = Buffer.concat([u(300, 2), u(length, 2), u(0, 4)])
    const { rows, collector } = run(ipfix({}, known, good, bad, good))
    expect(rows.length).toBe(1)
    expect([...collector.decoder.exporters.values()][0]?.counters.malformed).toEqual({
      'set-length': 1,
    })
  })

  test('a set that reaches beyond the datagram is left out', () => {
    const bad = Buffer.concat([u(256, 2), u(4000, 2), flowRecord()])
    const made = run(ipfix({}, known, good, bad))
    expect(made.rows.length).toBe(1)
    expect(made.exporter().counters.malformed).toEqual({ 'set-beyond': 1 })
    expect(made.exporter().bad.length).toBe(1)
  })

  test('a tail of zeros is padding', () => {
    const made = run(v9({}, set(0, template(256, flowFields)), good, Buffer.alloc(600)))
    expect(made.rows.length).toBe(1)
    expect(made.exporter().counters.malformed).toEqual({})
  })

  test('28 octets that hang others, and every shorter datagram', () => {
    const killer = Buffer.concat([v9({}), u(0, 2), u(0, 2), u(0, 4)])
    const made = run(killer, v9({}, Buffer.concat([u(256, 2), u(0, 2)])))
    for (let length = 0; length < 28; length++) made.send([killer.subarray(0, length)])
    made.send([ipfix({}, known, good)])
    expect(made.rows.length).toBe(1)
    expect(made.collector.decoder.counters.malformed['too-short']).toBeGreaterThan(15)
  })
})

describe('templates that make no record', () => {
  test.each<[string, readonly FieldSpec[]]>([
    [
      'all fields of length 0',
      [
        [1, 0],
        [8, 0],
      ],
    ],
    ['no field at all (v9)', []],
  ])('%s', (_, fields) => {
    const made = run(v9({}, set(0, template(256, fields)), set(256, Buffer.alloc(64))))
    expect(made.rows.length).toBe(0)
    expect(made.exporter().templates.size).toBe(0)
    expect(made.exporter().counters.malformed).toEqual({ 'template-empty': 1 })
  })

  test('only fields of variable length: each record has at least their lengths', () => {
    const fields: readonly FieldSpec[] = [
      [371, 0xffff],
      [96, 0xffff],
    ]
    const record = Buffer.concat([
      u(3, 1),
      Buffer.from('abc'),
      u(255, 1),
      u(2, 2),
      Buffer.from('de'),
    ])
    const made = run(ipfix({}, set(2, template(256, fields)), set(256, record, record)))
    expect(made.rows.map(({ user, applicationName }) => [user, applicationName])).toEqual([
      ['abc', 'de'],
      ['abc', 'de'],
    ])
  })

  test('more fields than the set has room for', () => {
    const cut = template(256, flowFields).subarray(0, 20)
    const made = run(ipfix({}, set(2, cut), known, good))
    expect(made.exporter().counters.malformed).toEqual({ 'template-truncated': 1 })
    expect(made.rows.length).toBe(1)
  })

  test('a template of 600 fields is refused, and so is one below 256', () => {
    const many = Array.from({ length: 600 }, (): FieldSpec => [1, 1])
    const made = run(ipfix({}, set(2, template(256, many)), set(2, template(7, flowFields))))
    expect(made.exporter().counters.malformed).toEqual({
      'template-too-many-fields': 1,
      'template-id': 1,
    })
  })

  test('a bomb of templates meets the bound, and the first ones stay', () => {
    const made = run(ipfix({}, known))
    for (let id = 257; id < 3000; id++) made.send([ipfix({}, set(2, template(id, flowFields)))])
    expect(made.exporter().templates.size).toBe(1024)
    expect(made.collector.decoder.counters.refusedTemplates).toBe(2743 - 1023)
    expect(made.send([ipfix({}, good)]).rows.length).toBe(1)
  })
})

describe('order and identity of templates', () => {
  test('an options template without scopes, and one whose scope has no octets', () => {
    const none = set(3, optionsTemplate(300, [], [[305, 4]]))
    const zero = set(3, optionsTemplate(301, [[149, 0]], [[306, 4]]))
    const made = run(ipfix({}, none, zero, set(300, u(10, 4)), set(301, u(9, 4))))
    expect(made.exporter().counters.optionRecords).toBe(2)
    expect(made.exporter().samplingInterval).toBe(10)
  })

  test('option data, data and templates in one datagram, in whatever order', () => {
    const sampler = set(
      3,
      optionsTemplate(
        300,
        [[302, 4]],
        [
          [305, 4],
          [306, 4],
        ]
      )
    )
    const sampling = set(300, u(7, 4), u(1, 4), u(99, 4))
    const made = run(ipfix({}, sampling, good, known, sampler))
    expect(made.rows.length).toBe(1)
    expect(made.exporter().samplers.get(7)).toBe(100)
  })

  test('data before its template waits, over datagrams, and is decoded by when it was sent', () => {
    const uptimes = flowFields.map(([id, length]): FieldSpec =>
      id === 152 ? [22, 4] : id === 153 ? [21, 4] : [id, length]
    )
    const record = Buffer.concat([flowRecord().subarray(0, 25), u(1000, 4), u(2000, 4)])
    const made = run(v9({ uptimeMs: 60_000 }, set(256, record)))
    expect(made.exporter().pending.length).toBe(1)
    made.send([v9({ seconds: noon + 600, uptimeMs: 660_000 }, set(0, template(256, uptimes)))])
    expect(made.rows[0]?.startUs).toBe((noon - 59) * 1e6)
    expect(made.exporter().pending.length).toBe(0)
  })

  test('what waits for ever is bounded, and its time is a gap', () => {
    const made = run(ipfix({}, known, good))
    const big = set(999, Buffer.alloc(1300))
    for (let i = 0; i < 300; i++) made.send([ipfix({ sequence: 1 }, big)])
    expect(made.exporter().pendingBytes).toBeLessThanOrEqual(256 << 10)
    expect(made.exporter().counters.missingSets).toBeGreaterThan(50)
    expect(made.gaps[0]).toMatchObject({ source: 1, reason: 'template-missing' })
  })

  test('two domains use one number for two things', () => {
    const other: readonly FieldSpec[] = [
      [12, 4],
      [8, 4],
      [4, 1],
    ]
    const made = run(
      ipfix({ domain: 1 }, set(2, template(256, flowFields))),
      ipfix({ domain: 2 }, set(2, template(256, other))),
      ipfix({ domain: 1 }, good),
      ipfix({ domain: 2 }, set(256, ip('10.9.9.9'), ip('10.8.8.8'), u(17, 1)))
    )
    expect(made.rows.map(({ source, protocol }) => [source, protocol])).toEqual([
      ['10.0.0.7 40000', 6],
      ['10.8.8.8 0', 17],
    ])
    expect(made.names).toEqual(['192.0.2.10 domain 1', '192.0.2.10 domain 2'])
  })

  test('a template that changes its meaning: what came before keeps the old one', () => {
    const swapped: readonly FieldSpec[] = [[12, 4], [8, 4], ...flowFields.slice(2)]
    const made = run(ipfix({}, known, good, set(2, template(256, swapped)), good))
    expect(made.rows.map(({ source }) => source)).toEqual(['10.0.0.7 40000', '198.51.100.9 40000'])
    expect(made.exporter().counters.templateChanges).toBe(1)
  })

  test('one number for data and then for options', () => {
    const made = run(ipfix({}, known, good, set(3, optionsTemplate(256, [[10, 4]], [[82, 8]]))))
    made.send([ipfix({}, set(256, u(3, 4), Buffer.from('xe-0/0/1')))])
    expect(made.rows.length).toBe(1)
    expect(made.exporter().names.interfaces.get(3)).toBe('xe-0/0/1')
  })

  test('two options templates in one set', () => {
    const both = set(
      1,
      optionsTemplate9(300, [[2, 4]], [[82, 4]]),
      optionsTemplate9(301, [[1, 4]], [[34, 4]])
    )
    const made = run(
      v9({}, both, set(300, u(5, 4), Buffer.from('ge-5')), set(301, u(0, 4), u(64, 4)))
    )
    expect(made.exporter().names.interfaces.get(5)).toBe('ge-5')
    expect(made.exporter().samplingInterval).toBe(64)
  })

  test('a missing template loses none of the other sets', () => {
    const made = run(ipfix({}, known, set(777, Buffer.alloc(20)), good, good))
    expect(made.rows.length).toBe(2)
  })

  test('withdrawals are for streams; over UDP they are ignored', () => {
    const withdrawal = set(2, u(256, 2), u(0, 2))
    const udp = run(ipfix({}, known, withdrawal, good))
    expect(udp.rows.length).toBe(1)
    expect(udp.exporter().counters.withdrawalsIgnored).toBe(1)
    const stream = new Run().send([ipfix({}, known, withdrawal, good)], { transport: 'stream' })
    expect(stream.rows.length).toBe(0)
    expect(stream.exporter().counters.withdrawals).toBe(1)
  })

  test('data of a known template from another port, and exporters that their port tells apart', () => {
    const shared = new Run().send([ipfix({}, known)]).send([ipfix({}, good)], { port: 9 })
    expect(shared.rows.length).toBe(1)
    expect(shared.exporter().portChanges).toBe(1)
    const settings = { ...shared.exporter().settings, portInKey: true }
    const apart = new Run([settings]).send([ipfix({}, known)], { ip: '::1' })
    apart.send([ipfix({}, good)], { ip: '::1', port: 9 })
    expect(apart.rows.length).toBe(0)
    expect(apart.collector.decoder.exporters.size).toBe(2)
  })

  test('an exporter by IPv4 is the one of its IPv4-mapped address', () => {
    const made = new Run().send([ipfix({}, known)], { ip: '::ffff:192.0.2.10' })
    made.send([ipfix({}, good)], { ip: '192.0.2.10' })
    expect(made.rows.length).toBe(1)
    expect(formatAddress(...made.exporter().address)).toBe('192.0.2.10')
  })
})

describe('v5', () => {
  test('a count that its octets do not hold, and one past what v5 can hold', () => {
    const made = run(v5({ count: 9 }, [v5Record()]), v5({ count: 31 }, Array(31).fill(v5Record())))
    expect(made.rows.length).toBe(0)
    expect(made.exporter().counters.malformed).toEqual({ 'v5-count': 2 })
  })

  test('octets behind the records are passed over', () => {
    const made = run(Buffer.concat([v5({}, [v5Record()]), Buffer.alloc(100, 7)]))
    expect(made.rows).toMatchObject([{ octets: 600n, packets: 5n, startUs: (noon - 10) * 1e6 }])
  })

  test('the two bits of the sampling mode are no part of the interval', () => {
    const made = run(v5({ sampling: 0x4000 | 100 }, [v5Record()]))
    expect(made.rows[0]).toMatchObject({ sampling: 100, octets: 600n })
    expect(made.tick().gaps).toMatchObject([{ source: 1, reason: 'sampled' }])
  })

  test('the count of v9 is no promise', () => {
    const datagram = v9({}, set(0, template(256, flowFields)), good, good)
    datagram.writeUInt16BE(999, 2)
    expect(run(datagram).rows.length).toBe(2)
  })
})

test('a record that could tell of an event and tells of none is there when the rest is', () => {
  const fields: readonly FieldSpec[] = [...flowFields, [230, 1]]
  const made = run(ipfix({}, set(2, template(257, fields)), set(257, flowRecord(), u(0, 1))))
  // What is handed over counts as covered: one that stayed behind would be denied.
  expect([made.rows.length, made.eventRows.length]).toEqual([1, 1])
})

describe('sizes', () => {
  test.each([9000, 65_507])('a datagram of %i octets', (length) => {
    const room = length - 16 - 4 - known.length
    const records = Math.floor(room / flowRecord().length)
    const body = set(256, ...Array.from({ length: records }, () => flowRecord()))
    expect(run(ipfix({}, known, body)).rows.length).toBe(records)
  })

  test('one octet', () => {
    const made = run(Buffer.from([9]))
    expect(made.collector.decoder.counters.malformed).toEqual({ 'too-short': 1 })
  })
})
