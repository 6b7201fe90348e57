import type { MessageWriter } from './message-writer.ts'
import { align4, nlmsghdrBytes, nlmsgType } from './messages.ts'
import { NetlinkSocket, receiveResult } from './socket.ts'

/** What the kernel answered to the messages of one call. */
export interface Answers {
  /** Error codes by sequence number; who is not in it was done. */
  readonly errors: ReadonlyMap<number, number>
  /** True where answers were lost: what went wrong cannot be told. */
  readonly isIncomplete: boolean
}

/** Takes a message that is no error: [from, to) with its header. */
export type ReplySink = (view: DataView, from: number, to: number) => void

/** Octets that one call may send: below the socket's send buffer on every kernel. */
export const maxRequestBytes = 100 << 10

/**
 * Requests to netfilter. The kernel works on them while they are being sent, so that all is done,
 * and every error is there to be read, when {@link send} returns.
 */
export class NetfilterRequests {
  private readonly socket: NetlinkSocket
  private sequence = 0

  /** @throws FlowledgerError where no socket can be had */
  constructor() {
    this.socket = new NetlinkSocket({
      groups: 0,
      receiveBuffer: 8 << 20,
      slots: 64,
      slotBytes: 8 << 10,
    })
  }

  /** A number for a message; never 0. */
  next(): number {
    this.sequence = (this.sequence % 0x7fffffff) + 1
    return this.sequence
  }

  /**
   * Sends what was written, and reads what the kernel answered.
   *
   * @throws FlowledgerError where it cannot be sent
   */
  send(writer: MessageWriter, reply?: ReplySink): Answers {
    this.socket.send(writer.bytes)
    writer.clear()
    const errors = new Map<number, number>()
    let isIncomplete = false
    for (;;) {
      const count = this.socket.receive()
      if (count === receiveResult.overrun) isIncomplete = true
      else if (count === receiveResult.empty) return { errors, isIncomplete }
      for (let slot = 0; slot < count; slot++) {
        const from = slot * this.socket.slotBytes
        // An answer that repeats a long request is cut: what it says stands at its beginning.
        const length = Math.min(this.socket.peekLength(slot), this.socket.slotBytes)
        this.read(from, from + length, errors, reply)
      }
    }
  }

  close(): void {
    this.socket.close()
  }

  private read(from: number, to: number, errors: Map<number, number>, reply?: ReplySink): void {
    const { view } = this.socket
    for (let at = from; at + nlmsghdrBytes <= to;) {
      const length = view.getUint32(at, true)
      if (length < nlmsghdrBytes) return
      const type = view.getUint16(at + 4, true)
      if (type === nlmsgType.error && at + nlmsghdrBytes + 4 <= to) {
        const code = -view.getInt32(at + nlmsghdrBytes, true)
        if (code > 0) errors.set(view.getUint32(at + 8, true), code)
      } else if (type !== nlmsgType.done && at + length <= to) reply?.(view, at, at + length)
      at += align4(length)
    }
  }
}
