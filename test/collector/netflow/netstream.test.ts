import { expect, test } from 'vitest'
import { natEvents } from '../../../model/nat-events.ts'
import { ip, noon, set, template, u, v9 } from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'

test('Huawei: NetStream in v9, with times from when the router began and historic events', () => {
  const fields: readonly FieldSpec[] = [
    [8, 4],
    [12, 4],
    [225, 4],
    [7, 2],
    [11, 2],
    [227, 2],
    [4, 1],
    [230, 1],
    [160, 8],
    [22, 4],
  ]
  const startedMs = (noon - 3600) * 1000
  const record = (event: number, afterMs: number): Buffer =>
    Buffer.concat([
      ip('10.0.0.7'),
      ip('198.51.100.9'),
      ip('192.0.2.1'),
      u(40_000, 2),
      u(443, 2),
      u(61_284, 2),
      u(6, 1),
      u(event, 1),
      u(startedMs, 8),
      u(afterMs, 4),
    ])
  const made = new Run().send([
    v9({}, set(0, template(300, fields)), set(300, record(1, 3_590_000), record(2, 3_599_000))),
  ])
  expect(made.eventRows.map(({ event }) => event)).toEqual([
    natEvents.nat44SessionCreate,
    natEvents.nat44SessionDelete,
  ])
  expect(made.eventRows.map(({ startUs, postSource }) => [startUs, postSource])).toEqual([
    [(startedMs + 3_590_000) * 1000, '192.0.2.1 61284'],
    [(startedMs + 3_599_000) * 1000, '192.0.2.1 61284'],
  ])
})
