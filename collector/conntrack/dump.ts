import { conntrackMessage } from '../../netlink/ctnetlink.ts'
import { netfilterRequest, nlmsgFlag } from '../../netlink/messages.ts'
import { NetlinkSocket } from '../../netlink/socket.ts'
import { nowUs } from './clock-watch.ts'
import type { Tracker } from './tracker.ts'

const AF_UNSPEC = 0

/**
 * A dump of the connection tracking table, both families, read a piece at a time: the kernel goes
 * on only when asked, so events are read in between and none is lost over a big table.
 */
export class Dump {
  private readonly tracker: Tracker
  private readonly socket: NetlinkSocket
  private readonly interruptions: number

  constructor(tracker: Tracker) {
    this.tracker = tracker
    this.socket = new NetlinkSocket({
      groups: 0,
      receiveBuffer: 1 << 20,
      slots: 8,
      slotBytes: 64 << 10,
    })
    this.interruptions = tracker.interruptions
    tracker.dump++
    tracker.dumpStartUs = nowUs()
    tracker.meanwhile.begin()
    this.socket.send(netfilterRequest(conntrackMessage.get, nlmsgFlag.dump, 1, AF_UNSPEC))
  }

  /** Takes the next piece. A dump that the kernel calls inconsistent must be run again. */
  step(): 'running' | 'done' | 'failed' {
    const { socket, tracker } = this
    const count = socket.receive()
    if (count < 0) return 'failed'
    for (let slot = 0; slot < count; slot++) {
      const from = slot * socket.slotBytes
      const end = tracker.datagram(socket.view, from, from + socket.lengthOf(slot), true)
      if (end === 'refused') return 'failed'
      if (end === 'done') return tracker.interruptions > this.interruptions ? 'failed' : 'done'
    }
    if (count > 0) tracker.meanwhile.pieceRead()
    return socket.truncated > 0 ? 'failed' : 'running'
  }

  /** Gives up: what this dump did not show proves nothing, so it does not count. */
  abandon(): void {
    this.tracker.dump--
    this.close()
  }

  close(): void {
    this.tracker.meanwhile.end()
    this.socket.close()
  }
}
