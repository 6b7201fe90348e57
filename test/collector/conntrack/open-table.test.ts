import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpenTable } from '../../../collector/conntrack/open-table.ts'
import { v4MappedWord } from '../../../model/address.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import type { Endpoint } from '../../../model/slice.ts'

const batch = makeFlowBatch(1)

const at = (address: number, port: number): Endpoint => ({
  ip: [0, 0, v4MappedWord, address],
  port,
})

/** Puts a flow into the batch row: host and port behind one of a few public endpoints, or none. */
function fill(host: number, port: number, publicPort: number, nat: boolean): void {
  const c = batch.columns
  c.sourceAddress.set([0, 0, v4MappedWord, 0x0a000000 + host])
  c.destinationAddress.set([0, 0, v4MappedWord, 0xc6336407])
  c.postNatDestinationAddress.set(c.destinationAddress)
  c.sourceTransportPort[0] = port
  c.destinationTransportPort[0] = 443
  c.postNaptDestinationTransportPort[0] = 443
  c.protocolIdentifier[0] = 17
  if (nat) {
    c.postNatSourceAddress.set([0, 0, v4MappedWord, 0xc0000201])
    c.postNaptSourceTransportPort[0] = publicPort
  } else {
    c.postNatSourceAddress.set(c.sourceAddress)
    c.postNaptSourceTransportPort[0] = port
  }
}

const step = fc.record({
  host: fc.integer({ min: 1, max: 40 }),
  port: fc.integer({ min: 1, max: 60 }),
  nat: fc.boolean(),
  remove: fc.boolean(),
})

test('finds by tuple and by public endpoint exactly what a plain map holds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new OpenTable()
      const truth = new Map<string, { row: number; public: string }>()
      for (const { host, port, nat, remove } of steps) {
        const publicPort = 1000 + (port % 5)
        fill(host, port, publicPort, nat)
        const key = `${host}:${port}`
        const known = truth.get(key)
        expect(table.find(batch.columns, 0)).toBe(known?.row ?? -1)
        if (remove && known !== undefined) {
          table.remove(known.row)
          truth.delete(key)
        } else if (!remove && known === undefined) {
          const seenAs = nat ? `nat:${publicPort}` : key
          truth.set(key, { row: table.insert(batch.columns, 0), public: seenAs })
        }
      }
      expect(table.size).toBe(truth.size)
      for (let port = 1000; port < 1005; port++) {
        const wanted = [...truth.values()].filter((flow) => flow.public === `nat:${port}`)
        const found = new Set<number>()
        table.eachWithPublic([at(0xc0000201, port)], (row) => found.add(row))
        for (const { row } of wanted) expect(found.has(row)).toBe(true)
      }
    }),
    { numRuns: 200 }
  )
})

test('keeps every flow over growth, and uses the rows of ended ones again', () => {
  const table = new OpenTable()
  const count = 20_000
  for (let i = 0; i < count; i++) {
    fill(i >> 8, i & 255, i, true)
    expect(table.find(batch.columns, 0)).toBe(-1)
    table.insert(batch.columns, 0)
  }
  for (let i = 0; i < count; i += 2) {
    fill(i >> 8, i & 255, i, true)
    table.remove(table.find(batch.columns, 0))
  }
  expect(table.size).toBe(count / 2)
  const used = table.rowsUsed
  for (let i = 0; i < count; i += 2) {
    fill(i >> 8, i & 255, i, true)
    expect(table.find(batch.columns, 0)).toBe(-1)
    table.insert(batch.columns, 0)
  }
  expect(table.rowsUsed).toBe(used)
  for (let i = 0; i < count; i += 97) {
    fill(i >> 8, i & 255, i, true)
    const row = table.find(batch.columns, 0)
    let seen = false
    table.eachWithPublic([at(0xc0000201, i)], (one) => (seen ||= one === row))
    expect(seen).toBe(true)
  }
})

test('an untranslated flow is found by either end, a forwarded one by its public destination', () => {
  const table = new OpenTable()
  fill(9, 99, 0, false)
  table.find(batch.columns, 0)
  const plain = table.insert(batch.columns, 0)
  fill(8, 88, 88, false)
  batch.columns.postNatDestinationAddress.set([0, 0, v4MappedWord, 0x0a000063])
  batch.columns.postNaptDestinationTransportPort[0] = 8080
  table.find(batch.columns, 0)
  const forwarded = table.insert(batch.columns, 0)
  const openAt = (address: number, port: number): number[] => {
    const rows: number[] = []
    table.eachWithPublic([at(address, port)], (row) => table.isOpen(row) && rows.push(row))
    return rows
  }
  expect(openAt(0x0a000009, 99)).toContain(plain)
  expect(openAt(0xc6336407, 443)).toEqual(expect.arrayContaining([plain, forwarded]))
  table.remove(plain)
  expect(openAt(0xc6336407, 443)).toEqual([forwarded])
})
