import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeBatchIn, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { ColumnUnpacker } from '../../store/column-unpacker.ts'
import { SpoolReader, readerMemory } from '../../store/spool-reader.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'

/** Frames that are read to where compiled kernels reach them, and such as are too long for that. */

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const extras = ['hostName'] as const

/** A full batch whose names have so many letters. */
function named(letters: number, firstId: number): FlowBatch {
  const batch = makeFlowBatch(batchRows, extras)
  for (let row = 0; row < batchRows; row++) {
    batch.columns.sourceAddress.set([0, 0, 0xffff, firstId + row], 4 * row)
    batch.columns.flowId[2 * row] = firstId + 3 * row
    const name = `${firstId + row}.`.padEnd(letters, 'x')
    if (batch.extras.hostName) batch.extras.hostName[row] = batch.texts.numberOf(name)
  }
  batch.length = batchRows
  return batch
}

test('frames of any length are read into one batch, one behind the other', () => {
  const lengths = [10, 700, 10, 60, 700, 5]
  const written = lengths.map((letters, index) => named(letters, 10_000 * index))
  const at = { watermarkUs: 1e15, closedThroughUs: 1e15 }
  const options = { directory, source: 'test', maxBytes: 1 << 30, syncBytes: 1 << 20, extras }
  const writer = new SpoolWriter(options)
  for (const batch of written) writer.append('slices', batch, at)
  writer.close()
  const memory = readerMemory([extras])
  const batch = makeBatchIn(memory, batchRows, extras)
  expect(batch.memory).toBe(memory)
  const longest = Buffer.byteLength(JSON.stringify(written[1]?.texts.list()))
  expect(longest).toBeGreaterThan(ColumnUnpacker.of(batch)?.payload.length ?? Infinity)
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  for (const expected of written) {
    const frame = reader.next(batch)
    expect(frame?.kind).toBe('slices')
    expect(batch.length).toBe(batchRows)
    expect(batch.columns).toEqual(expected.columns)
    expect(batch.texts.list()).toEqual(expected.texts.list())
    expect(batch.extras).toEqual(expected.extras)
  }
  expect(reader.next(batch)).toBeUndefined()
  reader.close()
})
