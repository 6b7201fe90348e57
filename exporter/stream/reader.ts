import type { Socket } from 'node:net'

/** What may wait for a reader before it is dropped. */
export const maxWaitingBytes = 8 << 20

/** A reader that takes nothing for so long while it is sent what is there is dropped. */
const stallMs = 30_000

/** Whoever is connected to the stream. */
export class Reader {
  isDropped = false
  private readonly socket: Socket
  private readonly dropped: (reader: Reader) => void

  private readonly mostWaiting: number

  /** @param dropped called once, where the reader was too slow */
  constructor(socket: Socket, mostWaiting: number, dropped: (reader: Reader) => void) {
    this.socket = socket
    this.mostWaiting = mostWaiting
    this.dropped = dropped
  }

  /** Sends a line; a reader for whom too much waits is let go, and nobody waits for it. */
  send(line: string): void {
    if (this.isDropped || this.socket.destroyed) return
    this.socket.write(line)
    if (this.socket.writableLength > this.mostWaiting) this.drop()
  }

  /** Sends many lines, at the reader's pace; live lines may come between them. */
  async sendAll(lines: Iterable<string>): Promise<void> {
    for (const line of lines) {
      if (this.isDropped || this.socket.destroyed) return
      if (!this.socket.write(line)) await this.drained()
    }
  }

  private drained(): Promise<void> {
    const { socket } = this
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        socket.off('drain', done)
        socket.off('close', done)
        resolve()
      }
      const timer = setTimeout(() => {
        this.drop()
        done()
      }, stallMs)
      socket.once('drain', done)
      socket.once('close', done)
    })
  }

  private drop(): void {
    if (this.isDropped) return
    this.isDropped = true
    this.socket.destroy()
    this.dropped(this)
  }
}
