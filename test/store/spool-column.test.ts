import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extraFields, fields } from '../../model/fields.ts'
import type { ExtraName, FieldName } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { ColumnEncoder, slotsOf } from '../../store/spool-column.ts'
import { decodeRows, encodeRows, maxRowFrameBytes, spoolColumns } from '../../store/spool-frame.ts'

const extras = extraFields.map(({ name }) => name)
const columns = spoolColumns(extras)
const make = (): FlowBatch => makeFlowBatch(64, extras)

function encode(batch: FlowBatch): Buffer {
  const target = Buffer.alloc(maxRowFrameBytes(columns) + 8)
  const encoder = new ColumnEncoder(target)
  return target.subarray(0, encodeRows(batch, slotsOf(batch, columns), encoder, target, 0))
}

function columnOf(batch: FlowBatch, name: string) {
  return batch.columns[name as FieldName] ?? batch.extras[name as ExtraName]
}

/** What columns of each kind look like: all modes come up, each with what just misses it. */
const shapes: readonly ((row: number, seed: number) => number)[] = [
  () => 0,
  (_, seed) => seed,
  (row, seed) => seed + row,
  (row, seed) => (row === 17 ? 0xffff_ffff : seed + 3 * row),
  (row, seed) => (row % 2 === 0 ? seed + row : 0),
]

const shapeOf = fc.record({
  shape: fc.nat(shapes.length - 1),
  low: fc.nat(2 ** 31),
  high: fc.constantFrom(0, 0, 1, 0xffff),
})

describe('columns come back from a frame as they were', () => {
  test('whatever mode they were written in', () => {
    const all = fc.array(shapeOf, { minLength: columns.length, maxLength: columns.length })
    fc.assert(
      fc.property(all, fc.integer({ min: 1, max: 64 }), (drawn, rows) => {
        const batch = make()
        for (const [index, [name, kind]] of columns.entries()) {
          const column = columnOf(batch, name)
          const { shape = 0, low = 0, high = 0 } = drawn[index] ?? {}
          if (column === undefined || kind === 'text') continue
          for (let row = 0; row < rows; row++) {
            const value = shapes[shape]?.(row, low) ?? 0
            if (kind === 'u64') column.set([value, high], 2 * row)
            else if (kind === 'address') column.set([0, 0, high, value], 4 * row)
            else if (kind === 'time') column[row] = 1.7e15 + value + (high === 1 ? 0.5 : 0)
            else column[row] = value
          }
        }
        batch.length = rows
        const read = make()
        expect(decodeRows(encode(batch), rows, columns, read)).toBe(true)
        for (const [name] of columns) expect(columnOf(read, name)).toEqual(columnOf(batch, name))
      }),
      { numRuns: 40 }
    )
  })

  test('a translation that changes nothing takes no room', () => {
    const plain = make()
    const translated = make()
    for (let row = 0; row < 64; row++) {
      for (const batch of [plain, translated]) {
        batch.columns.sourceAddress.set([0, 0, 0xffff, 7 * row], 4 * row)
      }
      translated.columns.postNatSourceAddress.set([0, 0, 0xffff, 7 * row], 4 * row)
    }
    plain.length = 64
    translated.length = 64
    expect(encode(translated).length).toBe(encode(plain).length)
  })

  test('octets of any kind throw nothing', () => {
    const read = make()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(80), (bytes, rows) => {
        expect(typeof decodeRows(Buffer.from(bytes), rows, columns, read)).toBe('boolean')
      })
    )
  })

  test('a column like one that comes behind it is damage', () => {
    const batch = make()
    batch.length = 1
    const payload = Buffer.from(encode(batch))
    const index = fields.findIndex(({ name }) => name === 'postNatSourceAddress')
    payload[index] = 64
    expect(decodeRows(payload, 1, columns, make())).toBe(true)
    payload[index] = 64 + index
    expect(decodeRows(payload, 1, columns, make())).toBe(false)
    payload[index] = 7
    expect(decodeRows(payload, 1, columns, make())).toBe(false)
  })
})
