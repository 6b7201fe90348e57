/**
 * Writes random flows into a spool at a rate for some time, as a collector does, and prints how
 * many so far, a line a second; then how many the spool refused. The sending half of
 * bench/archive-ingest.ts.
 *
 *     npx tsx bench/archive-sender.ts DIRECTORY RATE SECONDS FIRST_US SPEED
 *
 * FIRST_US is when the first record starts, and SPEED how many seconds of theirs pass in one of
 * ours.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { SpoolWriter } from '../store/spool-writer.ts'
import { fillRandom, makeRandom } from './random-flows.ts'

const [directory = '', ...numbers] = process.argv.slice(2)
const [rate = 0, seconds = 0, firstUs = 0, speed = 1] = numbers.map(Number)

/** The product's default of `spool.sync_interval` (ms). */
const syncMs = 200

const spool = new SpoolWriter({ directory, source: 'bench', maxBytes: 2 ** 40, syncBytes: 1 << 23 })
const sync = setInterval(() => spool.syncSoon(), syncMs)
const batch = makeFlowBatch(batchRows)
const random = makeRandom(99)
const began = performance.now()
let [sent, refused, told] = [0, 0, 0]
for (;;) {
  const passed = (performance.now() - began) / 1000
  if (passed >= seconds) break
  const due = Math.floor(passed * rate)
  while (sent + batchRows <= due) {
    const at = (rows: number): number => Math.floor(firstUs + (rows / rate) * speed * 1e6)
    fillRandom(batch, random, sent, at(sent), at(sent + batchRows))
    const watermarkUs = at(sent + batchRows)
    const isTaken = spool.append('slices', batch, { watermarkUs, closedThroughUs: watermarkUs })
    if (!isTaken) refused += batch.length
    sent += batch.length
  }
  if (passed >= told + 1) {
    told = Math.floor(passed)
    process.stdout.write(`${sent}\n`)
  }
  await sleep(10)
}
clearInterval(sync)
spool.close()
process.stdout.write(`${sent}\nrefused ${refused}\n`)
