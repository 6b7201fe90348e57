/**
 * What the follower costs without the kernel's share: prepared ctnetlink messages -> rows in a
 * spool, in batches as a socket gives them. Copying them to where it would is not counted.
 *
 *     npx tsx bench/track.ts [CONNECTIONS]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBatch } from '../collector/conntrack/event-batch.ts'
import { eventSlotBytes, eventSlots } from '../collector/conntrack/event-memory.ts'
import { mmsghdrBytes } from '../netlink/mmsghdr.ts'
import { message, natted } from '../test/netlink/message-builder.ts'
import { trackInto } from './track-into.ts'

const connections = Number(process.argv[2] ?? 200_000)
const counters = [3n, 300n, 4n, 4000n] as const

/** Messages as the kernel would send them, one behind the other, and where each begins. */
function prepare(kind: 'new' | 'destroy'): { bytes: Buffer; starts: Int32Array } {
  const list = Array.from({ length: connections }, (_, number) => {
    // They end in another order than they began.
    const i = kind === 'new' ? number : (number * 7919) % connections
    const end = kind === 'destroy' ? { counters, startNs: 10n ** 18n, stopNs: 10n ** 18n + 9n } : {}
    const entry = natted(i & 0xffff, (i * 7919) & 0xffff, { id: i, zone: i >> 16, ...end })
    return message(kind, entry)
  })
  const bytes = Buffer.concat(list)
  const starts = new Int32Array(connections + 1)
  for (const [i, { length }] of list.entries()) starts[i + 1] = (starts[i] ?? 0) + length
  return { bytes, starts }
}

const begins = prepare('new')
const ends = prepare('destroy')
const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
for (let round = 0; round < 4; round++) {
  const { spool, journal, tracker } = trackInto(directory)
  const { data, headers } = journal.memory.receiveBuffers
  const batch = new EventBatch(tracker, journal)
  const datagrams = {
    view: new DataView(data.buffer, data.byteOffset, data.length),
    slotBytes: eventSlotBytes,
    lengthOf: (slot: number): number => headers.readUInt32LE(slot * mmsghdrBytes + 56),
  }
  let us = 0
  const measure = (act: () => void): void => {
    const before = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(before)
    us += user + system
  }
  for (const { bytes, starts } of [begins, ends]) {
    for (let first = 0; first < connections; first += eventSlots) {
      const count = Math.min(eventSlots, connections - first)
      for (let slot = 0; slot < count; slot++) {
        const [from = 0, to = 0] = [starts[first + slot], starts[first + slot + 1]]
        bytes.copy(data, slot * eventSlotBytes, from, to)
        headers.writeUInt32LE(to - from, slot * mmsghdrBytes + 56)
      }
      measure(() => batch.take(datagrams, count))
    }
  }
  measure(() => journal.flush())
  const { newEvents, destroyEvents } = tracker.counters
  const events = newEvents + destroyEvents
  console.log(JSON.stringify({ round, events, usPerEvent: us / events }))
  spool.close()
}
rmSync(directory, { recursive: true })
