import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { segmentName } from '../../store/spool-segments.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { until } from '../until.ts'

const at = { watermarkUs: 1, closedThroughUs: 0 }

test('a clock that is set back while a spool is full makes it rest no longer', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
  const options = { directory, source: 'test', maxBytes: 200_000, syncBytes: 1 << 20 }
  const batch = makeFlowBatch(1000)
  batch.length = 1000
  const before = new SpoolWriter(options)
  while (before.append('slices', batch, at)) if (before.refused > 0) break
  before.close()
  const spool = new SpoolWriter(options)
  expect(spool.append('slices', batch, at)).toBe(false)
  const trueNow = Date.now
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => trueNow() - 3 * 3_600_000)
  try {
    rmSync(join(directory, segmentName(1)))
    await until(() => spool.append('slices', batch, at))
  } finally {
    clock.mockRestore()
    rmSync(directory, { recursive: true })
  }
})
