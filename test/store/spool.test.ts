import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fields } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { SpoolPump } from '../../store/spool-pump.ts'
import type { SpoolCommit } from '../../store/spool-pump.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import type { SpoolFrame } from '../../store/spool-reader.ts'
import { segmentName } from '../../store/spool-segments.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'

const start = { segment: 0, offset: 0 }

function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
}

function open(directory: string, maxBytes = 1 << 30): SpoolWriter {
  return new SpoolWriter({ directory, source: 'test', maxBytes, syncBytes: 1 << 20 })
}

/** A batch whose rows all carry `first`, `first` + 1, … as their flow id. */
function numbered(first: number, rows: number): FlowBatch {
  const batch = makeFlowBatch(Math.max(1, rows))
  for (let row = 0; row < rows; row++) {
    batch.columns.flowId[2 * row] = first + row
    batch.columns.sourceAddress.set([0, 0, 0xffff, first + row], 4 * row)
  }
  batch.length = rows
  return batch
}

function idsOf(frame: SpoolFrame): number[] {
  if (!('batch' in frame)) return []
  const { batch } = frame
  return Array.from({ length: batch.length }, (_, row) => batch.columns.flowId[2 * row] ?? -1)
}

function readAll(directory: string): { ids: number[]; kinds: string[]; reader: SpoolReader } {
  const reader = new SpoolReader(directory, start)
  const ids: number[] = []
  const kinds: string[] = []
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    kinds.push(frame.kind)
    ids.push(...idsOf(frame))
  }
  return { ids, kinds, reader }
}

const at = (watermarkUs: number) => ({ watermarkUs, closedThroughUs: watermarkUs - 1 })

describe('full batches that may wait', () => {
  const openGathering = (directory: string): SpoolWriter => {
    const bounds = { maxBytes: 1 << 30, syncBytes: 1 << 20, gatherBytes: 64 << 10 }
    return new SpoolWriter({ directory, source: 'test', ...bounds })
  }
  const counted = (to: number): number[] => Array.from({ length: to }, (_, index) => index)

  test.each<[string, (spool: SpoolWriter) => void]>([
    ['a note', (spool) => spool.note({ type: 'watched-from', us: 1 }, at(1))],
    ['open flows', (spool) => spool.append('open', numbered(20, 1), at(1))],
    ['asking for the position', (spool) => spool.position],
    ['a sync', (spool) => spool.syncSoon()],
    ['the end', (spool) => spool.close()],
  ])('are written before %s', (_, then) => {
    const directory = makeDirectory()
    const spool = openGathering(directory)
    for (const first of [0, 10]) spool.append('slices', numbered(first, 10), at(1))
    expect(readAll(directory).ids).toEqual([])
    then(spool)
    expect(readAll(directory).ids.slice(0, 20)).toEqual(counted(20))
    spool.close()
  })

  test('wait for no more than was said, nor for one that is not full', () => {
    const directory = makeDirectory()
    const spool = openGathering(directory)
    for (let row = 0; row < 20_000; row += 1000) {
      spool.append('slices', numbered(row, 1000), at(1))
      const { ids } = readAll(directory)
      expect(ids).toEqual(counted(ids.length))
      expect(4 * (row + 1000 - ids.length)).toBeLessThan(64 << 10)
    }
    const few = numbered(20_000, 1000)
    few.length = 7
    spool.append('slices', few, at(1))
    expect(readAll(directory).ids).toEqual(counted(20_007))
    spool.close()
  })
})

describe('what was appended is read again', () => {
  test('every column of every row, whatever it holds', () => {
    const directory = makeDirectory()
    const spool = open(directory)
    const reader = new SpoolReader(directory, start)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer(), (rows, seed) => {
        const batch = makeFlowBatch(rows)
        let random = seed
        for (const { name } of fields) {
          const column = batch.columns[name]
          if (seed % 3 === 0 && name.startsWith('reverse')) continue
          for (let i = 0; i < column.length; i++) {
            random = Math.imul(random, 1103515245) + 12345
            column[i] = random >>> 0
          }
        }
        batch.length = rows
        expect(spool.append('slices', batch, at(seed))).toBe(true)
        const frame = reader.next()
        if (frame === undefined || !('batch' in frame)) throw new Error('no frame')
        expect(frame.watermarkUs).toBe(seed)
        for (const { name } of fields) {
          const read = frame.batch.columns[name].subarray(0, batch.columns[name].length)
          expect(read).toEqual(batch.columns[name])
        }
      }),
      { numRuns: 60 }
    )
  })

  test('IPv4 addresses take four octets, columns of zeros none', () => {
    const directory = makeDirectory()
    const spool = open(directory)
    const before = spool.position.offset
    spool.append('slices', numbered(1, 1000), at(1))
    expect(spool.position.offset - before).toBeLessThan(1000 * 70)
    expect(readAll(directory).ids).toHaveLength(1000)
  })

  test('a reader waits for what is not written yet and goes on in the next segment', () => {
    const directory = makeDirectory()
    const first = open(directory)
    first.append('open', numbered(1, 2), at(1))
    const reader = new SpoolReader(directory, start)
    expect(reader.next()?.kind).toBe('open')
    expect(reader.next()).toBeUndefined()
    first.append('slices', numbered(3, 1), at(2))
    first.close()
    const second = open(directory)
    second.note({ type: 'gap', fromUs: 1, toUs: 2, reason: 'down' }, at(3))
    expect(reader.next()?.kind).toBe('slices')
    expect(reader.next()).toMatchObject({ kind: 'note', note: { reason: 'down' } })
    expect(reader.next()).toBeUndefined()
  })
})

describe('damage', () => {
  test('a frame that the writer died in is passed over', () => {
    const directory = makeDirectory()
    const spool = open(directory)
    spool.append('slices', numbered(1, 10), at(1))
    const whole = spool.position.offset
    spool.append('slices', numbered(11, 10), at(2))
    truncateSync(join(directory, segmentName(1)), whole + 77)
    expect(readAll(directory).ids).toHaveLength(10)
    open(directory).append('slices', numbered(21, 10), at(3))
    const { ids, kinds, reader } = readAll(directory)
    expect(ids).toHaveLength(20)
    expect(kinds).not.toContain('damaged')
    expect(reader.damagedSegments).toBe(0)
  })

  test('a payload that changed costs its own frame only, and says so', () => {
    const directory = makeDirectory()
    const spool = open(directory)
    spool.append('slices', numbered(1, 10), at(1))
    const second = spool.position.offset
    spool.append('slices', numbered(11, 10), at(2))
    spool.append('slices', numbered(21, 10), at(3))
    const path = join(directory, segmentName(1))
    const bytes = readFileSync(path)
    bytes[second + 70] = (bytes[second + 70] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect(readAll(directory).kinds).toEqual(['slices', 'damaged', 'slices'])
  })

  test('a head that changed costs the rest of its segment, and the pump makes it a gap', async () => {
    const directory = makeDirectory()
    const spool = open(directory)
    spool.append('slices', numbered(1, 10), at(1000))
    const second = spool.position.offset
    spool.append('slices', numbered(11, 10), at(2000))
    const path = join(directory, segmentName(1))
    const bytes = readFileSync(path)
    bytes[second + 9] = 0xff
    writeFileSync(path, bytes)
    open(directory).append('slices', numbered(21, 10), at(3000))
    const commits = await pumpAll(directory)
    expect(commits.flatMap((commit) => commit.gaps)).toEqual([
      { fromUs: 1000, toUs: 3000, reason: 'spool-damaged' },
    ])
  })

  test('no octets make the reader throw or run for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, asFrame) => {
        const directory = makeDirectory()
        const path = join(directory, segmentName(1))
        if (asFrame) {
          open(directory).append('slices', numbered(1, 3), at(1))
          appendFileSync(path, noise)
        } else writeFileSync(path, noise)
        open(directory).append('slices', numbered(4, 2), at(2))
        const { ids } = readAll(directory)
        expect(ids.slice(-2)).toEqual([4, 5])
      }),
      { numRuns: 150 }
    )
  })
})

/** Runs a pump to the end of the spool, with a ledger that fails where `fails` says so. */
async function pumpAll(
  directory: string,
  fails: (commits: number) => 'before' | 'after' | undefined = () => undefined
): Promise<(SpoolCommit & { ids: number[] })[]> {
  const commits: (SpoolCommit & { ids: number[] })[] = []
  let tries = 0
  const pump = new SpoolPump(
    {
      readCursor: async () => commits.at(-1)?.cursor,
      commit: async (commit) => {
        const failure = fails(++tries)
        if (failure === 'before') throw new Error('the database is away')
        const ids = commit.batches.flatMap((batch) =>
          Array.from({ length: batch.length }, (_, row) => batch.columns.flowId[2 * row] ?? -1)
        )
        commits.push({ ...commit, ids })
        if (failure === 'after') throw new Error('the answer was lost')
      },
    },
    { directory, maxBytes: 1 << 30, keepMs: 1e9, onError: () => {} }
  )
  const running = pump.run()
  await pump.reach(new SpoolWriterEnd(directory).position, 20_000)
  pump.stop()
  await running
  return commits
}

/** Where a spool ends now. */
class SpoolWriterEnd {
  readonly position: { segment: number; offset: number }
  constructor(directory: string) {
    const { reader } = readAll(directory)
    this.position = reader.position
  }
}

describe('the pump', () => {
  test('writes each row exactly once, though commits fail before or after they took place', async () => {
    const directory = makeDirectory()
    const spool = open(directory)
    const wanted: number[] = []
    for (let frame = 0; frame < 50; frame++) {
      spool.append('open', numbered(frame * 10, 10), at(frame))
      spool.append('slices', numbered(frame * 10, 10), at(frame))
      for (let i = 0; i < 10; i++) wanted.push(frame * 10 + i)
    }
    const commits = await pumpAll(directory, (tries) =>
      tries === 2 ? 'before' : tries === 3 ? 'after' : undefined
    )
    expect(commits.flatMap((commit) => commit.ids)).toEqual(wanted)
  })
})

describe('bounds', () => {
  test('a full spool refuses, says why, and takes again when there is room', async () => {
    const directory = makeDirectory()
    const spool = open(directory, 200_000)
    while (spool.append('slices', numbered(1, 1000), at(1))) if (spool.refused > 0) break
    expect(spool.refused).toBe(1)
    expect(spool.refusal).toMatch(/bound of 200000 octets/)
    expect(readAll(directory).kinds).not.toContain('damaged')
  })
})
