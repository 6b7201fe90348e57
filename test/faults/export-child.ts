/**
 * Writes a spool and exports what is in it to files elsewhere, until SIGTERM: the two parts of the
 * program that share a disk with each other, and nothing else.
 */
import { join } from 'node:path'
import { ExportFeed } from '../../appliance/exporting/feed.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { targetOf } from '../exporter/flows.ts'
import { batchOf } from '../store/flow-rows.ts'

const [folder = '', path = '', first = ''] = process.argv.slice(2)
const rows = 10
const directory = join(folder, 'spool')
const nowUs = (): number => Date.now() * 1000
const spool = new SpoolWriter({ directory, source: 'test', maxBytes: 1 << 30, syncBytes: 1 << 20 })
const feed = new ExportFeed(targetOf({ path, name: 'test', options: [] }), {
  spools: [{ id: 'one', directory, extras: [] }],
  stateDir: join(folder, 'exporter'),
  host: { process: 1, bootUs: nowUs() - 86_400e6, interfaces: () => [] },
  log: (level, text) => void process.stderr.write(`${level}: ${text}\n`),
})

let id = BigInt(first)
function write(): void {
  const atUs = nowUs()
  const flows = Array.from({ length: rows }, () => ({
    source: '10.0.0.1 1000',
    destination: '198.51.100.1 80',
    postNatSource: '192.0.2.1 2000',
    startUs: atUs - 1e6,
    endUs: atUs,
    id: id++,
  }))
  spool.append('slices', batchOf(flows), { watermarkUs: atUs, closedThroughUs: atUs })
}

const running = feed.run()
const timers = [setInterval(write, 10), setInterval(() => spool.syncSoon(), 200)]
process.on('SIGTERM', () => {
  for (const timer of timers) clearInterval(timer)
  spool.close()
  feed.stop()
  void running.then(() => process.exit(0))
})
