import { isDeepStrictEqual } from 'node:util'
import { readDatagram } from '../../../collector/conntrack/datagram.ts'
import type { MessageSink } from '../../../collector/conntrack/datagram.ts'
import { place } from '../../../collector/conntrack/event-memory.ts'
import { zeroCounters } from '../../../collector/conntrack/tracker-counters.ts'
import { fields } from '../../../model/fields.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { ConntrackDecoder } from '../../../netlink/ctnetlink.ts'
import { makeBatchHarness } from '../../collector/conntrack/event-feed.ts'
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

let plain = makeHarness()
let quick = makeBatchHarness()
/** New ones now and then: what they have written stays in memory. */
const runsOfOne = 2000
let runs = 0

function begin(): void {
  plain = makeHarness()
  quick = makeBatchHarness()
  both([begins, ends])
}

function both(list: readonly Uint8Array[]): void {
  const [after, before] = [1.79e15, 1.79e15 + 999]
  for (const octets of list) plain.feed(Buffer.from(octets), after, before)
  quick.take(list, after, before)
}

/** Times within some days: what a slice of years is cut into takes longer than all else. */
class Times implements MessageSink {
  readonly counters = zeroCounters()
  interruptions = 0
  areNear = true
  private readonly decoder = new ConntrackDecoder()
  private readonly row = makeFlowBatch(1)

  began = (view: DataView, from: number, to: number): void => this.look(view, from, to)
  ended = (view: DataView, from: number, to: number): void => this.look(view, from, to)
  dumped = (view: DataView, from: number, to: number): void => this.look(view, from, to)

  private look(view: DataView, from: number, to: number): void {
    const { decoder } = this
    if (!decoder.decode(view, from, to, this.row.columns, 0)) return
    for (const us of [decoder.startUs, decoder.stopUs, decoder.eventUs]) {
      this.areNear &&= us === 0 || Math.abs(us - 1.79e15) < 1e12
    }
  }
}

function hasNearTimes(octets: Uint8Array): boolean {
  const times = new Times()
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  readDatagram(times, view, 0, octets.length, false)
  return times.areNear
}

/** The rows that have come since the last call: all columns, to the last octet. */
function newRows({ journal, frames }: ReturnType<typeof makeHarness>): unknown {
  journal.flush()
  const made = frames.splice(0)
  return made.map(({ kind, batch }) => [
    kind,
    batch.length,
    fields.map(({ name }) => Buffer.from(batch.columns[name].buffer)),
  ])
}

const stateOf = ({ tracker, journal }: ReturnType<typeof makeHarness>): unknown => [
  tracker.counters,
  tracker.lastFlowId,
  tracker.interruptions,
  journal.memory.words.slice(place.table, place.size + 1),
]

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
      const octets = input.subarray(0, 2048)
      if (!hasNearTimes(octets)) return
      const handedBack = quick.handedBack()
      both([soundBegin, octets, soundEnd, octets])
      holds(quick.handedBack() <= handedBack + 4, 'each is handed back once')
      holds(isDeepStrictEqual(stateOf(quick), stateOf(plain)), 'the same is counted')
      holds(isDeepStrictEqual(newRows(quick), newRows(plain)), 'the same rows are written')
    },
  }),
]
