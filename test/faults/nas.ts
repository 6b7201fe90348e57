import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { attribute, buildPacket, isAnswerTo } from '../collector/identity/radius-sender.ts'

export const radiusSecret = 'faults'
const sockets = 8
const tickMs = 50
/** A request that got no answer is sent again after so long (ms), until it gets one. */
const againMs = 1000

interface Asked {
  readonly packet: Buffer
  readonly socket: Socket
  sentMs: number
}

/** A NAS that begins sessions, each on an address of its own, and tries until it is answered. */
export class Nas {
  /** Sessions that were told, and the numbers of those whose request was answered. */
  told = 0
  readonly answered = new Set<number>()
  readonly #asked = new Map<number, Asked>()
  readonly #port: number
  readonly #host: string
  readonly #sockets: Socket[]
  #goesOn = false
  #isClosed = false
  #running: Promise<void> | undefined

  constructor(port: number, host: string) {
    this.#port = port
    this.#host = host
    this.#sockets = Array.from({ length: sockets }, () => {
      const socket = createSocket('udp4')
      // A server that is gone makes the kernel answer; it is asked again.
      return socket.on('error', () => {}).on('message', (answer) => this.#take(answer, socket))
    })
  }

  /** Begins so many sessions a second until {@link pause}; what has no answer is sent on. */
  start(sessionsPerSecond: number): void {
    this.#goesOn = true
    this.#running ??= this.#run(sessionsPerSecond)
  }

  /** Begins no more sessions. */
  pause(): void {
    this.#goesOn = false
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#asked.size
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
    for (const socket of this.#sockets) socket.close()
  }

  async #run(rate: number): Promise<void> {
    let owed = 0
    while (!this.#isClosed) {
      const nowMs = performance.now()
      for (const asked of this.#asked.values()) {
        if (nowMs - asked.sentMs > againMs) this.#send(asked)
      }
      if (this.#goesOn) for (owed += (rate * tickMs) / 1000; owed >= 1; owed--) this.#begin()
      await sleep(tickMs)
    }
  }

  /** Acct-Status-Type Start of RFC 2866 §5.1, and who has which address. */
  #begin(): void {
    const number = this.told++
    const address = Buffer.alloc(4)
    address.writeUInt32BE(0x64400000 + number)
    const packet = buildPacket({
      secret: radiusSecret,
      identifier: (number >> 3) & 0xff,
      attributes: [
        attribute(40, 1),
        attribute(44, `s${number}`),
        attribute(1, `u${number}`),
        attribute(8, address),
      ],
    })
    const asked = { packet, socket: this.#sockets[number % sockets] as Socket, sentMs: 0 }
    this.#asked.set(number, asked)
    this.#send(asked)
  }

  #send(asked: Asked): void {
    asked.sentMs = performance.now()
    asked.socket.send(asked.packet, this.#port, this.#host, () => {})
  }

  #take(answer: Buffer, socket: Socket): void {
    for (const [number, asked] of this.#asked) {
      if (asked.socket !== socket || !isAnswerTo(answer, asked.packet, radiusSecret)) continue
      this.answered.add(number)
      this.#asked.delete(number)
      return
    }
  }
}
