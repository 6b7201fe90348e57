import type { Classification } from '../model/classification.ts'
import type { Packet } from '../model/packet.ts'
import { ipProtocol, tcpFlag } from '../model/packet.ts'
import type { Conversation } from './conversation.ts'
import { Engine } from './engine.ts'
import { FlowTable } from './flow-table.ts'
import type { Flow } from './flow.ts'
import { maxFlows as usualMaxFlows } from './limits.ts'
import type { Protocol } from './protocols/protocol.ts'
import { Undecided } from './undecided.ts'
import { verdictOf } from './verdict.ts'

/** Who hears of flows. */
export interface ClassifierEvents {
  /** A packet of a flow was counted, and is not looked at yet. */
  readonly counted?: ((flow: Flow, packet: Packet, fromClient: boolean) => void) | undefined
  /** A flow was classified, or given up; `flow.classification` says what it is. */
  readonly decided?: ((flow: Flow) => void) | undefined
  /** Nothing recognised what was said, which is still there; told before `decided`. */
  readonly unrecognised?: (flow: Flow, said: Conversation) => void
  /** A flow is over; it is classified by then. */
  readonly ended: (flow: Flow) => void
}

/** Names the application of a flow whose protocol was found. */
export type Judge = (flow: Flow, found: Classification) => Classification

export interface ClassifierOptions {
  /** Flows that are followed at most. */
  readonly maxFlows?: number
  readonly judge?: Judge
  /** Packets of each flow that come at all; left out: all of them. */
  readonly packets?: number
}

/** Packets between two looks at who has been silent for too long. */
const expireEvery = 256

/** Packets in, classified flows out. */
export class Classifier {
  readonly engine: Engine
  private readonly table: FlowTable
  private readonly events: ClassifierEvents
  private readonly judge: Judge | undefined
  private readonly packets: number
  private readonly undecided = new Undecided((flow) => this.decideByNow(flow))
  private untilExpiry = expireEvery

  constructor(
    protocols: readonly Protocol[],
    events: ClassifierEvents,
    { maxFlows = usualMaxFlows, judge, packets = Infinity }: ClassifierOptions = {}
  ) {
    this.packets = packets
    this.judge = judge
    this.engine = new Engine(protocols)
    this.events = events
    this.table = new FlowTable((flow) => this.end(flow), maxFlows)
  }

  /** Flows that are followed now. */
  get size(): number {
    return this.table.size
  }

  /** Flows that were decided early, since too many others were undecided. */
  get hurried(): number {
    return this.undecided.hurried
  }

  /**
   * Takes a packet; nothing of it is referred to afterwards.
   *
   * @returns the flow that it belongs to
   */
  take(packet: Packet): Flow {
    if (--this.untilExpiry === 0) {
      this.untilExpiry = expireEvery
      this.table.expire(packet.timeUs)
    }
    const flow = this.table.flowOf(packet)
    const fromClient = flow.isFromClient(packet)
    flow.count(packet, fromClient)
    this.events.counted?.(flow, packet, fromClient)
    const isTcp = packet.protocol === ipProtocol.tcp
    const flags = isTcp ? packet.tcpFlags : 0
    if ((flags & tcpFlag.syn) !== 0) flow.opened(packet, fromClient)
    if (flow.classification === undefined) {
      this.look(flow, packet, fromClient)
      if (flow.packets >= this.packets) this.decideByNow(flow)
    }
    if ((flags & (tcpFlag.fin | tcpFlag.rst)) === 0) return flow
    const isFinished = (flags & tcpFlag.fin) !== 0 && flow.finish(fromClient)
    if (!isFinished && (flags & tcpFlag.rst) === 0) return flow
    this.table.close(packet)
    // Who waits for more waits for nothing, but what was on its way to a reset may still tell more.
    if (isFinished || !this.engine.isLearning(flow.conversation)) this.decideByNow(flow)
    return flow
  }

  /** Ends what has been silent for too long; for when no packets come that would tell the time. */
  expire(nowUs: number): void {
    this.table.expire(nowUs)
  }

  /** The connection of a packet is over: somebody who knows has told so. */
  isOver(last: Packet): void {
    this.table.end(last)
  }

  /** Ends all flows, as at the end of a capture. */
  finish(): void {
    this.table.clear()
  }

  private look(flow: Flow, packet: Packet, fromClient: boolean): void {
    const { protocol } = packet
    if (protocol !== ipProtocol.tcp && protocol !== ipProtocol.udp) return this.decide(flow)
    if (packet.payload.length === 0) return
    const conversation = flow.talk()
    if (conversation.admit(packet, fromClient)) {
      if (this.engine.step(conversation)) return this.decide(flow)
      conversation.keep()
    }
    this.undecided.kept(flow, conversation)
  }

  private decide(flow: Flow): void {
    const found = verdictOf(flow, this.engine.protocols)
    flow.classification = this.judge === undefined ? found : this.judge(flow, found)
    const { conversation } = flow
    if (conversation !== undefined && found.protocol === 'unknown') {
      this.events.unrecognised?.(flow, conversation)
    }
    if (conversation !== undefined) this.undecided.decided(flow, conversation)
    flow.conversation = undefined
    this.events.decided?.(flow)
  }

  /** Decides by what there is: no more will come. */
  private decideByNow(flow: Flow): void {
    if (flow.classification !== undefined) return
    this.finishSearch(flow)
    this.decide(flow)
  }

  private end(flow: Flow): void {
    this.decideByNow(flow)
    this.events.ended(flow)
  }

  /** What came last is looked at again, and what waits behind a hole for the first time. */
  private finishSearch({ conversation }: Flow): void {
    if (conversation === undefined) return
    if (conversation.passHoles()) this.engine.step(conversation)
    this.engine.finish(conversation)
  }
}
