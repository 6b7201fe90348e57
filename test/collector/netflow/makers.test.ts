import { describe, expect, test } from 'vitest'
import { natEvents } from '../../../model/nat-events.ts'
import { ip, ipfix, noon, set, template, u, v9 } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'
import type { Row } from './run.ts'

const atMs = noon * 1000 - 2000

function events(fields: readonly FieldSpec[], ...records: readonly Buffer[]): Run {
  return new Run().send([ipfix({}, set(2, template(300, fields)), set(300, ...records))])
}

const numbers = (rows: readonly Row[]): number[] => rows.map(({ event }) => event)

describe('Nokia tells no event: a start alone was made, an end alone is gone', () => {
  const fields = (time: number): readonly FieldSpec[] => [
    [148, 8],
    [8, 4],
    [225, 4],
    [7, 2],
    [227, 2],
    [4, 1],
    [time, 8],
    [91, 2, 637],
    [92, 2, 637],
    [93, 0xffff, 637],
  ]
  const record = Buffer.concat([
    u(5, 8),
    ip('10.10.0.123'),
    ip('192.0.2.1'),
    u(5878, 2),
    u(61e3, 2),
    u(6, 1),
    u(atMs, 8),
    u(100, 2),
    u(200, 2),
    u(17, 1),
    Buffer.from('USER1@10.10.0.123'),
  ])

  test.each([
    [152, natEvents.nat44BibCreate],
    [153, natEvents.nat44BibDelete],
  ])('element %i', (time, event) => {
    const made = events(fields(time), record)
    expect(made.eventRows).toMatchObject([
      { event, user: 'USER1@10.10.0.123', vrfs: [100, 200], startUs: atMs * 1000 },
    ])
    expect(made.exporter().dialect).toBe('nokia')
  })
})

describe('Cisco ASA', () => {
  const now: readonly FieldSpec[] = [
    [148, 4],
    [8, 4],
    [7, 2],
    [12, 4],
    [11, 2],
    [4, 1],
    [225, 4],
    [226, 4],
    [227, 2],
    [228, 2],
    [233, 1],
    [323, 8],
    [152, 8],
    [231, 4],
    [232, 4],
    [40_000, 20],
  ]
  const before = now.map(([id, length]): FieldSpec => {
    const old: Record<number, number> = { 225: 40_001, 226: 40_002, 227: 40_003, 228: 40_004 }
    return [id === 233 ? 40_005 : (old[id] ?? id), length]
  })
  const record = (event: number): Buffer =>
    Buffer.concat([
      u(9, 4),
      ip('10.0.0.7'),
      u(4e4, 2),
      ip('198.51.100.9'),
      u(443, 2),
      u(6, 1),
      ip('192.0.2.1'),
      ip('198.51.100.9'),
      u(61284, 2),
      u(443, 2),
      u(event, 1),
      u(atMs, 8),
      u(atMs - 6e4, 8),
      u(111, 4),
      u(222, 4),
      Buffer.alloc(20, 'alice\0'),
    ])

  test.each([
    ['by the elements since 8.4', now],
    ['by those before', before],
  ])('%s', (_, fields) => {
    const made = new Run().send([
      v9({}, set(0, template(263, fields)), set(263, ...[1, 5, 2, 3, 4].map(record))),
    ])
    expect(numbers(made.eventRows)).toEqual([4, 4, 5])
    expect(made.exporter().counters.notTranslated).toBe(2)
    expect(made.exporter().dialect).toBe('asa')
    expect(made.eventRows[2]).toMatchObject({
      postSource: '192.0.2.1 61284',
      endUs: atMs * 1000,
      connectionStartUs: (atMs - 60_000) * 1000,
      octets: 111n,
      reverseOctets: 222n,
      user: 'alice',
    })
  })

  test('NAT46: the translated destination is IPv6, and zero of the other family says nothing', () => {
    const fields: readonly FieldSpec[] = [...now, [282, 16]]
    const zero = record(1)
    ip('0.0.0.0').copy(zero, 21)
    const made = new Run().send([
      v9({}, set(0, template(264, fields)), set(264, zero, ip('2001:db8::9'))),
    ])
    expect(made.eventRows[0]?.postDestination).toBe('2001:db8::9 443')
  })
})

test('flow records with translated fields: zero is "not translated" (Fortigate, Palo Alto)', () => {
  const fields: readonly FieldSpec[] = [
    ...([
      [8, 4],
      [12, 4],
      [7, 2],
      [11, 2],
      [4, 1],
      [22, 4],
      [21, 4],
    ] as FieldSpec[]),
    ...([
      [225, 4],
      [226, 4],
      [227, 2],
      [228, 2],
      [233, 1],
    ] as FieldSpec[]),
  ]
  const record = (post: string, port: number): Buffer =>
    Buffer.concat([
      ip('10.0.0.7'),
      ip('198.51.100.9'),
      u(4e4, 2),
      u(443, 2),
      u(6, 1),
      u(1e3, 4),
      u(2e3, 4),
      ip(post),
      ip('0.0.0.0'),
      u(port, 2),
      u(0, 2),
      u(2, 1),
    ])
  const made = new Run().send([
    v9(
      { uptimeMs: 5000 },
      set(0, template(256, fields)),
      set(256, record('192.0.2.1', 61_284), record('0.0.0.0', 0))
    ),
  ])
  expect(made.eventRows).toEqual([])
  expect(made.rows.map(({ postSource, event }) => [postSource, event])).toEqual([
    ['192.0.2.1 61284', 0],
    ['10.0.0.7 40000', 0],
  ])
})

describe('VPP: events with the VRF of the inside, and a quota with the limit that was met', () => {
  const fields: readonly FieldSpec[] = [
    [323, 8],
    [230, 1],
    [8, 4],
    [225, 4],
    [4, 1],
    [7, 2],
    [227, 2],
    [234, 4],
  ]
  const record = (event: number): Buffer =>
    Buffer.concat([
      u(atMs, 8),
      u(event, 1),
      ip('10.0.0.7'),
      ip('192.0.2.1'),
      u(17, 1),
      u(4e4, 2),
      u(1024, 2),
      u(5, 4),
    ])

  test('a session is made and gone', () => {
    const made = events(fields, record(4), record(5))
    expect(numbers(made.eventRows)).toEqual([
      natEvents.nat44SessionCreate,
      natEvents.nat44SessionDelete,
    ])
    expect(made.eventRows[0]).toMatchObject({
      source: '10.0.0.7 40000',
      postSource: '192.0.2.1 1024',
      protocol: 17,
      vrfs: [5, 0],
      startUs: atMs * 1000,
    })
  })

  test('a host that has all that it may have', () => {
    const quota: readonly FieldSpec[] = [
      [323, 8],
      [230, 1],
      [466, 4],
      [473, 4],
      [8, 4],
    ]
    const told = Buffer.concat([u(atMs, 8), u(13, 1), u(3, 4), u(100, 4), ip('10.0.0.7')])
    expect(events(quota, told).eventRows).toMatchObject([{ event: 13, detail: [3, 100] }])
  })
})

test('MikroTik: one record a direction, and that of replies has the translated destination', () => {
  const fields: readonly FieldSpec[] = [
    [8, 4],
    [12, 4],
    [7, 2],
    [11, 2],
    [4, 1],
    [225, 4],
    [226, 4],
    [227, 2],
    [228, 2],
    [22, 4],
    [21, 4],
  ]
  const record = (ends: readonly string[], ports: readonly number[]): Buffer =>
    Buffer.concat([
      ...ends.slice(0, 2).map(ip),
      ...ports.slice(0, 2).map((port) => u(port, 2)),
      u(6, 1),
      ...ends.slice(2).map(ip),
      ...ports.slice(2).map((port) => u(port, 2)),
      u(3_590_000, 4),
      u(3_599_000, 4),
    ])
  const forth = ['10.0.0.7', '198.51.100.9', '192.0.2.1', '198.51.100.9']
  const back = ['198.51.100.9', '192.0.2.1', '198.51.100.9', '10.0.0.7']
  const made = new Run().send([
    v9(
      {},
      set(0, template(258, fields)),
      set(258, record(forth, [4e4, 443, 6e4, 443]), record(back, [443, 6e4, 443, 4e4]))
    ),
  ])
  expect(made.rows).toMatchObject([
    { source: '10.0.0.7 40000', postSource: '192.0.2.1 60000' },
    { destination: '192.0.2.1 60000', postDestination: '10.0.0.7 40000' },
  ])
})
