import { describe, expect, test } from 'vitest'
import { ip, ipfix, optionsTemplate, set, template, u } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'
import { one, rowOf, shown, text } from './shown.ts'

describe('integers', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('%i octets, unsigned and exact', (length) => {
    const most = 2n ** BigInt(8 * length) - 1n
    expect(
      rowOf(
        [
          [1, length],
          [8, 4],
        ],
        u(most, length),
        ip('10.0.0.1')
      )?.octets
    ).toBe(most)
    expect(text([[1, length]], u(most, length))).toContain(`"octet_delta_count":${most}`)
  })

  test('signed ones, and floats', () => {
    expect(one([[434, 4]], u(0xfffffffe, 4))['mib_object_value_integer']).toBe(-2)
    expect(one([[434, 1]], u(0x80, 1))['mib_object_value_integer']).toBe(-128)
    const float = Buffer.alloc(4)
    float.writeFloatBE(0.5)
    const double = Buffer.alloc(8)
    double.writeDoubleBE(-1e300)
    expect(
      one(
        [
          [311, 4],
          [320, 8],
        ],
        float,
        double
      )
    ).toMatchObject({
      sampling_probability: 0.5,
      absolute_error: -1e300,
    })
  })

  test('booleans are 1 and 2; anything else is shown as it is', () => {
    const values = [1, 2, 0].map(
      (value) => one([[276, 1]], u(value, 1))['data_records_reliability']
    )
    expect(values).toEqual([true, false, 0])
  })

  test('a value that does not fit its column stands as the highest, and is counted', () => {
    const made = new Run().send([
      ipfix(
        {},
        set(
          2,
          template(256, [
            [10, 8],
            [8, 4],
          ])
        ),
        set(256, u(2n ** 40n, 8), ip('10.0.0.1'))
      ),
    ])
    expect(made.collector.rows.context.clamped).toBe(1)
  })
})

describe('elements', () => {
  test('MAC, text of variable length in both forms, octets', () => {
    const long = 'x'.repeat(300)
    const fields: readonly FieldSpec[] = [
      [56, 6],
      [371, 0xffff],
      [96, 0xffff],
      [313, 3],
    ]
    const values = [
      u(73596058572, 6),
      u(2, 1),
      Buffer.from('me'),
      u(255, 1),
      u(300, 2),
      Buffer.from(long),
      u(66051, 3),
    ]
    expect(one(fields, ...values)).toMatchObject({
      source_mac_address: '00:11:22:aa:bb:cc',
      user_name: 'me',
      application_name: long,
      ip_header_packet_section: '010203',
    })
  })

  test('an element that a record has several times is a list; a row takes the first', () => {
    const fields: readonly FieldSpec[] = [
      [1, 4],
      [1, 4],
      [8, 4],
    ]
    expect(one(fields, u(5, 4), u(6, 4), ip('10.0.0.1'))['octet_delta_count']).toEqual([5, 6])
    expect(rowOf(fields, u(5, 4), u(6, 4), ip('10.0.0.1'))?.octets).toBe(5n)
  })

  test('what nobody knows is kept, and named once its exporter says what it is (RFC 5610)', () => {
    const data = set(256, u(0xbeef, 2))
    const fields = set(2, template(256, [[77, 2, 99_999]]))
    const types = set(
      3,
      optionsTemplate(
        300,
        [
          [346, 4],
          [303, 2],
        ],
        [
          [339, 1],
          [341, 0xffff],
        ]
      )
    )
    const told = set(300, u(99_999, 4), u(77, 2), u(2, 1), u(9, 1), Buffer.from('fooLength'))
    const [before, , after] = shown(
      ipfix({}, fields, data),
      ipfix({}, types, told),
      ipfix({}, data)
    )
    expect(before?.['enterprise_99999_77']).toBe('beef')
    expect(after?.['foo_length']).toBe(0xbeef)
  })

  test('biflow: the reverse direction of RFC 5103', () => {
    const fields: readonly FieldSpec[] = [
      [1, 4],
      [1, 4, 29_305],
      [8, 4],
    ]
    expect(one(fields, u(5, 4), u(6, 4), ip('10.0.0.1'))['reverse_octet_delta_count']).toBe(6)
    expect(rowOf(fields, u(5, 4), u(6, 4), ip('10.0.0.1'))).toMatchObject({
      octets: 5n,
      reverseOctets: 6n,
    })
  })

  test('lists are seen through: basicList, subTemplateList, subTemplateMultiList', () => {
    const inner = template(400, [
      [225, 4],
      [227, 2],
    ])
    const outer = template(256, [
      [8, 4],
      [7, 2],
      [292, 0xffff],
      [291, 0xffff],
      [293, 0xffff],
    ])
    const sub = Buffer.concat([u(3, 1), u(400, 2), ip('192.0.2.1'), u(61_284, 2)])
    const basic = Buffer.concat([u(3, 1), u(10, 2), u(4, 2), u(7, 4), u(8, 4)])
    const multi = Buffer.concat([u(3, 1), u(400, 2), u(10, 2), ip('192.0.2.2'), u(5, 2)])
    const sized = (octets: Buffer): Buffer => Buffer.concat([u(octets.length, 1), octets])
    const record = Buffer.concat([ip('10.0.0.7'), u(40_000, 2), ...[sub, basic, multi].map(sized)])
    const datagram = ipfix({}, set(2, inner, outer), set(256, record))
    expect(shown(datagram)[0]).toMatchObject({
      sub_template_list: [
        { post_nat_source_ipv4_address: '192.0.2.1', post_napt_source_transport_port: 61_284 },
      ],
      basic_list: [{ ingress_interface: 7 }, { ingress_interface: 8 }],
      sub_template_multi_list: [{ post_nat_source_ipv4_address: '192.0.2.2' }],
    })
    expect(new Run().send([datagram]).rows[0]?.postSource).toBe('192.0.2.1 61284')
  })

  test.each([
    ['3:80', Buffer.concat([u(3, 1), u(80, 1)]), 0x03000050],
    ['3:443', Buffer.concat([u(3, 1), u(443, 2)]), 0x030001bb],
    ['13:466', Buffer.concat([u(13, 1), u(466, 3)]), 0x0d0001d2],
    ['22:77', Buffer.concat([u(22, 1), u(77, 4)]), 0x1600004d],
    ['20:12356:40568', Buffer.concat([u(20, 1), u(12_356, 4), u(40_568, 4)]), 0x14009e78],
  ])('RFC 6759: %s', (shownAs, octets, number) => {
    expect(one([[95, octets.length]], octets)['application_id']).toBe(shownAs)
    expect(
      rowOf(
        [
          [95, octets.length],
          [8, 4],
        ],
        octets,
        ip('10.0.0.1')
      )?.application
    ).toBe(number)
  })

  test('applications are named by options', () => {
    const options = set(3, optionsTemplate(300, [[95, 4]], [[96, 4]]))
    const names = set(300, u(0x030001bb, 4), Buffer.from('http'))
    const data = set(256, u(0x030001bb, 4), ip('10.0.0.1'))
    const made = new Run().send([
      ipfix(
        {},
        options,
        names,
        set(
          2,
          template(256, [
            [95, 4],
            [8, 4],
          ])
        ),
        data
      ),
    ])
    expect(made.rows[0]?.applicationName).toBe('http')
  })

  test('ICMP in the place of the port, and by elements of its own', () => {
    const ports: readonly FieldSpec[] = [
      [4, 1],
      [7, 2],
      [11, 2],
      [8, 4],
    ]
    const row = rowOf(ports, u(1, 1), u(0, 2), u(0x0800, 2), ip('10.0.0.1'))
    expect(row).toMatchObject({ icmp: 0x0800, destination: ':: 0' })
    const own: readonly FieldSpec[] = [
      [4, 1],
      [176, 1],
      [177, 1],
      [8, 4],
    ]
    expect(rowOf(own, u(1, 1), u(3, 1), u(4, 1), ip('10.0.0.1'))?.icmp).toBe(0x0304)
  })
})
