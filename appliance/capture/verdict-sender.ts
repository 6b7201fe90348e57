import type { MessagePort } from 'node:worker_threads'
import type { Flow } from '../../classifier/flow.ts'
import type { Classification } from '../../model/classification.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { FlowVerdict } from '../../model/flow-verdict.ts'
import type { EndedMessage } from '../../model/ended-flows.ts'
import { entriesOf } from '../../model/joined-entries.ts'
import type { JoinedMessage } from '../../model/joined-entries.ts'
import { ipProtocol } from '../../model/packet.ts'
import { VerdictBatch } from '../../model/verdict-batch.ts'
import { joinedFlow } from './joined.ts'
import type { JoinedSink } from './joined.ts'

/** Verdicts that are gathered at the most before they are sent. */
const maxGathered = 512
/** Verdicts whose entry has not been told yet, at a time; of more, nobody hears. */
const maxAsked = 1 << 17
/**
 * Datagrams that pass again after such a silence may belong to a new entry of the kernel's table,
 * though for the classifier it is the same flow (us).
 */
const silenceUs = 1e6

/** What was told of a flow. */
interface Told {
  verdict: Classification
  atUs: number
}

export interface VerdictSenderParts {
  /** Leads to the thread that follows conntrack. */
  readonly port: MessagePort
  readonly verdictOf: (found: Classification) => FlowVerdict
  /** The flow as policy sees it. */
  readonly factsOf: (flow: Flow, found: Classification) => ClassifiedFlow
  /** Told of connections that are over. */
  readonly ended: (message: EndedMessage) => void
  /** Who acts on joined flows; left out: entries are not asked for. */
  readonly sink?: JoinedSink
}

/** Sends verdicts to the follower of conntrack, and hands on the entries that it finds for them. */
export class VerdictSender {
  /** Verdicts that were sent. */
  sent = 0
  /** Connections that the sink did not hear of, since too many were asked for. */
  unasked = 0
  private readonly parts: VerdictSenderParts
  private readonly told = new Map<Flow, Told>()
  private readonly asked = new Map<number, ClassifiedFlow>()
  private readonly batch = new VerdictBatch()
  private isOpen = true

  constructor(parts: VerdictSenderParts) {
    this.parts = parts
    const { port } = parts
    port.on('message', (message: JoinedMessage | EndedMessage) => {
      if ('ended' in message) parts.ended(message)
      else this.joined(message)
    })
    port.on('close', () => {
      this.isOpen = false
      this.told.clear()
      this.asked.clear()
    })
    port.unref()
  }

  /** A flow was classified. */
  readonly decided = (flow: Flow): void => {
    const verdict = flow.classification
    if (verdict === undefined || !this.isOpen) return
    this.told.set(flow, { verdict, atUs: flow.lastUs })
    this.send(flow, verdict)
  }

  readonly ended = (flow: Flow): void => {
    this.told.delete(flow)
  }

  /** A packet of the flow was seen. */
  saw(flow: Flow): void {
    if (flow.protocol === ipProtocol.tcp) return
    const told = this.told.get(flow)
    if (told === undefined) return
    const before = told.atUs
    told.atUs = flow.lastUs
    if (flow.lastUs - before >= silenceUs) this.send(flow, told.verdict)
  }

  /** Rules have changed: tells verdicts that are others now. */
  retell(): void {
    for (const [flow, told] of this.told) {
      const verdict = flow.classification
      if (verdict === undefined || verdict === told.verdict) continue
      told.verdict = verdict
      this.send(flow, verdict)
    }
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.batch.count === 0) return
    const message = this.batch.take(this.parts.sink !== undefined)
    this.parts.port.postMessage(message, [message.words.buffer])
  }

  close(): void {
    this.flush()
    this.parts.port.close()
  }

  private send(flow: Flow, found: Classification): void {
    const serial = ++this.sent | 0
    const ends = {
      ipProtocol: flow.protocol,
      client: flow.clientAddress,
      clientPort: flow.clientPort,
      server: flow.serverAddress,
      serverPort: flow.serverPort,
      atUs: flow.lastUs,
    }
    this.batch.add(serial, ends, this.parts.verdictOf(found))
    if (this.parts.sink !== undefined) this.ask(serial, flow, found)
    if (this.batch.count >= maxGathered) this.flush()
  }

  private ask(serial: number, flow: Flow, found: Classification): void {
    if (this.asked.size >= maxAsked) this.unasked++
    else this.asked.set(serial, this.parts.factsOf(flow, found))
  }

  private joined(message: JoinedMessage): void {
    const { sink } = this.parts
    for (const serial of message.unjoined) this.asked.delete(serial)
    for (const [serial, entry] of entriesOf(message)) {
      const flow = this.asked.get(serial)
      this.asked.delete(serial)
      if (flow !== undefined) sink?.onJoined(joinedFlow(flow, entry), entry)
    }
    sink?.flush()
  }
}
