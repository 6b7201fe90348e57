/**
 * What receiving costs when nothing is done with it: the bound of what can be reached from here.
 * Reads like the program, the same buffers, batches and naps, and counts. On SIGTERM, and for every
 * line that it reads, prints how many came and the CPU that they took.
 *
 *     npx tsx bench/receive-only.ts events|datagrams
 *
 * `events` takes conntrack's of this network namespace; `datagrams` prints its port of 127.0.0.1.
 */
import { immediate, Rest } from '../collector/conntrack/rest.ts'
import { v4MappedWord } from '../model/address.ts'
import { conntrackGroups } from '../netlink/ctnetlink.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { UdpSocket } from '../netlink/udp-socket.ts'

const receiveBuffer = process.argv[2] === 'events' ? 64 << 20 : 128 << 20

interface Source {
  readonly grantedBuffer: number
  readonly slots: number
  receive(): number
  readonly napMs?: number
}

function events(): Source {
  const slots = 256
  const groups = conntrackGroups.new | conntrackGroups.destroy
  const socket = new NetlinkSocket({ groups, receiveBuffer, slots, slotBytes: 2048 })
  return { grantedBuffer: socket.grantedBuffer, slots, receive: () => socket.receive() }
}

function datagrams(): Source {
  const socket = new UdpSocket({ ip: [0, 0, v4MappedWord, 0x7f000001], port: 0 }, receiveBuffer)
  console.log(socket.address.split(':').at(-1))
  const { grantedBuffer, slots } = socket
  return { grantedBuffer, slots, receive: () => socket.receive(), napMs: 8 }
}

const source = process.argv[2] === 'events' ? events() : datagrams()
const rest = new Rest(source.grantedBuffer, source.napMs)
let received = 0
function tell(): void {
  const { user, system } = process.cpuUsage()
  const totals = { news: received, datagrams: received, cpuUs: user + system }
  console.log(JSON.stringify(totals))
}
process.on('SIGTERM', () => {
  tell()
  process.exit(0)
})
process.stdin.on('data', tell).on('end', () => {
  if (process.argv[2] === 'events') return
  tell()
  process.exit(0)
})
for (;;) {
  const count = source.receive()
  received += Math.max(0, count)
  if (count === source.slots) await immediate()
  else await rest.nap(Math.max(0, count))
}
