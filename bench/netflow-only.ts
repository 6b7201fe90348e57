import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NetflowJournal } from '../appliance/netflow/journal.ts'
import { NetflowCollector } from '../collector/netflow/collector.ts'
import { NetflowReceiver } from '../collector/netflow/receiver.ts'
import { configSchema } from '../model/config-schema.ts'
import { toConfig } from '../model/config.ts'

/**
 * The NetFlow collector alone, sockets to spool: prints its address, and for every line that it
 * reads, and at its end, what it has done so far and the CPU that it took. Started by
 * bench/netflow-receivers.ts.
 */
const spoolDir = mkdtempSync(join(tmpdir(), 'flowledger-bench-netflow-'))
const { collector: collecting, spool } = toConfig(
  configSchema.parse({
    data_dir: spoolDir,
    collector: { netflow: { listen: ['127.0.0.1:0'], receive_buffer: '128MiB' } },
  })
)
const { netflow } = collecting
const { syncBytes, syncIntervalMs } = spool
const journal = new NetflowJournal({ source: 'bench', spoolDir, syncBytes, spoolMaxBytes: 2 ** 40 })
const collector = new NetflowCollector([], journal)
const receiver = new NetflowReceiver(collector, netflow)
console.log(receiver.addresses[0]?.split(':').at(-1))
const tick = setInterval(() => {
  receiver.checkDrops(Date.now() * 1000)
  collector.tick(Date.now() * 1000)
}, 1000)
const sync = setInterval(() => journal.spool.syncSoon(), syncIntervalMs)
function totals() {
  const { user, system } = process.cpuUsage()
  const exporters = [...collector.decoder.exporters.values()]
  const records = exporters.reduce((sum, { counters }) => sum + counters.records, 0)
  const { datagrams } = collector.decoder.counters
  const { kernelDrops } = receiver
  return { records, datagrams, kernelDrops, cpuUs: user + system, user, system }
}
process.stdin.on('data', () => {
  receiver.checkDrops(Date.now() * 1000)
  console.log(JSON.stringify(totals()))
})
process.stdin.on('end', () => receiver.stop())
await receiver.run()
clearInterval(tick)
clearInterval(sync)
receiver.checkDrops(Date.now() * 1000)
console.log(JSON.stringify(totals()))
journal.close()
rmSync(spoolDir, { recursive: true })
process.exit(0)
