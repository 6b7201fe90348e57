import { describe, expect, test } from 'vitest'
import { natEvents } from '../../../model/nat-events.ts'
import { ip, ipfix, noon, optionsTemplate, sessionEvent } from './messages.ts'
import { sessionFields, set, template, u, v9 } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'
import type { Row } from './run.ts'

const atMs = noon * 1000 - 2000

/** The same of NAT64: the inside and what it addresses are IPv6. */
const session64: readonly FieldSpec[] = sessionFields.map(([id, length]) =>
  id === 8 ? [27, 16] : id === 12 ? [28, 16] : [id, length]
)
const session64Record = (event: number): Buffer =>
  Buffer.concat([
    u(atMs, 8),
    u(event, 1),
    ip('2001:db8::7'),
    ip('192.0.2.1'),
    u(6, 1),
    u(4e4, 2),
    u(61284, 2),
    ip('64:ff9b::c633:6409'),
    u(443, 2),
  ])

const bib = sessionFields.filter(([id]) => id !== 12 && id !== 11)
const bibRecord = (event: number): Buffer => sessionEvent(event).subarray(0, 22)

const block: readonly FieldSpec[] = [
  [323, 8],
  [230, 1],
  [8, 4],
  [225, 4],
  [361, 2],
  [362, 2],
  [363, 2],
]
const blockRecord = (event: number): Buffer =>
  Buffer.concat([
    u(atMs, 8),
    u(event, 1),
    ip('10.0.0.7'),
    ip('192.0.2.1'),
    u(1024, 2),
    u(2047, 2),
    u(1, 2),
  ])

function events(fields: readonly FieldSpec[], ...records: readonly Buffer[]): Run {
  return new Run().send([ipfix({}, set(2, template(300, fields)), set(300, ...records))])
}

const numbers = (rows: readonly Row[]): number[] => rows.map(({ event }) => event)

describe('RFC 8158', () => {
  test('sessions, bindings and blocks keep their numbers', () => {
    const made = events(sessionFields, sessionEvent(4), sessionEvent(5))
    expect(numbers(made.eventRows)).toEqual([4, 5])
    expect(made.eventRows[0]).toMatchObject({
      source: '10.0.0.7 40000',
      postSource: '192.0.2.1 61284',
      destination: '198.51.100.9 443',
      postDestination: '198.51.100.9 443',
      startUs: atMs * 1000,
      endUs: atMs * 1000,
      connectionStartUs: 0,
    })
    expect(made.exporter().dialect).toBe('rfc8158')
    expect(numbers(events(session64, session64Record(6), session64Record(7)).eventRows)).toEqual([
      6, 7,
    ])
    expect(numbers(events(bib, bibRecord(8), bibRecord(9)).eventRows)).toEqual([8, 9])
    expect(numbers(events(block, blockRecord(16), blockRecord(17)).eventRows)).toEqual([16, 17])
  })

  test('what is not told stays unspecified', () => {
    expect(events(bib, bibRecord(8)).eventRows[0]).toMatchObject({
      destination: ':: 0',
      postDestination: ':: 0',
    })
  })

  test('quota, exhaustion and thresholds are kept with their limit', () => {
    const quota: readonly FieldSpec[] = [
      [323, 8],
      [230, 1],
      [466, 4],
      [473, 4],
      [8, 4],
    ]
    const made = events(
      quota,
      Buffer.concat([u(atMs, 8), u(13, 1), u(3, 4), u(2000, 4), ip('10.0.0.7')])
    )
    expect(made.eventRows[0]).toMatchObject({ event: 13, detail: [3, 2000] })
    const pool: readonly FieldSpec[] = [
      [323, 8],
      [230, 1],
      [283, 4],
    ]
    const named = events(pool, Buffer.concat([u(atMs, 8), u(12, 1), u(7, 4)]))
    expect(named.eventRows[0]).toMatchObject({ event: 12, pool: 'pool 7' })
    const names = set(3, optionsTemplate(400, [[283, 4]], [[284, 6]]))
    named.send([ipfix({}, names, set(400, u(7, 4), Buffer.from('pool-a')))])
    named.send([ipfix({}, set(300, u(atMs, 8), u(3, 1), u(7, 4)))])
    expect(named.eventRows[1]).toMatchObject({ event: 3, pool: 'pool-a' })
  })
})

test('historic numbers mean what the template describes (IOS-XE, ipt_NETFLOW)', () => {
  expect(numbers(events(sessionFields, sessionEvent(1), sessionEvent(2)).eventRows)).toEqual([4, 5])
  expect(numbers(events(session64, session64Record(1)).eventRows)).toEqual([6])
  expect(numbers(events(bib, bibRecord(1), bibRecord(2)).eventRows)).toEqual([8, 9])
  const made = events(sessionFields, sessionEvent(1), sessionEvent(3))
  expect(numbers(made.eventRows)).toEqual([4, natEvents.addressesExhausted])
  expect(made.exporter().dialect).toBe('historic')
})

test('a block of IOS-XE has its first port, a step and a number of ports', () => {
  // v9 template 267 of such a gateway: 8, 225, 234, 4, 230, 323, 361, 363, 364.
  const fields: readonly FieldSpec[] = [
    [8, 4],
    [225, 4],
    [234, 4],
    [4, 1],
    [230, 1],
    [323, 8],
    [361, 2],
    [363, 2],
    [364, 2],
  ]
  const record = Buffer.concat([
    ip('10.0.0.7'),
    ip('192.0.2.1'),
    u(3, 4),
    u(0, 1),
    u(1, 1),
    u(atMs, 8),
    u(2048, 2),
    u(2, 2),
    u(512, 2),
  ])
  const made = new Run().send([
    v9({}, set(0, template(267, fields)), set(267, record, Buffer.alloc(2))),
  ])
  expect(made.eventRows).toMatchObject([
    { event: natEvents.portBlockAllocation, block: [2048, 3070, 2], vrfs: [3, 0] },
  ])
})

test('address realms and the NAT instance tell overlapping plans apart', () => {
  const realms = (fields: readonly FieldSpec[], ...octets: readonly Buffer[]): Row['vrfs'][] =>
    events(
      [...sessionFields, ...fields],
      ...octets.map((one) => Buffer.concat([sessionEvent(4), one]))
    ).eventRows.map(({ vrfs }) => vrfs)
  const both: readonly FieldSpec[] = [
    [464, 4],
    [465, 2],
  ]
  expect(realms(both, Buffer.concat([u(70_000, 4), u(9, 2)]))).toEqual([[70_000, 9]])
  // A name becomes a number: the same for the same, another for another; none is 0.
  const names: readonly FieldSpec[] = [[464, 8]]
  const [gold, silver, again, none] = realms(
    names,
    Buffer.from('gold\0\0\0\0'),
    Buffer.from('silver\0\0'),
    Buffer.from('gold\0\0\0\0'),
    Buffer.alloc(8)
  )
  expect(gold?.[0]).toBeGreaterThan(2 ** 31)
  expect(gold).toEqual(again)
  expect(silver).not.toEqual(gold)
  expect(none).toEqual([0, 0])
  // What is said outright goes before a realm, and a realm before the instance.
  const instance: readonly FieldSpec[] = [[463, 4]]
  expect(realms(instance, u(3, 4))).toEqual([[3, 0]])
  expect(realms([...instance, [464, 1]], Buffer.concat([u(3, 4), u(5, 1)]))).toEqual([[5, 0]])
  expect(
    realms([...instance, [464, 1], [234, 4]], Buffer.concat([u(3, 4), u(5, 1), u(7, 4)]))
  ).toEqual([[7, 0]])
})

test('a realm of any length is told apart too', () => {
  const fields: readonly FieldSpec[] = [...sessionFields, [464, 65_535]]
  const named = (name: string): Buffer =>
    Buffer.concat([sessionEvent(4), u(name.length, 1), Buffer.from(name)])
  const made = events(fields, named('customers'), named('guests'), named('customers'))
  const [customers, guests, again] = made.eventRows.map(({ vrfs: [inside] }) => inside)
  expect(customers).toBe(again)
  expect(customers).not.toBe(guests)
})

test('Juniper has numbers of its own, told from RFC 8158 by families and ranges', () => {
  const made = events(block, blockRecord(14), blockRecord(16), blockRecord(15))
  expect(numbers(made.eventRows)).toEqual([16, 16, 17])
  expect(made.exporter().dialect).toBe('juniper')
  const nat64 = events(session64, session64Record(4), session64Record(5))
  expect(numbers(nat64.eventRows)).toEqual([6, 7])
  const bibs = events(bib, bibRecord(6), bibRecord(7))
  expect(numbers(bibs.eventRows)).toEqual([8, 9])
  // Its sessions are numbered as the historic ones are.
  expect(numbers(events(sessionFields, sessionEvent(1), sessionEvent(2)).eventRows)).toEqual([4, 5])
})

test('an operator may say what dialect it is', () => {
  const settings = { ...new Run().send([v9({})]).exporter().settings, dialect: 'juniper' as const }
  const made = new Run([settings]).send(
    [ipfix({}, set(2, template(300, sessionFields)), set(300, sessionEvent(10)))],
    { ip: '2001:db8::1' }
  )
  expect(numbers(made.eventRows)).toEqual([natEvents.portsExhausted])
})
