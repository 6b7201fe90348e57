/** Appends frames of random rows until the spool refuses some, says what it did, and waits. */
import { randomFillSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'

const [directory = '', refusals = ''] = process.argv.slice(2)
const rows = 1000
const fromUs = Date.UTC(2026, 4, 1) * 1000
const spool = new SpoolWriter({ directory, source: 'test', maxBytes: 1 << 30, syncBytes: 1 << 20 })
const batch = makeFlowBatch(rows)
let frames = 0
for (; spool.refused < Number(refusals); frames++) {
  randomFillSync(batch.columns.sourceAddress)
  for (let row = 0; row < rows; row++) {
    batch.columns.flowId[2 * row] = frames * rows + row
    batch.columns.flowStartMicroseconds[row] = fromUs + frames * 1e6 + row
    batch.columns.flowEndMicroseconds[row] = fromUs + frames * 1e6 + 2 * row
  }
  batch.length = rows
  spool.append('slices', batch, { watermarkUs: fromUs, closedThroughUs: fromUs })
}
// What was told is safe then.
await sleep(300)
console.log(
  JSON.stringify({ rows: frames * rows, lost: spool.lostRows, endUs: fromUs + frames * 1e6 })
)
setInterval(() => {}, 1000)
