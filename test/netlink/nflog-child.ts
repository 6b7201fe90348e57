/**
 * In a namespace of its own: sends bursts of datagrams through a rule that logs and counts them,
 * and reads them with a buffer that holds one datagram of NFLOG. Writes what was counted after each
 * step as JSON.
 */
import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { runTool } from '../../cli/demo/namespaces.ts'
import { NflogSource } from '../../collector/capture/nflog-source.ts'
import { bindNflog, NflogReader } from '../../netlink/nflog.ts'
import { NetlinkSocket } from '../../netlink/socket.ts'
import { until } from '../until.ts'

const ruleset = `table inet t {
  chain c {
    type filter hook output priority filter;
    udp dport 9 counter log group 7 snaplen 200 queue-threshold 16
  }
}
`
runTool('nft', ['-f', '-'], ruleset)
const sender = createSocket('udp4')
let sent = 0

async function send(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => {
      sender.send(String(sent++), 9, '127.0.0.1', resolve)
    })
  }
  // The kernel keeps what is fewer than the threshold for 20 ms.
  await sleep(100)
}

/** A buffer overruns, some of it is read, and more comes: what of that finds no room? */
async function droppedAfterRoom(): Promise<number> {
  const slots = 1
  const socket = new NetlinkSocket({
    groups: 0,
    receiveBuffer: 100_000,
    slots,
    slotBytes: 131_072,
    dropsSingly: true,
  })
  const timing = { threshold: 16, timeoutMs: 20 }
  const options = { group: 7, snapLength: 200, datagramBytes: 65_024, ...timing }
  bindNflog(socket, new NflogReader(), options)
  await send(1600)
  const before = socket.drops
  if (before === 0) throw new Error('nothing overran')
  for (let i = 0; i < 10; i++) socket.receive()
  await send(80)
  const dropped = socket.drops - before
  socket.close()
  return dropped
}

const afterRoom = await droppedAfterRoom()
sent = 0
// The rule anew counts from nought.
runTool('nft', ['-f', '-'], `delete table inet t\n${ruleset}`)
const source = new NflogSource({ group: 7, snapLength: 200, receiveBuffer: 2304 })
const payloads: number[] = []
/** Reads what is there, and goes on reading. */
const read = async () => {
  void source.run(
    ({ buffer, at, end }) => payloads.push(Number(Buffer.from(buffer.slice(at + 28, end)))),
    () => {}
  )
  await sleep(100)
}

function report() {
  const rule = /counter packets (\d+)/.exec(runTool('nft', ['list', 'table', 'inet', 't']))?.[1]
  return { rule: Number(rule), ...source.counters }
}

await send(1000)
await read()
const burst = report()
await send(1)
await until(() => payloads.at(-1) === 1000)
const next = report()
source.stop()
await sleep(20)
sender.close()
console.log(JSON.stringify({ burst, next, closed: report(), payloads, afterRoom }))
