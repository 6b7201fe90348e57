import { isDeepStrictEqual } from 'node:util'
import { readDatagram } from '../../../collector/conntrack/datagram.ts'
import type { MessageSink } from '../../../collector/conntrack/datagram.ts'
import { place } from '../../../collector/conntrack/event-memory.ts'
import { tupleHashV4 } from '../../../collector/conntrack/open-row.ts'
import { zeroCounters } from '../../../collector/conntrack/tracker-counters.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { ConntrackDecoder } from '../../../netlink/ctnetlink.ts'
import type { TrackerCounters } from '../../../collector/conntrack/tracker-counters.ts'
import { known } from '../../collector/conntrack/both-ways.ts'
import { makeBatchHarness } from '../../collector/conntrack/event-feed.ts'
import { RowTape } from '../../collector/conntrack/row-tape.ts'
import { makeHarness } from '../../collector/conntrack/tracker-harness.ts'
import { message, natted } from '../../netlink/message-builder.ts'
import { octetsLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'

const ns = 1_790_000_000_000_000_000n
const end = {
  status: 14,
  tcpState: 7,
  counters: [1n, 100n, 2n, 2000n] as const,
  startNs: ns,
  stopNs: ns + 10n ** 9n,
}
const begins = message('new', natted(1, 2, { zone: 3, mark: 9, eventNs: ns }))
const ends = message('destroy', natted(1, 2, { zone: 3, mark: 9, ...end }))
/** Of another connection, which nothing that is made of these is likely to be. */
const soundBegin = message('new', natted(40_000, 50_000, { zone: 3, mark: 9, eventNs: ns }))
const soundEnd = message('destroy', natted(40_000, 50_000, { zone: 3, mark: 9, ...end }))

/** Gives the sound connection the times of another one than it was before. */
function renew(): void {
  const atNs = ns + BigInt(runs % runsOfOne) * 2_000_000_000n
  soundBegin.writeBigUInt64BE(atNs, soundBegin.length - 8)
  soundEnd.writeBigUInt64BE(atNs, soundEnd.length - 20)
  soundEnd.writeBigUInt64BE(atNs + 1_000_000_000n, soundEnd.length - 8)
}

/** What both ways wrote, and what they are. */
let plainRows = new RowTape()
let quickRows = new RowTape()
let plain = makeHarness(undefined, plainRows.append)
let quick = makeBatchHarness(undefined, quickRows.append)
/** New ones now and then: more and more connections stay open. */
const runsOfOne = 2000
let runs = 0

/** That the connection of most inputs has ended is forgotten: it is the same again and again. */
const seedHash = tupleHashV4(0x0a000002, 0xc6336407, 1 | (443 << 16), 6 ^ (3 << 16))
let seedEnded: Uint8Array[] = []

function begin(): void {
  holds(isDeepStrictEqual(known(quick), known(plain)), 'the same connections are known')
  plainRows = new RowTape()
  quickRows = new RowTape()
  plain = makeHarness(undefined, plainRows.append)
  quick = makeBatchHarness(undefined, quickRows.append)
  seedEnded = [plain, quick].map(({ journal: { memory } }) => {
    return new Uint8Array(memory.columns.buffer, place.ring + 24 * (seedHash & 8191), 24)
  })
  both([begins, ends])
}

function both(list: readonly Uint8Array[]): void {
  const [after, before] = [1.79e15, 1.79e15 + 999]
  for (const octets of list) plain.feed(Buffer.from(octets), after, before)
  quick.take(list, after, before)
}

/** Times within some hours: what a slice of years is cut into takes longer than all else. */
class Times implements MessageSink {
  readonly counters = zeroCounters()
  interruptions = 0
  private areNear = true
  private readonly decoder = new ConntrackDecoder()
  private readonly row = makeFlowBatch(1)

  began = (view: DataView, from: number, to: number): void => this.look(view, from, to)
  ended = (view: DataView, from: number, to: number): void => this.look(view, from, to)
  dumped = (view: DataView, from: number, to: number): void => this.look(view, from, to)

  areNearIn(octets: Uint8Array): boolean {
    this.areNear = true
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    readDatagram(this, view, 0, octets.length, false)
    return this.areNear
  }

  private look(view: DataView, from: number, to: number): void {
    const { decoder } = this
    if (!decoder.decode(view, from, to, this.row.columns, 0)) return
    for (const us of [decoder.startUs, decoder.stopUs, decoder.eventUs]) {
      this.areNear &&= us === 0 || Math.abs(us - 1.79e15) < 3e10
    }
  }
}

const times = new Times()

/** True where both wrote the same rows since the last call: all columns, to the last octet. */
function wroteTheSame(): boolean {
  plain.journal.flush()
  quick.journal.flush()
  const isSame = quickRows.equals(plainRows)
  plainRows.empty()
  quickRows.empty()
  return isSame
}

const { malformed, ...others } = zeroCounters()
const counted = Object.keys(others) as (keyof typeof others)[]
const reasons = Object.keys(malformed) as (keyof typeof malformed)[]

function countedTheSame(a: TrackerCounters, b: TrackerCounters): boolean {
  for (const name of counted) if (a[name] !== b[name]) return false
  for (const reason of reasons) if (a.malformed[reason] !== b.malformed[reason]) return false
  return true
}

function areAlike(): boolean {
  const [{ tracker: a }, { tracker: b }] = [plain, quick]
  if (a.lastFlowId !== b.lastFlowId || a.interruptions !== b.interruptions) return false
  const [one, other] = [plain.journal.memory.words, quick.journal.memory.words]
  for (let at: number = place.table; at <= place.size; at++) if (one[at] !== other[at]) return false
  return countedTheSame(a.counters, b.counters)
}

/** Events that compiled kernels take where they can become what they become one by one. */
export const conntrackEventTargets = [
  octetsTarget({
    name: 'conntrack-events',
    decoders: [
      'collector/conntrack/event-batch.ts',
      'collector/conntrack/event-shapes.ts',
      'collector/conntrack/event-kernels.wat',
    ],
    inputs: octetsLike([begins, ends]),
    run(input) {
      if (runs++ % runsOfOne === 0) begin()
      for (const ended of seedEnded) ended.fill(0)
      renew()
      const octets = input.subarray(0, 2048)
      if (!times.areNearIn(octets)) return
      const handedBack = quick.handedBack()
      both([soundBegin, octets, soundEnd, octets])
      holds(quick.handedBack() <= handedBack + 4, 'each is handed back once')
      holds(areAlike(), 'the same is counted')
      holds(wroteTheSame(), 'the same rows are written')
    },
  }),
]
