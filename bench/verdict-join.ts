/**
 * What verdicts cost the follower: N open flows, each of which is given a verdict, one of as many
 * as there are names; then all of them end, and their rows say what they were.
 *
 *     npx tsx --expose-gc bench/verdict-join.ts [FLOWS] [NAMES]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VerdictJoin } from '../collector/conntrack/verdict-join.ts'
import { requireAddress } from '../model/address.ts'
import { VerdictBatch } from '../model/verdict-batch.ts'
import { message, natted } from '../test/netlink/message-builder.ts'
import type { Entry } from '../test/netlink/message-builder.ts'
import { trackInto } from './track-into.ts'

const flows = Number(process.argv[2] ?? 500_000)
const names = Number(process.argv[3] ?? 30_000)
const perMessage = 256

const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
const { spool, journal, tracker } = trackInto(directory)
const joins = new VerdictJoin(tracker)
const server = requireAddress('198.51.100.7')
const clientOf = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

/** Each flow is of another host, to the same server. */
function ends(i: number): Pick<Entry, 'original' | 'reply'> {
  const [at, to, own, port] = ['198.51.100.7', 443, clientOf(i), 40_000]
  const there = { source: own, destination: at, sourcePort: port, destinationPort: to, protocol: 6 }
  const outside = ['192.0.2.1', i & 0xffff] as const
  const back = { source: at, destination: outside[0], sourcePort: to, destinationPort: outside[1] }
  return { original: there, reply: { ...back, protocol: 6 } }
}

function timed(count: number, act: () => void): number {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/** The messages of one kind are built a piece at a time, outside of what is measured. */
function feed(kind: 'new' | 'destroy'): number {
  let us = 0
  for (let from = 0; from < flows; from += 10_000) {
    const list = Array.from({ length: Math.min(10_000, flows - from) }, (_, k) => {
      const i = from + k
      return message(kind, natted(0, 0, { id: i, ...ends(i) }))
    })
    us += timed(1, () => {
      for (const one of list) {
        const view = new DataView(one.buffer, one.byteOffset, one.length)
        tracker.datagram(view, 0, one.length, false)
      }
    })
  }
  return us / flows
}

/** Octets of objects; rows lie elsewhere, see bench/memory.ts. */
function heapUsed(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const begins = feed('new')

const batches = Array.from({ length: Math.ceil(flows / perMessage) }, (_, number) => {
  const batch = new VerdictBatch()
  for (let i = number * perMessage; i < Math.min(flows, (number + 1) * perMessage); i++) {
    const name = i % names
    const at = { client: requireAddress(clientOf(i)), clientPort: 40_000, server, serverPort: 443 }
    const verdict = { application: `application-${name % 300}`, category: 'business' }
    const host = { protocol: 'tls', hostName: `www-${name}.some-service.example.com` }
    const seen = { ...at, ipProtocol: 6, atUs: Date.now() * 1000 }
    batch.add(i, seen, { ...verdict, ...host, applicationId: 1 + (name % 300) })
  }
  return batch.take(false)
})
const before = heapUsed()
const joining = timed(flows, () => {
  for (const batch of batches) joins.take(batch, Date.now() * 1000)
})
const named = heapUsed()
const finishing = feed('destroy')
journal.flush()
spool.close()
rmSync(directory, { recursive: true })
const { counters } = joins
console.log(
  JSON.stringify({
    flows,
    names,
    joined: counters.joined,
    unjoined: counters.unjoined,
    usPerVerdict: joining,
    usPerNew: begins,
    usPerNamedDestroy: finishing,
    heapBytesPerFlow: (named - before) / flows,
    leftVerdicts: tracker.table.book.size,
  })
)
