/**
 * What the follower costs without the kernel's share: prepared ctnetlink messages -> rows in a
 * spool.
 *
 *     npx tsx bench/track.ts [CONNECTIONS]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { message, natted } from '../test/netlink/message-builder.ts'
import { trackInto } from './track-into.ts'

const connections = Number(process.argv[2] ?? 200_000)
const counters = [3n, 300n, 4n, 4000n] as const

/** Messages as the kernel would send them, one behind the other, and where each begins. */
function prepare(kind: 'new' | 'destroy'): { view: DataView; starts: Int32Array } {
  const list = Array.from({ length: connections }, (_, i) => {
    const end = kind === 'destroy' ? { counters, startNs: 10n ** 18n, stopNs: 10n ** 18n + 9n } : {}
    const entry = natted(i & 0xffff, (i * 7919) & 0xffff, { id: i, zone: i >> 16, ...end })
    return message(kind, entry)
  })
  const bytes = Buffer.concat(list)
  const starts = new Int32Array(connections + 1)
  for (const [i, { length }] of list.entries()) starts[i + 1] = (starts[i] ?? 0) + length
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), starts }
}

const begins = prepare('new')
const ends = prepare('destroy')
const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
for (let round = 0; round < 4; round++) {
  const { spool, journal, tracker } = trackInto(directory)
  const before = process.cpuUsage()
  for (const { view, starts } of [begins, ends]) {
    for (let i = 0; i < connections; i++) {
      tracker.datagram(view, starts[i] ?? 0, starts[i + 1] ?? 0, false)
    }
  }
  journal.flush()
  const { user, system } = process.cpuUsage(before)
  const { newEvents, destroyEvents } = tracker.counters
  const perEvent = (user + system) / (newEvents + destroyEvents)
  console.log(JSON.stringify({ round, events: newEvents + destroyEvents, usPerEvent: perEvent }))
  spool.close()
}
rmSync(directory, { recursive: true })
