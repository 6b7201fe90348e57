/**
 * What receiving costs when nothing is done with it: the bound of what can be reached from here.
 * Reads like the program, the same buffers, batches and naps, and counts. On SIGTERM, and for every
 * line that it reads, prints how many came and the CPU that they took.
 *
 *     npx tsx bench/receive-only.ts events|datagrams [FOLDER]
 *
 * `events` takes conntrack's of this network namespace; `datagrams` prints its port of 127.0.0.1.
 * With a folder, as many octets as the spool takes for these events are written there, and synced
 * as the spool does it: what no program can do without that keeps events on disk.
 */
import { mkdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { immediate, Rest } from '../collector/conntrack/rest.ts'
import { v4MappedWord } from '../model/address.ts'
import { noRows } from '../store/extent.ts'
import { SegmentFile } from '../store/segment-file.ts'
import { conntrackGroups } from '../netlink/ctnetlink.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { UdpSocket } from '../netlink/udp-socket.ts'

const receiveBuffer = process.argv[2] === 'events' ? 64 << 20 : 128 << 20

interface Source {
  readonly grantedBuffer: number
  /** Takes one batch; gives how many came. */
  receive(): number
  /** Whether more may wait behind a batch of so many. */
  isFull(count: number): boolean
  readonly napMs?: number
}

function events(): Source {
  const slots = 256
  const groups = conntrackGroups.new | conntrackGroups.destroy
  const socket = new NetlinkSocket({ groups, receiveBuffer, slots, slotBytes: 2048 })
  const isFull = (count: number): boolean => count === slots
  return { grantedBuffer: socket.grantedBuffer, receive: () => socket.receive(), isFull }
}

function datagrams(): Source {
  const socket = new UdpSocket({ ip: [0, 0, v4MappedWord, 0x7f000001], port: 0 }, receiveBuffer)
  console.log(socket.address.split(':').at(-1))
  const receive = (): number => {
    const messages = socket.receive()
    let count = messages
    for (let slot = 0; slot < messages; slot++) {
      socket.at(slot)
      count += Math.ceil((socket.to - socket.from) / socket.each) - 1
    }
    return count
  }
  return { grantedBuffer: socket.grantedBuffer, receive, isFull: () => socket.isFull, napMs: 8 }
}

/** What the spool takes for an event of conntrack-events.ts, as follow-only.ts tells it. */
const octetsAnEvent = 18
const [frameEvents, syncBytes] = [1024, 1 << 20] as const

/** Writes the octets of so many events. */
function writerTo(folder: string): (count: number) => void {
  mkdirSync(folder, { recursive: true })
  const outcome = { safe() {}, mended() {}, lost() {} }
  const file = new SegmentFile(join(folder, 'written'), Buffer.alloc(1), outcome)
  const frame = randomBytes(frameEvents * octetsAnEvent)
  let waiting = 0
  return (count) => {
    for (waiting += count; waiting >= frameEvents; waiting -= frameEvents) {
      file.append(frame, frame.length, noRows)
      if (file.unsynced >= syncBytes) file.syncSoon()
    }
  }
}

const write = process.argv[3] === undefined ? () => {} : writerTo(process.argv[3])
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
  write(Math.max(0, count))
  if (source.isFull(count)) await immediate()
  else await rest.nap(Math.max(0, count))
}
