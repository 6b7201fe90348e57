import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpenTable } from '../../../collector/conntrack/open-table.ts'
import { v4MappedWord } from '../../../model/address.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'

const word = fc.integer({ min: 0, max: 0xffffffff })
const v4 = word.map((last) => [0, 0, v4MappedWord, last])
const v6 = fc.array(word, { minLength: 4, maxLength: 4 })
const port = fc.integer({ min: 0, max: 65535 })
const id = word

const entry = fc
  .record({
    addresses: fc.array(fc.oneof(v4, v6), { minLength: 4, maxLength: 4 }),
    ports: fc.array(port, { minLength: 4, maxLength: 4 }),
    protocol: fc.integer({ min: 0, max: 255 }),
    zone: port,
    id,
    mark: word,
  })
  .map((fields) => fillRow(fields))

function fillRow(fields: {
  addresses: number[][]
  ports: number[]
  protocol: number
  zone: number
  id: number
  mark: number
}): FlowBatch {
  const batch = makeFlowBatch(1)
  const { columns } = batch
  const [source = [], destination = [], natSource = [], natDestination = []] = fields.addresses
  columns.sourceAddress.set(source)
  columns.destinationAddress.set(destination)
  columns.postNatSourceAddress.set(natSource)
  columns.postNatDestinationAddress.set(natDestination)
  columns.sourceTransportPort[0] = fields.ports[0] ?? 0
  columns.destinationTransportPort[0] = fields.ports[1] ?? 0
  columns.postNaptSourceTransportPort[0] = fields.ports[2] ?? 0
  columns.postNaptDestinationTransportPort[0] = fields.ports[3] ?? 0
  columns.protocolIdentifier[0] = fields.protocol
  columns.ingressVrfId[0] = fields.zone
  columns.conntrackId[0] = fields.id
  columns.conntrackMark[0] = fields.mark
  return batch
}

const kept = [
  'sourceAddress',
  'destinationAddress',
  'postNatSourceAddress',
  'postNatDestinationAddress',
  'sourceTransportPort',
  'destinationTransportPort',
  'postNaptSourceTransportPort',
  'postNaptDestinationTransportPort',
  'protocolIdentifier',
  'ingressVrfId',
  'conntrackId',
  'conntrackMark',
] as const

test('a row gives back what was put in, of either family, and knows its own translation only', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), (entries) => {
      const table = new OpenTable()
      const rows = entries.flatMap((batch) => {
        if (table.find(batch.columns, 0) >= 0) return []
        return [{ batch, row: table.insert(batch.columns, 0) }]
      })
      for (const { batch, row } of rows) {
        expect(table.find(batch.columns, 0)).toBe(row)
        expect(table.sameTranslation(row, batch.columns, 0)).toBe(true)
        const back = makeFlowBatch(1)
        table.read(row, back.columns, 0)
        for (const name of kept) expect(back.columns[name]).toEqual(batch.columns[name])
        const at = batch.columns.postNatSourceAddress
        for (let i = 0; i < 4; i++) {
          at[i] = (at[i] ?? 0) ^ 1
          expect(table.sameTranslation(row, batch.columns, 0)).toBe(false)
          at[i] = (at[i] ?? 0) ^ 1
        }
      }
    })
  )
})

test('until a dump or a cut a row has no time but its start, and what is set then stays', () => {
  const table = new OpenTable()
  const batch = fillRow({
    addresses: [0, 1, 2, 3].map((i) => [0x20010db8, 0, i, i]),
    ports: [1, 2, 3, 4],
    protocol: 6,
    zone: 7,
    id: 8,
    mark: 9,
  })
  table.find(batch.columns, 0)
  const row = table.insert(batch.columns, 0)
  table.setConnectionStart(row, 1000)
  expect([table.sliceStart(row), table.lastAlive(row), table.counterWord(row, 7)]).toEqual([
    1000, 1000, 0,
  ])
  table.moveStart(row, 900)
  table.setLastAlive(row, 2000)
  table.moveStart(row, 800)
  expect([table.connectionStart(row), table.sliceStart(row), table.lastAlive(row)]).toEqual([
    800, 800, 2000,
  ])
  table.setSliceStart(row, 1500)
  table.setCounterWord(row, 7, 0xffffffff)
  expect(table.connectionStart(row)).toBe(800)
  expect(table.sliceStart(row)).toBe(1500)
  expect(table.counterWord(row, 7) >>> 0).toBe(0xffffffff)
  expect(table.address(row, 2)).toEqual([0x20010db8, 0, 2, 2])
  table.remove(row)
  table.find(batch.columns, 0)
  const again = table.insert(batch.columns, 0)
  table.setConnectionStart(again, 5000)
  expect(again).toBe(row)
  expect([table.sliceStart(again), table.counterWord(again, 7)]).toEqual([5000, 0])
})
