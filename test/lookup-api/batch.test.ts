import { expect, test } from 'vitest'
import { openBatch } from '../../lookup-api/batch.ts'
import type { BatchRow } from '../../lookup-api/batch.ts'
import { maxBatchLookups } from '../../model/limits.ts'

test('a batch ends after the row that is too many', async () => {
  async function* lines() {
    for (;;) yield { text: '{"ip":"192.0.2.1","at":"now"}', tooLong: false }
  }
  let last: BatchRow | undefined
  let readable = 0
  for await (const row of await openBatch(lines(), 'ndjson')) {
    if (row.error === undefined) readable++
    last = row
  }
  expect(readable).toBe(maxBatchLookups)
  expect(last).toMatchObject({ row: maxBatchLookups + 1, error: { status: 413 } })
})
