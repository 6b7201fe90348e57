import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SpoolPump } from '../../store/spool-pump.ts'
import type { SpoolCommit } from '../../store/spool-pump.ts'
import { listSegments, segmentName } from '../../store/spool-segments.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { until } from '../until.ts'
import { batchOf } from './flow-rows.ts'
import { randomFlows } from './archive/random-flows.ts'

test.each([
  ['a whole segment behind', 2, 30],
  ['in the same segment, and shorter', 1, 1],
])('a spool that was emptied and kept its name is told of: %s', async (_, segments, rows) => {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
  const append = (count: number, atUs: number): SpoolWriter => {
    const spool = new SpoolWriter({
      directory,
      source: 'gw1',
      maxBytes: 1 << 30,
      syncBytes: 1 << 20,
    })
    const progress = { watermarkUs: atUs, closedThroughUs: atUs }
    spool.append('slices', batchOf(randomFlows(1, count)), progress)
    return spool
  }
  let committed = append(30, 1000).position
  for (let segment = 1; segment < segments; segment++) committed = append(30, 2000).position
  for (const segment of listSegments(directory)) rmSync(join(directory, segmentName(segment)))
  append(rows, 3000)
  const said: unknown[] = []
  const commits: SpoolCommit[] = []
  const pump = new SpoolPump(
    { readCursor: async () => committed, commit: async (commit) => void commits.push(commit) },
    { directory, maxBytes: 1 << 30, keepMs: 1e9, onError: (error) => said.push(error) }
  )
  const running = pump.run()
  await until(() => pump.failure !== undefined)
  expect(pump.failure).toMatchObject({ code: 'spool-corrupt' })
  expect(said).toContainEqual(pump.failure)
  expect(commits.flatMap(({ batches }) => batches)).toEqual([])
  pump.stop()
  await running
  rmSync(directory, { recursive: true })
})
