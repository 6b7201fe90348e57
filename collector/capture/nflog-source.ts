import { bindNflog, NflogReader } from '../../netlink/nflog.ts'
import type { NflogCounters } from '../../netlink/nflog.ts'
import { NetlinkSocket, receiveResult } from '../../netlink/socket.ts'
import type { Frame, FrameSink } from './frame.ts'
import type { PacketSource } from './packet-source.ts'

/** LINKTYPE_RAW: packets come from their IP header on. */
const rawIp = 101
const slots = 16
const datagramBytes = 131_072
const napMs = 4
/** Full batches after which others of this thread have a turn, however much still waits. */
const batchesAtOnce = 64

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
  /** Times that the kernel dropped messages because the buffer was full. */
  overruns = 0
  private readonly socket: NetlinkSocket
  private readonly reader = new NflogReader()
  private stopped = false

  /** @throws FlowledgerError where the group cannot be had */
  constructor({ group, snapLength, receiveBuffer }: NflogSourceOptions) {
    this.socket = new NetlinkSocket({ groups: 0, receiveBuffer, slots, slotBytes: datagramBytes })
    try {
      const timing = { threshold: 64, timeoutMs: 20 }
      bindNflog(this.socket, { group, snapLength, datagramBytes, ...timing })
    } catch (error) {
      this.socket.close()
      throw error
    }
  }

  get counters(): NflogCounters & { overruns: number; truncated: number } {
    const { overruns, socket } = this
    return { ...this.reader.counters, overruns, truncated: socket.truncated }
  }

  /** Hands over packets until {@link stop}; `idle` is called now and then between them. */
  async run(sink: FrameSink, idle: (nowUs: number) => void): Promise<void> {
    const { view } = this.socket
    const frame: Frame = {
      buffer: new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
      at: 0,
      end: 0,
      wireLength: 0,
      timeUs: Number.NaN,
      linkType: rawIp,
      interfaceIndex: 0,
    }
    const take = (at: number, end: number, timeUs: number): void => {
      frame.at = at
      frame.end = end
      frame.wireLength = end - at
      frame.timeUs = Number.isNaN(timeUs) ? Date.now() * 1000 : timeUs
      sink(frame)
    }
    let batches = 0
    while (!this.stopped) {
      const count = this.socket.receive()
      if (count === receiveResult.overrun) this.overruns++
      for (let slot = 0; slot < count; slot++) {
        const at = slot * this.socket.slotBytes
        this.reader.read(view, at, at + this.socket.lengthOf(slot), take)
      }
      const isMore = count > 0 && !this.socket.drained(count)
      if (isMore && ++batches < batchesAtOnce) continue
      batches = 0
      idle(Date.now() * 1000)
      await new Promise((resolve) => {
        setTimeout(resolve, napMs)
      })
    }
    this.socket.close()
  }

  /** Ends {@link run} after the batch at hand. */
  stop(): void {
    this.stopped = true
  }
}
