import type { Socket } from 'node:net'
import type { Outbox } from '../outbox.ts'
import { TargetLost } from '../transport.ts'
import type { NotSent, Session } from '../transport.ts'

/** RFC 7011 §10.4: a message may be as long as its length field can say. */
export const streamSlotBytes = 65_535
/** Messages that are handed over together. */
export const streamSlots = 16

/** A peer that takes nothing for so long is lost (ms). */
const stuckMs = 60_000

/**
 * What may stand in the kernel's buffers on both sides: the most that Linux gives a connection by
 * default (tcp_wmem, 4 MiB, and tcp_rmem, 6 MiB).
 */
const unsureBytes = 10 << 20

/** Messages over a connection that keeps their order: TCP, and TLS over it. */
export class StreamSession implements Session {
  readonly slots = streamSlots
  readonly slotBytes = streamSlotBytes
  readonly unsureBytes = unsureBytes
  readonly settleUs = 0
  readonly reliable = true
  readonly notSent: NotSent = { messages: 0, bytes: 0, records: 0 }
  private readonly socket: Socket
  private lost: TargetLost | undefined

  constructor(socket: Socket, text: string) {
    this.socket = socket
    const lose = (error?: Error): void => {
      const why = error === undefined ? 'was closed' : `broke (${error.message})`
      this.lost ??= new TargetLost('unreachable', `the connection to ${text} ${why}`, error)
      socket.destroy()
    }
    socket.on('error', lose)
    socket.on('close', () => lose())
    socket.on('end', () => lose())
    socket.on('timeout', () => lose(new Error('it takes nothing')))
    // Nothing is expected from a collector; what it says all the same is let go.
    socket.resume()
    socket.setKeepAlive(true, stuckMs)
  }

  async send(outbox: Outbox): Promise<void> {
    const { socket } = this
    if (this.lost !== undefined) throw this.lost
    const messages: Buffer[] = []
    for (let i = outbox.sent; i < outbox.count; i++) messages.push(outbox.message(i))
    // A copy: the outbox is written again before the kernel has taken all of it.
    const bytes = Buffer.concat(messages)
    outbox.clear()
    socket.setTimeout(stuckMs)
    // Called back too, with an error, where the connection ends first.
    await new Promise<void>((resolve) => {
      socket.write(bytes, () => resolve())
    })
    socket.setTimeout(0)
    if (this.lost !== undefined) throw this.lost
  }

  check(): void {
    if (this.lost !== undefined) throw this.lost
  }

  isDue(): boolean {
    return false
  }

  async close(): Promise<void> {
    const { socket } = this
    if (this.lost !== undefined || socket.destroyed) return
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.setTimeout(stuckMs / 10, () => socket.destroy())
      // Both ends closed: the peer has everything that was sent.
      socket.end()
    })
  }
}

/** Waits until a socket is connected; `ready` is the name of the event that says so. */
export function whenConnected(
  socket: Socket,
  ready: string,
  told: (error: NodeJS.ErrnoException) => TargetLost
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      socket.destroy()
      reject(told(error))
    }
    socket.setTimeout(stuckMs / 4, () => fail(new Error('no answer')))
    socket.once('error', fail)
    socket.once(ready, () => {
      socket.setTimeout(0)
      socket.removeListener('error', fail)
      socket.removeAllListeners('timeout')
      resolve()
    })
  })
}

/** What a failed connection is told as. */
export function lossOf(error: NodeJS.ErrnoException, text: string): TargetLost {
  const reason = error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'
  return new TargetLost(reason, `no connection to ${text}: ${error.message}`, error)
}
