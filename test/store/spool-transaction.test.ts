import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'

const none = { watermarkUs: 0, closedThroughUs: 0 }
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spool-transaction-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const makeWriter = (directory: string, maxBytes = 1 << 24): SpoolWriter =>
  new SpoolWriter({ source: 'x', directory, maxBytes, syncBytes: 1 << 30 })

function rows(count: number): ReturnType<typeof makeFlowBatch> {
  const batch = makeFlowBatch(batchRows)
  batch.length = count
  batch.columns.flowStartMicroseconds.fill(Date.now() * 1000, 0, count)
  batch.columns.flowEndMicroseconds.fill(Date.now() * 1000, 0, count)
  return batch
}

/** What a spool holds: how many rows each frame has, and what its notes say. */
function read(directory: string): (number | string)[] {
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  const found: (number | string)[] = []
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    if ('batch' in frame) found.push(frame.batch.length)
    else found.push(frame.kind === 'note' ? frame.note.type : frame.kind)
  }
  reader.close()
  return found
}

test('wherever a writer is killed, all that counts together is there, or nothing of it', () => {
  const directory = join(root, 'whole')
  const writer = makeWriter(directory)
  writer.append('slices', rows(1), none)
  const from = writer.position.offset
  writer.transaction(['a'], none, () => {
    writer.append('slices', rows(20), none)
    expect(read(directory)).toEqual([1])
    writer.append('open', rows(30), none)
  })
  const [segment = ''] = readdirSync(directory).filter((name) => name.endsWith('.spool'))
  const end = statSync(join(directory, segment)).size
  writer.close()
  for (let size = from; size <= end; size += 7) {
    const cut = join(root, `cut ${size}`)
    mkdirSync(cut)
    cpSync(directory, cut, { recursive: true })
    truncateSync(join(cut, segment), Math.min(size, end))
    const next = makeWriter(cut)
    next.append('slices', rows(3), none)
    next.close()
    expect(read(cut)).toEqual([1, 3])
  }
  expect(read(directory)).toEqual([1, 'begin', 20, 30, 'commit'])
})

test('what does not fit as a whole is lost as a whole, and told', () => {
  const directory = join(root, 'full')
  // Room for the first of them, and for what is told of losses.
  const writer = makeWriter(directory, 1400)
  const isTaken = writer.transaction(['a'], none, () => {
    expect(writer.append('slices', rows(10), none)).toBe(true)
    const more = rows(1000)
    crypto.getRandomValues(new Uint8Array(more.columns.octetDeltaCount.buffer).subarray(0, 8000))
    expect(writer.append('slices', more, none)).toBe(false)
  })
  expect(isTaken).toBe(false)
  expect(writer.lostRows).toBe(1010)
  writer.close()
  const again = makeWriter(directory)
  again.append('slices', rows(2), none)
  again.close()
  expect(read(directory)).toEqual(['gap', 2])
})
