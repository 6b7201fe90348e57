import { isDeepStrictEqual } from 'node:util'
import { place } from '../../../collector/conntrack/event-memory.ts'
import { rowWords } from '../../../collector/conntrack/open-row.ts'
import type { Tracker } from '../../../collector/conntrack/tracker.ts'
import { makeBatchHarness } from './event-feed.ts'
import { makeHarness } from './tracker-harness.ts'

export const second = 1_000_000
/** When events of tests come (us since 1970). */
export const t0 = 1_790_000_000 * second
/** Nanoseconds as the kernel tells them of a time in microseconds. */
export const ns = (us: number): bigint => BigInt(us) * 1000n + 123n

/** One tracker as it is, and one whose events compiled kernels take where they can. */
export class BothWays {
  readonly plain = makeHarness()
  readonly quick = makeBatchHarness()
  private nowUs = t0

  events(list: readonly Uint8Array[]): void {
    const before = this.nowUs + 999
    for (const octets of list) this.plain.feed(Buffer.from(octets), this.nowUs, before)
    this.quick.take(list, this.nowUs, before)
    this.nowUs += second
  }

  each(act: (harness: ReturnType<typeof makeHarness>) => void): void {
    act(this.plain)
    act(this.quick)
  }

  dump(list: readonly Buffer[], meanwhile: readonly Uint8Array[]): void {
    for (const { tracker } of [this.plain, this.quick]) {
      tracker.dump++
      tracker.dumpStartUs = this.nowUs
      tracker.meanwhile.begin()
    }
    this.events(meanwhile)
    this.each(({ feed, tracker }) => {
      for (const entry of list) feed(entry, this.nowUs, this.nowUs, true)
      tracker.meanwhile.end()
      tracker.settle()
    })
  }

  /** What is not the same with both, of all that is known and was told. */
  differences(): string[] {
    const one = told(this.plain)
    const other = told(this.quick)
    const names = new Set([...one.keys(), ...other.keys()])
    return [...names].filter((name) => !isDeepStrictEqual(one.get(name), other.get(name)))
  }
}

function told(harness: ReturnType<typeof makeHarness>): Map<string, unknown> {
  const { tracker, journal, frames } = harness
  journal.flush()
  const all: [string, unknown][] = frames.flatMap(({ kind, batch }, i) => {
    const { length, texts } = batch
    const parts = [...Object.entries(batch.columns), ...Object.entries(batch.extras)]
    return [
      [`frame ${i}`, [kind, length, texts.list()]] as [string, unknown],
      ...parts.map(([name, column]): [string, unknown] => [`frame ${i} ${name}`, column]),
    ]
  })
  return new Map<string, unknown>([
    ...all,
    ...known(harness),
    ['counters', tracker.counters],
    ['last flow id', tracker.lastFlowId],
    ['interruptions', tracker.interruptions],
    ['ends', tracker.ends?.take().ended],
    ['verdicts', tracker.table.book.size],
  ])
}

/** What a tracker knows of connections: those that are open, and those that ended last. */
export function known({
  tracker,
  journal,
}: ReturnType<typeof makeHarness>): [string, Buffer | Int32Array][] {
  const { words, columns } = journal.memory
  const table = words[place.table] ?? 0
  const ring = Buffer.from(columns.buffer, place.ring, place.shapes - place.ring)
  return [
    ['places of the table', words.slice(place.table, place.size + 1)],
    ['what ended last', Buffer.from(ring)],
    ['the table', withoutFree(tracker, Buffer.from(Buffer.from(columns.buffer, table)))],
  ]
}

/** What the rows of flows that are over hold is nobody's. */
function withoutFree({ table }: Tracker, octets: Buffer): Buffer {
  for (let row = 0; row < table.rowsUsed; row++) {
    if (!table.isOpen(row)) octets.fill(0, 4 * rowWords * row, 4 * rowWords * (row + 1))
  }
  return octets
}
