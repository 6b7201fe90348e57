import { PacketSocket } from '../../netlink/packet-socket.ts'
import { emptyFrame } from './frame.ts'
import type { Frame, FrameSink } from './frame.ts'
import type { PacketSource, SourceCounters } from './packet-source.ts'
import { Turn } from './turn.ts'
import type { Idle } from './turn.ts'

const slots = 128
/** Batches of each interface that are read after the end: more wait only where ever more come. */
const lastBatches = 256
/** Long enough for what is wanted of the longest hellos, whatever the card puts together. */
const leastSnapLength = 1600

export interface InterfaceSourceOptions {
  readonly interfaces: readonly string[]
  readonly snapLength: number
  /** Wanted receive buffer of each interface in octets. */
  readonly receiveBuffer: number
}

/** All packets of interfaces of this host: its own, or such that a switch mirrors to. */
export class InterfaceSource implements PacketSource {
  private readonly sockets: readonly PacketSocket[]
  private packets = 0
  private stopped = false

  /** @throws FlowledgerError where an interface is not there, or may not be read */
  constructor({ interfaces, snapLength, receiveBuffer }: InterfaceSourceOptions) {
    const sockets: PacketSocket[] = []
    try {
      for (const name of interfaces) {
        const length = Math.max(leastSnapLength, snapLength)
        sockets.push(new PacketSocket({ name, snapLength: length, receiveBuffer, slots }))
      }
    } catch (error) {
      for (const socket of sockets) socket.close()
      throw error
    }
    this.sockets = sockets
  }

  get counters(): SourceCounters {
    const { packets } = this
    const lost = this.sockets.reduce((sum, socket) => sum + socket.drops, 0)
    // What is cut is cut as wanted: of what a card has put together only the beginning counts.
    return { packets, lost, overruns: 0, malformed: 0, truncated: 0 }
  }

  drops(): readonly number[] {
    return this.sockets.map((socket) => socket.drops)
  }

  async run(sink: FrameSink, idle: Idle): Promise<void> {
    const frame = emptyFrame(new Uint8Array(0))
    const turn = new Turn(idle)
    let rested = 0
    while (!this.stopped) {
      let isMore = false
      for (const [index, socket] of this.sockets.entries()) {
        frame.interfaceIndex = index
        isMore = this.read(socket, frame, sink) === slots || isMore
      }
      if (isMore) {
        if (turn.isOver()) await turn.pass()
        continue
      }
      const taken = this.packets - rested
      rested = this.packets
      await turn.nap(taken)
    }
    this.readRest(frame, sink)
    for (const socket of this.sockets) socket.close()
  }

  stop(): void {
    this.stopped = true
  }

  /** What waits when it is stopped has passed, and is read too. */
  private readRest(frame: Frame, sink: FrameSink): void {
    for (const [index, socket] of this.sockets.entries()) {
      frame.interfaceIndex = index
      for (let batch = 0; batch < lastBatches; batch++) {
        if (this.read(socket, frame, sink) < slots) break
      }
    }
  }

  private read(socket: PacketSocket, frame: Frame, sink: FrameSink): number {
    const count = socket.receive()
    frame.buffer = socket.data
    frame.linkType = socket.linkType
    frame.timeUs = Date.now() * 1000
    for (let slot = 0; slot < count; slot++) {
      socket.at(slot)
      frame.at = socket.from
      frame.end = socket.to
      frame.wireLength = socket.wireLength
      this.packets++
      sink(frame)
    }
    return count
  }
}
