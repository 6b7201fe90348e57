import type { IdentityEvent } from '../../model/identity.ts'
import { interfaceName } from '../../netlink/interface-name.ts'
import { align4, nlmsgFlag, nlmsghdrBytes, nlmsgType } from '../../netlink/messages.ts'
import {
  decodeNeighbour,
  NETLINK_ROUTE,
  neighbourDump,
  neighbourGroup,
  neighbourMessage,
} from '../../netlink/neighbour.ts'
import type { NeighbourFailure } from '../../netlink/neighbour.ts'
import { NetlinkSocket, receiveResult } from '../../netlink/socket.ts'
import { NeighbourTable } from './neighbour-table.ts'

const slots = 32
/** The kernel packs a dump into datagrams of at most 32 KiB. */
const slotBytes = 32_768
const bufferBytes = 4 << 20
/** Receive calls of one poll, so that a storm of events never holds up the rest of the program. */
const maxCalls = 16
/** Between two looks at the whole table: entries in use are confirmed without an event. */
const dumpEveryUs = 60e6
/** An answer to a dump that takes longer never comes. */
const dumpPatienceUs = 10e6

/** A time in which the source was not heard. */
export interface IdentityGap {
  readonly fromUs: number
  readonly toUs: number
  readonly reason: string
}

export interface NeighboursOptions {
  /** Where its statements stand: the name of this host. */
  readonly record: string
  /** Names of the interfaces to follow; left out: all. */
  readonly interfaces?: readonly string[]
  /** Wanted receive buffer in octets. */
  readonly receiveBuffer?: number
  readonly nowUs?: () => number
}

/** Follows this host's neighbour table (ARP and Neighbour Discovery) over rtnetlink. */
export class NeighbourFollower {
  readonly table: NeighbourTable
  readonly counters = { messages: 0, dumps: 0, overruns: 0 }
  readonly malformed: Record<NeighbourFailure, number> = {
    'message-length': 0,
    'attribute-length': 0,
    'value-length': 0,
  }
  /** Times of which events were lost. */
  gaps: IdentityGap[] = []
  readonly socket: NetlinkSocket
  private readonly interfaces: ReadonlySet<string> | undefined
  private readonly names = new Map<number, string>()
  private readonly nowUs: () => number
  private events: IdentityEvent[] = []
  private polledUs = 0
  private sequence = 0
  /** Since when a dump is under way; 0: none is. */
  private dumpingUs = 0
  private nextDumpUs = 0

  /** @throws FlowledgerError `permission-missing` where the group may not be joined */
  constructor(options: NeighboursOptions) {
    const { record, interfaces, receiveBuffer = bufferBytes } = options
    const { nowUs = () => Date.now() * 1000 } = options
    this.table = new NeighbourTable(record)
    this.interfaces = interfaces === undefined ? undefined : new Set(interfaces)
    this.nowUs = nowUs
    this.socket = new NetlinkSocket({
      protocol: NETLINK_ROUTE,
      groups: neighbourGroup,
      receiveBuffer,
      slots,
      slotBytes,
    })
    this.polledUs = this.nowUs()
    // Nobody watched before: what an earlier run knew had ended by now, as far as we can tell.
    this.events.push(this.table.restart(this.polledUs))
  }

  /**
   * Begins again after something was lost: what was known has ended by now at the latest, and the
   * table is read anew.
   */
  startOver(reason: string, fromUs = this.polledUs): void {
    const toUs = this.nowUs()
    this.gaps.push({ fromUs, toUs, reason })
    this.events.push(this.table.restart(toUs))
    this.nextDumpUs = 0
  }

  /** The gaps since the last call. */
  takeGaps(): IdentityGap[] {
    const { gaps } = this
    this.gaps = []
    return gaps
  }

  /**
   * Takes what has happened since the last call; never waits.
   *
   * @throws FlowledgerError where the socket fails
   */
  poll(): IdentityEvent[] {
    for (let calls = 0; calls < maxCalls; calls++) {
      const count = this.socket.receive()
      if (count === receiveResult.overrun) {
        this.counters.overruns++
        this.startOver('overrun')
        continue
      }
      for (let slot = 0; slot < count; slot++) this.takeDatagram(slot)
      if (this.socket.drained(count)) break
    }
    this.dumpWhenDue()
    this.polledUs = this.nowUs()
    const { events } = this
    this.events = []
    return events
  }

  /** Takes what is left and closes the socket. */
  close(): IdentityEvent[] {
    const events = this.poll()
    this.socket.close()
    return [...events, ...this.table.rest()]
  }

  private dumpWhenDue(): void {
    const nowUs = this.nowUs()
    if (this.dumpingUs !== 0 && nowUs - this.dumpingUs < dumpPatienceUs) return
    if (nowUs < this.nextDumpUs) return
    this.sequence = (this.sequence + 1) >>> 0
    this.socket.send(neighbourDump(this.sequence))
    this.dumpingUs = nowUs
    this.nextDumpUs = nowUs + dumpEveryUs
    this.counters.dumps++
  }

  private takeDatagram(slot: number): void {
    const { view } = this.socket
    const end = slot * slotBytes + this.socket.lengthOf(slot)
    for (let at = slot * slotBytes; at + nlmsghdrBytes <= end;) {
      const length = view.getUint32(at, true)
      if (length < nlmsghdrBytes || at + length > end) {
        this.malformed['message-length']++
        return
      }
      this.takeMessage(at, at + length)
      at += align4(length)
    }
  }

  private takeMessage(from: number, to: number): void {
    const { view } = this.socket
    const type = view.getUint16(from + 4, true)
    const ours = view.getUint32(from + 8, true) === this.sequence && this.dumpingUs !== 0
    if (ours && (view.getUint16(from + 6, true) & nlmsgFlag.dumpInterrupted) !== 0) {
      // The table changed under the dump, which may have missed entries.
      this.nextDumpUs = 0
    }
    if (type === nlmsgType.done || type === nlmsgType.error) {
      if (ours) this.dumpingUs = 0
      return
    }
    if (type !== neighbourMessage.new && type !== neighbourMessage.delete) return
    this.counters.messages++
    const entry = decodeNeighbour(view, from, to)
    if (entry === undefined) return
    if (typeof entry === 'string') {
      this.malformed[entry]++
      return
    }
    const how = {
      nowUs: this.nowUs(),
      dumped: ours,
      deleted: type === neighbourMessage.delete,
    }
    this.events.push(...this.table.take(entry, this.nameOf(entry.ifindex), how))
  }

  /** Name of an interface that is followed. One that has just gone keeps the name it had. */
  private nameOf(index: number): string | undefined {
    const name = interfaceName(index) ?? this.names.get(index)
    if (name === undefined) return undefined
    this.names.set(index, name)
    return this.interfaces === undefined || this.interfaces.has(name) ? name : undefined
  }
}
