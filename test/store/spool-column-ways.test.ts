import { describe, expect, test } from 'vitest'
import { ColumnMemory } from '../../model/column-memory.ts'
import { fields } from '../../model/fields.ts'
import { makeBatchIn, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { ColumnPacker } from '../../store/column-packer.ts'
import { ColumnEncoder, modes, slotsOf } from '../../store/spool-column.ts'
import { decodeRows, encodeRows, maxRowFrameBytes, spoolColumns } from '../../store/spool-frame.ts'

/** Rows that a compiled kernel could take for what they are not, written both ways. */

const columns = spoolColumns()
const batch = makeBatchIn(new ColumnMemory(1 << 20), 64)
const packer = batch.memory && ColumnPacker.over(batch.memory, maxRowFrameBytes(columns) + 8)
const slots = slotsOf(batch, columns)
const plainTarget = Buffer.alloc(maxRowFrameBytes(columns) + 8)
const plainEncoder = new ColumnEncoder(plainTarget)

/** What both ways write of the batch; undefined where they do not write the same. */
function written(): Buffer | undefined {
  if (packer === undefined) throw new Error('there is no room for a frame')
  const { target } = packer
  target.fill(0xa5)
  plainTarget.fill(0x5a)
  const quick = target.subarray(
    0,
    encodeRows(batch, slots, new ColumnEncoder(target), target, 0, packer)
  )
  const plain = plainTarget.subarray(0, encodeRows(batch, slots, plainEncoder, plainTarget, 0))
  return quick.equals(plain) ? Buffer.from(plain) : undefined
}

const base = 1.79e15

/** Rows of which every column is in one of the short modes. */
function fill(rows: number): FlowBatch['columns'] {
  const { columns: c } = batch
  for (const { name, kind } of fields) {
    for (let row = 0; row < rows; row++) {
      if (kind === 'address') c[name as 'sourceAddress'].set([0, 0, 0xffff, 7 * row], 4 * row)
      else if (kind === 'u64') c[name as 'flowId'].set([3 * row, 0], 2 * row)
      else if (kind === 'time') c[name][row] = base + row
      else c[name][row] = row & 0xff
    }
  }
  batch.length = rows
  return c
}

/** Times that are near the first, that just are not, and that no offset can carry. */
const oddTimes = [
  ...[0.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32].map((us) => base + us),
  -0,
  -1,
  1e300,
  Infinity,
  -Infinity,
  NaN,
]

describe('compiled kernels write what others write', () => {
  test('wherever one row is not like the others', () => {
    const read = makeFlowBatch(64)
    let tried = 0
    for (let rows = 1; rows < 20; rows++) {
      for (let at = 0; at < rows; at++) {
        for (const [index, time] of oddTimes.entries()) {
          const c = fill(rows)
          c.flowEndMicroseconds[at] = time
          c.sourceAddress[4 * at + (index & 3)] = 0x8000_0001
          c.flowId[2 * at + (index & 1)] = 0xffff_ffff
          c.protocolIdentifier[at] = 0xff
          c.postNaptSourceTransportPort[at] = 0xffff
          const octets = written()
          if (octets === undefined) throw new Error(`row ${at} of ${rows}, time ${time}`)
          expect(decodeRows(octets, rows, columns, read)).toBe(true)
          for (const name of ['sourceAddress', 'flowId', 'flowEndMicroseconds'] as const) {
            const stride = c[name].length / 64
            const own = c[name].subarray(0, stride * rows)
            expect(read.columns[name].subarray(0, stride * rows)).toEqual(own)
          }
          tried++
        }
      }
    }
    expect(tried).toBe(190 * oddTimes.length)
  })

  test('of serial numbers whose low word begins anew', () => {
    const flowId = fields.findIndex(({ name }) => name === 'flowId')
    const read = makeFlowBatch(64)
    for (let first = 0xffff_fff0; first <= 0xffff_ffff; first++) {
      for (const rows of [2, 3, 17, 40]) {
        const c = fill(rows)
        for (let row = 0; row < rows; row++) c.flowId.set([first + row, 9], 2 * row)
        const octets = written()
        expect(octets?.[flowId]).toBe(modes.serial)
        expect(decodeRows(octets ?? Buffer.alloc(0), rows, columns, read)).toBe(true)
        expect(read.columns.flowId.subarray(0, 2 * rows)).toEqual(c.flowId.subarray(0, 2 * rows))
      }
    }
  })

  test('of no rows, whatever rows were there before', () => {
    const read = makeFlowBatch(64)
    for (const value of [0, 1]) {
      for (const { name } of fields) batch.columns[name].fill(value)
      batch.length = 0
      const octets = written()
      expect(octets).toEqual(Buffer.alloc((columns.length + 7) & ~7))
      expect(decodeRows(octets ?? Buffer.alloc(0), 0, columns, read)).toBe(true)
      expect(read.length).toBe(0)
    }
  })
})
