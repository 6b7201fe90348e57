/**
 * Follows this namespace's conntrack to a spool and nothing else, until SIGTERM; then prints what
 * it saw as one line of JSON. The measured half of bench/conntrack-events.ts and bench/memory.ts.
 *
 *     npx tsx bench/follow-only.ts DATA_DIR
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Follower } from '../collector/conntrack/follower.ts'
import { noNetworks } from '../model/nat-view.ts'
import { verdictExtras } from '../model/flow-verdict.ts'
import { SpoolWriter } from '../store/spool-writer.ts'

const directory = join(process.argv[2] ?? '.', 'spool', 'conntrack')
const spool = new SpoolWriter({
  directory,
  source: 'conntrack',
  maxBytes: 64 * 2 ** 30,
  syncBytes: 1 << 20,
  extras: verdictExtras,
})
const follower = new Follower(
  { source: 'conntrack', networks: noNetworks, activeTimeoutUs: 1800e6, receiveBuffer: 64 << 20 },
  {
    append: (kind, batch, progress) => spool.append(kind, batch, progress),
    gap: (gap, progress) => spool.note({ type: 'gap', ...gap }, progress),
    watchedFrom: (us, progress) => spool.note({ type: 'watched-from', us }, progress),
  }
)
process.on('SIGTERM', () => follower.stop())
console.error(`following, receive buffer ${follower.events.grantedBuffer}`)
await follower.run()
spool.close()
const spoolBytes = readdirSync(directory).reduce(
  (sum, name) => sum + statSync(join(directory, name)).size,
  0
)
const { counters, table } = follower.tracker
const { newEvents, destroyEvents } = counters
console.log(
  JSON.stringify({
    ...counters,
    ...follower.counters,
    events: newEvents + destroyEvents,
    news: newEvents,
    destroys: destroyEvents,
    open: table.size,
    spoolBytes,
    rssBytes: process.memoryUsage().rss,
    cpu: process.cpuUsage(),
  })
)
