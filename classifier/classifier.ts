import type { Packet } from '../model/packet.ts'
import { ipProtocol, tcpFlag } from '../model/packet.ts'
import { Engine } from './engine.ts'
import { FlowTable } from './flow-table.ts'
import type { Flow } from './flow.ts'
import { maxFlows as usualMaxFlows } from './limits.ts'
import type { Protocol } from './protocols/protocol.ts'
import { verdictOf } from './verdict.ts'

/** Who hears of flows. */
export interface ClassifierEvents {
  /** A flow was classified, or given up; `flow.classification` says what it is. */
  readonly decided?: (flow: Flow) => void
  /** A flow is over; it is classified by then. */
  readonly ended: (flow: Flow) => void
}

/** Packets between two looks at who has been silent for too long. */
const expireEvery = 256

/** Packets in, classified flows out. */
export class Classifier {
  readonly engine: Engine
  private readonly table: FlowTable
  private readonly events: ClassifierEvents
  private untilExpiry = expireEvery

  constructor(
    protocols: readonly Protocol[],
    events: ClassifierEvents,
    { maxFlows = usualMaxFlows } = {}
  ) {
    this.engine = new Engine(protocols)
    this.events = events
    this.table = new FlowTable((flow) => this.end(flow), maxFlows)
  }

  /** Flows that are followed now. */
  get size(): number {
    return this.table.size
  }

  /** Takes a packet; nothing of it is referred to afterwards. */
  take(packet: Packet): void {
    if (--this.untilExpiry === 0) {
      this.untilExpiry = expireEvery
      this.table.expire(packet.timeUs)
    }
    const flow = this.table.flowOf(packet)
    const fromClient = flow.isFromClient(packet)
    const side = fromClient ? flow.client : flow.server
    flow.count(packet, side)
    if (flow.classification === undefined) this.look(flow, packet, fromClient)
    if (packet.protocol === ipProtocol.tcp && (packet.tcpFlags & 5) !== 0) {
      if ((packet.tcpFlags & tcpFlag.fin) !== 0) side.hasFinished = true
      const isOver = flow.client.hasFinished && flow.server.hasFinished
      if (isOver || (packet.tcpFlags & tcpFlag.rst) !== 0) this.table.close(packet)
    }
  }

  /** Ends all flows, as at the end of a capture. */
  finish(): void {
    this.table.clear()
  }

  private look(flow: Flow, packet: Packet, fromClient: boolean): void {
    const { protocol } = packet
    if (protocol !== ipProtocol.tcp && protocol !== ipProtocol.udp) {
      flow.packets++
      this.decide(flow)
      return
    }
    const side = fromClient ? flow.client : flow.server
    if (!flow.admit(packet, side, fromClient)) return
    if (this.engine.step(flow)) this.decide(flow)
    else flow.keep()
  }

  private decide(flow: Flow): void {
    flow.classification = verdictOf(flow, this.engine.protocols)
    flow.release()
    flow.found = undefined
    this.events.decided?.(flow)
  }

  private end(flow: Flow): void {
    if (flow.classification === undefined) {
      this.finishSearch(flow)
      this.decide(flow)
    }
    this.events.ended(flow)
  }

  /** What came last is looked at again, and what waits behind a hole for the first time. */
  private finishSearch(flow: Flow): void {
    if (flow.packets === 0) return
    if (flow.transport === 'tcp') {
      const client = flow.client.passHole()
      const server = flow.server.passHole()
      if (client || server) this.engine.step(flow)
    }
    this.engine.finish(flow)
  }
}
