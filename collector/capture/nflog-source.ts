import { bindNflog, NflogReader } from '../../netlink/nflog.ts'
import type { NflogCounters } from '../../netlink/nflog.ts'
import { NetlinkSocket } from '../../netlink/socket.ts'
import { emptyFrame } from './frame.ts'
import type { FrameSink } from './frame.ts'
import type { PacketSource } from './packet-source.ts'
import { Turn } from './turn.ts'
import type { Idle } from './turn.ts'

/** LINKTYPE_RAW: packets come from their IP header on. */
const rawIp = 101
const slots = 16
/** Room for a packet of the longest, which comes in a datagram of its own. */
const slotBytes = 131_072
/**
 * With what the kernel keeps behind it (skb_shared_info) it fits 64 KiB: one octet more would take
 * twice the room, of memory and of the receive buffer.
 */
const datagramBytes = 65_024

export interface NflogSourceOptions {
  readonly group: number
  readonly snapLength: number
  /** Wanted receive buffer in octets. */
  readonly receiveBuffer: number
}

/**
 * The first packets of connections as the kernel hands them over (`log group`), read in batches
 * with a nap whenever nothing waits.
 */
export class NflogSource implements PacketSource {
  private readonly socket: NetlinkSocket
  private readonly reader = new NflogReader()
  private stopped = false

  /** @throws FlowledgerError where the group cannot be had */
  constructor({ group, snapLength, receiveBuffer }: NflogSourceOptions) {
    const dropsSingly = true
    this.socket = new NetlinkSocket({ groups: 0, receiveBuffer, slots, slotBytes, dropsSingly })
    try {
      const timing = { threshold: 64, timeoutMs: 20 }
      bindNflog(this.socket, this.reader, { group, snapLength, datagramBytes, ...timing })
    } catch (error) {
      this.socket.close()
      throw error
    }
  }

  /** Of `overruns`, each is a datagram that found the receive buffer full. */
  get counters(): NflogCounters & { overruns: number; truncated: number } {
    const { socket } = this
    return { ...this.reader.counters, overruns: socket.drops, truncated: socket.truncated }
  }

  /** Hands over packets until {@link stop}; `idle` is called now and then between them. */
  async run(sink: FrameSink, idle: Idle): Promise<void> {
    const { view } = this.socket
    const frame = emptyFrame(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    frame.linkType = rawIp
    let packets = 0
    const take = (at: number, end: number, timeUs: number): void => {
      frame.at = at
      frame.end = end
      frame.wireLength = end - at
      frame.interfaceIndex = this.reader.interfaceIndex
      frame.senderAt = this.reader.senderAt
      frame.timeUs = Number.isNaN(timeUs) ? Date.now() * 1000 : timeUs
      packets++
      sink(frame)
    }
    const turn = new Turn(idle)
    while (!this.stopped) {
      const count = this.socket.receive()
      for (let slot = 0; slot < count; slot++) {
        if (turn.isOver()) await turn.pass()
        const at = slot * this.socket.slotBytes
        this.reader.read(view, at, at + this.socket.lengthOf(slot), take)
      }
      if (count > 0 && !this.socket.drained(count)) continue
      await turn.nap(packets)
      packets = 0
    }
    this.socket.close()
  }

  /** Ends {@link run} after the batch at hand. */
  stop(): void {
    this.stopped = true
  }
}
