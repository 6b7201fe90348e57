import { conntrackMessage } from '../../netlink/ctnetlink.ts'
import {
  align4,
  nfgenmsgBytes,
  nlmsgFlag,
  nlmsghdrBytes,
  nlmsgType,
} from '../../netlink/messages.ts'
import type { TrackerCounters } from './tracker-counters.ts'

/** Takes the messages of a datagram; each gets the range of its attributes. */
export interface MessageSink {
  readonly counters: TrackerCounters
  /** Messages that say that their dump is inconsistent (NLM_F_DUMP_INTR). */
  interruptions: number
  began(view: DataView, from: number, to: number): void
  ended(view: DataView, from: number, to: number): void
  dumped(view: DataView, from: number, to: number): void
}

/** How a dump ended: whole, or with an error instead of entries. */
export type DumpEnd = 'done' | 'refused'

/**
 * Takes one datagram of the event socket or of a dump: a row of netlink messages. One that cannot
 * be read is counted and never costs the next.
 *
 * @returns how a dump ended, where this datagram ends one
 */
export function readDatagram(
  sink: MessageSink,
  view: DataView,
  from: number,
  to: number,
  isDump: boolean
): DumpEnd | undefined {
  let at = from
  while (at + nlmsghdrBytes <= to) {
    const length = view.getUint32(at, true)
    if (length < nlmsghdrBytes || length > to - at) {
      sink.counters.malformed['message-length']++
      return undefined
    }
    const type = view.getUint16(at + 4, true)
    const flags = view.getUint16(at + 6, true)
    if ((flags & nlmsgFlag.dumpInterrupted) !== 0) sink.interruptions++
    if (type === nlmsgType.done) return 'done'
    if (type === nlmsgType.error) return 'refused'
    readMessage(sink, view, type, flags, at + nlmsghdrBytes + nfgenmsgBytes, at + length, isDump)
    at += align4(length)
  }
  if (at < to) sink.counters.malformed['message-length']++
  return undefined
}

function readMessage(
  sink: MessageSink,
  view: DataView,
  type: number,
  flags: number,
  from: number,
  to: number,
  isDump: boolean
): void {
  sink.counters.messages++
  if (type === conntrackMessage.delete) sink.ended(view, from, to)
  else if (type !== conntrackMessage.new) sink.counters.malformed['foreign-type']++
  else if (isDump) sink.dumped(view, from, to)
  else if ((flags & nlmsgFlag.create) !== 0) sink.began(view, from, to)
}
