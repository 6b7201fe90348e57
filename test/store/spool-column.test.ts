import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extraFields, fields } from '../../model/fields.ts'
import type { ExtraName, FieldName } from '../../model/fields.ts'
import { ColumnMemory } from '../../model/column-memory.ts'
import { makeBatchIn, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { ColumnPacker } from '../../store/column-packer.ts'
import { ColumnUnpacker } from '../../store/column-unpacker.ts'
import { extentOf } from '../../store/extent.ts'
import { oldestUs } from '../../store/refusals.ts'
import { ColumnEncoder, columnBytes, slotsOf } from '../../store/spool-column.ts'
import { decodeRows, encodeRows, maxRowFrameBytes, spoolColumns } from '../../store/spool-frame.ts'

const extras = extraFields.map(({ name }) => name)
const columns = spoolColumns(extras)
const make = (): FlowBatch => makeFlowBatch(64, extras)

/** A batch that compiled kernels reach. */
const makeReached = (grows = false): FlowBatch =>
  makeBatchIn(new ColumnMemory(4 << 20, grows), 64, extras)

/** Reads a payload by compiled kernels, over what another frame left in the batch. */
function decodeCompiled(octets: Buffer, rows: number, batch: FlowBatch): boolean {
  const unpacker = ColumnUnpacker.of(batch)
  if (unpacker === undefined) throw new Error('there is no room for a payload')
  octets.copy(unpacker.payload)
  const payload = unpacker.payload.subarray(0, octets.length)
  expect(unpacker.takes(payload, columns.length)).toBe(true)
  return decodeRows(payload, rows, columns, batch, unpacker)
}

/** Leaves no octet of a batch as it was. */
function scribble(batch: FlowBatch, seed: number): void {
  for (const [name] of columns) {
    const column = columnOf(batch, name)
    if (column instanceof Float64Array) column.fill(seed + 0.25)
    else column?.fill(seed)
  }
}

function encodeCompiled(batch: FlowBatch, packer: ColumnPacker): Buffer {
  const { target } = packer
  const encoder = new ColumnEncoder(target)
  const end = encodeRows(batch, slotsOf(batch, columns), encoder, target, 0, packer)
  return target.subarray(0, end)
}

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
  // The low word of a serial number begins anew.
  (row, seed) => (0xffff_fff0 + (seed % 32) + row) >>> 0,
]

const shapeOf = fc.record({
  shape: fc.nat(shapes.length - 1),
  low: fc.nat(2 ** 31),
  high: fc.constantFrom(0, 0, 1, 0xffff),
})

type Drawn = readonly { readonly shape: number; readonly low: number; readonly high: number }[]
const drawnColumns = fc.array(shapeOf, { minLength: columns.length, maxLength: columns.length })

function fill(batch: FlowBatch, drawn: Drawn, rows: number): void {
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
}

function encodeDrawn(drawn: Drawn, rows: number): Buffer {
  const batch = make()
  fill(batch, drawn, rows)
  return Buffer.from(encode(batch))
}

/** A payload whose columns are in these modes where their kinds have them, and of these octets. */
function payloadOf(modes: readonly number[], rows: number, noise: Uint8Array, v4: boolean): Buffer {
  const fits = columns.map(([, kind], index) => {
    const mode = v4 && kind === 'address' ? 2 : (modes[index] ?? 0)
    const twin = columns[mode - 64]?.[1]
    if (mode >= 64) return mode - 64 < index && twin === kind ? mode : 0
    return kind === 'text' || columnBytes(mode, kind, rows) === undefined ? 0 : mode
  })
  const head = Buffer.alloc((columns.length + 7) & ~7)
  head.set(fits)
  const bodies = columns.map(([, kind], index) => {
    const bytes = columnBytes(fits[index] ?? 0, kind, rows) ?? 0
    return Buffer.alloc((bytes + 7) & ~7, noise)
  })
  return Buffer.concat([head, ...bodies])
}

function holdsOnlyV4(batch: FlowBatch): boolean {
  return fields.every(({ name, kind }) => {
    if (kind !== 'address') return true
    const words = batch.columns[name]
    return Array.from({ length: batch.length }).every(
      (_, row) => words[4 * row] === 0 && words[4 * row + 1] === 0 && words[4 * row + 2] === 0xffff
    )
  })
}

describe('columns come back from a frame as they were', () => {
  test('whatever mode they were written in', () => {
    fc.assert(
      fc.property(drawnColumns, fc.integer({ min: 1, max: 64 }), (drawn, rows) => {
        const batch = make()
        fill(batch, drawn, rows)
        const read = make()
        expect(decodeRows(encode(batch), rows, columns, read)).toBe(true)
        for (const [name] of columns) expect(columnOf(read, name)).toEqual(columnOf(batch, name))
      }),
      { numRuns: 40 }
    )
  })

  test.each([
    ['compiled kernels write the same octets, and find the same extent', false],
    ['so they do in memory that grows', true],
  ])('%s', (_, grows) => {
    const batch = makeReached(grows)
    const packer = batch.memory && ColumnPacker.over(batch.memory, maxRowFrameBytes(columns) + 8)
    if (packer === undefined) throw new Error('there is no room for a frame')
    let size = 0
    const time = fc.oneof(fc.double(), fc.double({ min: oldestUs - 9e9, max: oldestUs + 9e9 }))
    const times = fc.array(fc.tuple(time, time), { minLength: 1, maxLength: 64 })
    fc.assert(
      fc.property(drawnColumns, times, fc.boolean(), (drawn, drawnTimes, ownTimes) => {
        const rows = drawnTimes.length
        fill(batch, drawn, rows)
        if (grows) batch.memory?.growEnd((size += 1000))
        for (const [row, [start, end]] of ownTimes ? drawnTimes.entries() : []) {
          batch.columns.flowStartMicroseconds[row] = start
          batch.columns.flowEndMicroseconds[row] = end
        }
        expect(encodeCompiled(batch, packer).equals(encode(batch))).toBe(true)
        expect(packer.extentOf(batch, oldestUs)).toEqual(extentOf(batch, oldestUs))
      }),
      { numRuns: 60 }
    )
  })

  test('compiled kernels read the same rows, and touch none behind them', () => {
    const [plain, reached] = [make(), makeReached()]
    const modeOf = fc.oneof(fc.nat(6), fc.integer({ min: 64, max: 64 + columns.length }))
    const modes = fc.array(modeOf, { minLength: columns.length, maxLength: columns.length })
    const tried = { sound: 0, v4: 0 }
    fc.assert(
      fc.property(
        fc.oneof(
          fc.record({ drawn: drawnColumns }),
          fc.record({ modes, v4: fc.boolean(), noise: fc.uint8Array({ minLength: 9 }) })
        ),
        fc.integer({ min: 0, max: 64 }),
        fc.nat(200),
        (what, rows, seed) => {
          const octets =
            'drawn' in what
              ? encodeDrawn(what.drawn, Math.max(1, rows))
              : payloadOf(what.modes, Math.max(1, rows), what.noise, what.v4)
          scribble(plain, seed)
          scribble(reached, seed)
          const isSound = decodeRows(octets, Math.max(1, rows), columns, plain)
          expect(decodeCompiled(octets, Math.max(1, rows), reached)).toBe(isSound)
          if (!isSound) return
          tried.sound++
          if (plain.isV4 === true) tried.v4++
          for (const [name] of columns) {
            expect(columnOf(reached, name)).toEqual(columnOf(plain, name))
          }
          expect([reached.length, reached.isV4]).toEqual([plain.length, plain.isV4])
          expect(plain.isV4).toBe(holdsOnlyV4(plain))
        }
      ),
      { numRuns: 200 }
    )
    expect(tried.sound).toBeGreaterThan(50)
    expect(tried.v4).toBeGreaterThan(0)
  })

  test('columns that are vouched to be zero are not looked at', () => {
    const batch = makeReached()
    fill(
      batch,
      Array.from(columns, () => ({ shape: 3, low: 5, high: 0 })),
      9
    )
    batch.written = new Set([batch.columns.sourceAddress])
    const packer = batch.memory && ColumnPacker.over(batch.memory, maxRowFrameBytes(columns) + 8)
    if (packer === undefined) throw new Error('there is no room for a frame')
    for (const octets of [encode(batch), encodeCompiled(batch, packer)]) {
      const read = make()
      expect(decodeRows(Buffer.from(octets), 9, columns, read)).toBe(true)
      expect([read.columns.sourceAddress[3], read.columns.flowId[0]]).toEqual([5, 0])
    }
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
