import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import type { SpoolNote } from '../../store/spool-note.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { skipDisks, useDisks } from './small-disk.ts'

const firstUs = Date.UTC(2026, 4, 1) * 1000
const at = { watermarkUs: firstUs, closedThroughUs: firstUs }
const rows = 1000

/** Rows that no compression shortens; those whose number is odd were not translated. */
function makeRows(firstId: number, host = ''): FlowBatch {
  const batch = makeFlowBatch(rows, ['hostName'])
  const { columns, extras } = batch
  for (let row = 0; row < rows; row++) {
    const word = (n: number): number => Math.imul(firstId + row + 1, 2654435761 + 97 * n) >>> 0
    columns.flowId[2 * row] = firstId + row
    columns.flowStartMicroseconds[row] = firstUs + firstId + row
    columns.flowEndMicroseconds[row] = firstUs + firstId + row + 1e6
    columns.sourceAddress.set([word(0), word(1), word(2), word(3)], 4 * row)
    columns.postNatSourceAddress.set([word(0), word(1), word(2), word(3)], 4 * row)
    columns.postNaptSourceTransportPort[row] = row % 2 === 0 ? 1 + (row % 60_000) : 0
    if (extras.hostName !== undefined) extras.hostName[row] = batch.texts.numberOf(host)
  }
  batch.length = rows
  return batch
}

interface Read {
  readonly ids: Set<number>
  readonly gaps: (SpoolNote & { type: 'gap' })[]
  named: number
  damaged: number
}

function readAll(directory: string): Read {
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  const read = { ids: new Set<number>(), gaps: [] as Read['gaps'], named: 0, damaged: 0 }
  const into = makeFlowBatch(1024, ['hostName'])
  for (let frame = reader.next(into); frame !== undefined; frame = reader.next(into)) {
    if (frame.kind === 'damaged') read.damaged++
    if (frame.kind === 'note' && frame.note.type === 'gap') read.gaps.push(frame.note)
    if (!('batch' in frame)) continue
    for (let row = 0; row < frame.batch.length; row++) {
      const id = frame.batch.columns.flowId[2 * row] ?? 0
      if (read.ids.has(id)) throw new Error(`row ${id} stands twice`)
      read.ids.add(id)
      if ((frame.batch.extras.hostName?.[row] ?? 0) > 0) read.named++
    }
  }
  reader.close()
  return read
}

const lostOf = ({ gaps }: Read): number => gaps.reduce((sum, { lost = 0 }) => sum + lost, 0)

/** More than a thin disk takes, and less than its file system has room for. */
const plenty = 300 * rows

describe.skipIf(skipDisks)('on a disk of a few MiB', () => {
  const disks = useDisks()

  test('a full one and a kill: what was lost is told by the next run, to the row', async () => {
    const disk = disks.tmpfs(6)
    const directory = join(disk, 'spool')
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        fileURLToPath(new URL('./fill-spool.ts', import.meta.url)),
        directory,
        '5',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] }
    )
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const told = JSON.parse(line.toString()) as { rows: number; lost: number; endUs: number }
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(told.lost).toBe(5 * rows)

    // Still full: the program starts, takes nothing and forgets nothing.
    writeFileSync(join(disk, 'other'), Buffer.alloc(4096))
    const options = { directory, source: 'test', maxBytes: 1 << 30, syncBytes: 1 << 20 }
    const full = new SpoolWriter({ ...options, keepFreeBytes: 4 << 20 })
    expect(full.append('slices', makeRows(0), at)).toBe(false)
    expect(full.refusedFor).toBe('disk-full')
    full.close()
    const spool = new SpoolWriter({ ...options, maxBytes: 32 << 20 })
    rmSync(join(disk, 'other'))
    expect(spool.note({ type: 'watched-from', us: firstUs }, at)).toBe(true)
    spool.close()
    const read = readAll(directory)
    expect(read.gaps.every(({ reason }) => reason === 'disk-full')).toBe(true)
    expect(lostOf(read)).toBe(told.lost + rows)
    expect(read.damaged).toBe(0)
    expect(read.ids.size + told.lost).toBe(told.rows)
    expect(Math.min(...read.gaps.map(({ fromUs }) => fromUs))).toBeLessThanOrEqual(firstUs)
    expect(Math.max(...read.gaps.map(({ toUs }) => toUs))).toBeGreaterThanOrEqual(told.endUs - 1e6)
  })

  test('frames that wait and do not fit are lost as if each had been written at once', async () => {
    const disk = disks.tmpfs(6)
    const directory = join(disk, 'spool')
    const bounds = { maxBytes: 1 << 30, syncBytes: 1 << 30, gatherBytes: 256 << 10 }
    const spool = new SpoolWriter({ directory, source: 'test', ...bounds })
    // Somebody else leaves room for some of them, which nobody has looked at yet.
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'other'), Buffer.alloc(bavail * bsize - (100 << 10)))
    let id = 0
    for (; id < 20 * rows; id += rows) spool.append('slices', makeRows(id), at)
    rmSync(join(disk, 'other'))
    while (!spool.note({ type: 'watched-from', us: firstUs }, at)) await sleep(200)
    expect(spool.append('slices', makeRows(id), at)).toBe(true)
    const { lostRows } = spool
    spool.close()
    const read = readAll(directory)
    expect(lostRows).toBeGreaterThan(0)
    expect(read.gaps.every(({ reason }) => reason === 'disk-full')).toBe(true)
    expect([lostOf(read), read.damaged]).toEqual([lostRows, 0])
    expect(read.ids.size + lostRows).toBe(id + rows)
  })

  test('a sync that failed is written again, and nothing is lost where there is room then', async () => {
    const thin = disks.thin(5)
    const directory = join(thin.directory, 'spool')
    const spool = new SpoolWriter({
      directory,
      source: 'test',
      maxBytes: 1 << 30,
      syncBytes: 1 << 30,
    })
    let id = 0
    while (spool.failedSyncs === 0) {
      const end = Math.min(plenty, id + 10 * rows)
      for (; id < end; id += rows) spool.append('slices', makeRows(id), at)
      spool.syncSoon()
      await sleep(20)
    }
    thin.makeRoom()
    expect(await spool.sync()).toBe(true)
    expect(spool.lostRows).toBe(0)
    spool.append('slices', makeRows(id), at)
    spool.close()
    const read = readAll(directory)
    expect(read).toMatchObject({ gaps: [], damaged: 0 })
    expect(read.ids.size).toBe(id + rows)
  })

  test('a disk that goes on failing: what is in doubt is a gap, and a new segment begins', async () => {
    const thin = disks.thin(5)
    const directory = join(thin.directory, 'spool')
    const spool = new SpoolWriter({
      directory,
      source: 'test',
      maxBytes: 1 << 30,
      syncBytes: 1 << 30,
    })
    let id = 0
    while (spool.lostRows === 0) {
      const end = Math.min(plenty, id + 10 * rows)
      for (; id < end; id += rows) spool.append('slices', makeRows(id), at)
      spool.syncSoon()
      await sleep(20)
    }
    expect(spool.failedSyncs).toBeGreaterThan(3)
    thin.makeRoom()
    for (; !spool.append('slices', makeRows(id), at); id += rows) await sleep(200)
    expect(await spool.sync()).toBe(true)
    const { lostRows } = spool
    spool.close()
    const read = readAll(directory)
    expect(lostOf(read)).toBe(lostRows)
    expect(
      read.gaps.every(({ reason }) => reason === 'disk-full' || reason === 'disk-failed')
    ).toBe(true)
    // What may have been lost can have been kept all the same; what is not there was told.
    expect(read.ids.size + lostRows).toBeGreaterThanOrEqual(id + rows)
  })
})

test('a spool that fills gives up names first, then what was not translated, then the rest', () => {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
  const spool = new SpoolWriter({
    directory,
    source: 'test',
    maxBytes: 4 << 20,
    syncBytes: 1 << 20,
    extras: ['hostName'],
  })
  const states: string[] = []
  let id = 0
  while (spool.refused === 0) {
    if (states.at(-1) !== spool.state) states.push(spool.state)
    spool.append('slices', makeRows(id, 'host.example'), at)
    id += rows
  }
  expect(states).toEqual(['ok', 'filling', 'without-names', 'nat-only'])
  expect(spool.thinnedRows).toBeGreaterThan(0)
  const read = readAll(directory)
  expect(read.named).toBeGreaterThan(0)
  expect(read.named).toBeLessThan(read.ids.size)
  const plain = [...read.ids].filter((one) => one % 2 === 1).length
  expect(plain).toBeLessThan(read.ids.size / 2)
  // Nothing went silently: what is not read was counted, and is owed until there is room.
  expect(read.ids.size + spool.lostRows).toBe(id)
})
