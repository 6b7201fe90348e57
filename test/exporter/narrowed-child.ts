/**
 * Run in a network namespace of its own: sends over its loopback, makes that narrower, and prints
 * what was sent and received as JSON.
 */
import { execFileSync } from 'node:child_process'
import { exportUs } from './encoding.ts'
import { batchWith, shapes, targetOf } from './flows.ts'
import { collectUdp, makeTarget } from './sending.ts'
import { until } from '../until.ts'

const ip = (...argv: readonly string[]): void => {
  execFileSync('ip', ['link', 'set', 'lo', ...argv])
}

ip('mtu', '1500', 'up')
const batch = batchWith(shapes, [])
const collector = await collectUdp()
const target = makeTarget(targetOf({ address: `127.0.0.1:${collector.port}` }))
const longest = (): number => Math.max(...collector.raw.map(({ length }) => length))
const tell = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await target.tell(batch, 'slices', exportUs)
  await target.flush(exportUs)
}

await target.open(exportUs)
await tell()
await until(() => collector.raw.length >= target.counters.messages)
const before = longest()
ip('mtu', '700')
await tell()
const isDue = target.isDue(exportUs)
await target.close()
const { messages, records } = target.notSent
collector.raw.length = 0
collector.messages.length = 0
const told = target.counters.messages
await target.open(exportUs)
await tell()
await until(() => collector.raw.length >= target.counters.messages - told)
const received = collector.messages.flatMap((message) => message.records).length
const { lost } = collector.reader
console.log(JSON.stringify({ before, isDue, messages, records, after: longest(), received, lost }))
await target.close()
await collector.close()
