import type { Socket } from 'node:net'
import type { StreamedFlow, StreamNames } from '../../model/streamed-flow.ts'
import type { StreamedLinks } from '../../model/streamed-links.ts'
import { helloMessage, listMessage, statusMessage } from './agent-messages.ts'
import type { AgentCounts } from './agent-messages.ts'
import { intelMessage } from './intel-message.ts'
import { linkMessage, linkMessages } from './link-messages.ts'
import type { LinkMessageType } from './link-messages.ts'
import { flowMessage, purgeMessage, statsMessage } from './messages.ts'
import type { Rates } from './counters.ts'
import { maxWaitingBytes, Reader } from './reader.ts'
import type { StreamRequest } from './request.ts'

/** What the stream asks of whoever follows the flows. */
export interface StreamSource {
  readonly names: StreamNames
  /** Every flow that is open and classified. */
  established(): Iterable<StreamedFlow>
  /** What the agent counts, but for the readers. */
  counts(): Omit<AgentCounts, 'readers' | 'readersDropped'>
  /** What interfaces show; left out where packets are not read here. */
  readonly links?: (() => StreamedLinks) | undefined
}

const isLinkMessage = (request: StreamRequest): request is LinkMessageType =>
  linkMessages.some((type) => type === request)

/** Sends what happens to flows to everybody who reads. Without readers nothing is written. */
export class StreamHub {
  readersDropped = 0
  messages = 0
  /** Called when somebody has begun to read. */
  joined: (() => void) | undefined
  private readonly readers = new Set<Reader>()
  private readonly source: StreamSource
  private readonly greetsWithFlows: boolean

  private readonly mostWaiting: number

  /**
   * @param greetsWithFlows true where a new reader gets all open flows without asking
   * @param mostWaiting octets that may wait for a reader before it is dropped
   */
  constructor(
    source: StreamSource,
    { greetsWithFlows = false, mostWaiting = maxWaitingBytes } = {}
  ) {
    this.source = source
    this.mostWaiting = mostWaiting
    this.greetsWithFlows = greetsWithFlows
  }

  get size(): number {
    return this.readers.size
  }

  /** Takes a reader in, who has shown that it may read. */
  join(socket: Socket): Reader {
    const reader = new Reader(socket, this.mostWaiting, () => this.readersDropped++)
    this.readers.add(reader)
    socket.once('close', () => this.readers.delete(reader))
    reader.send(helloMessage())
    this.joined?.()
    if (this.greetsWithFlows) void this.answer(reader, 'established')
    return reader
  }

  /** Answers what a reader asks. */
  async answer(reader: Reader, request: StreamRequest): Promise<void> {
    if (request === 'established') await reader.sendAll(this.establishedLines())
    else if (request === 'status') reader.send(this.status())
    else if (isLinkMessage(request)) {
      const links = this.source.links?.()
      if (links !== undefined) reader.send(linkMessage(request, links))
    } else reader.send(listMessage(request, this.source.names))
  }

  /** A flow was seen and classified. */
  opened(flow: StreamedFlow): void {
    if (this.readers.size === 0) return
    const { names } = this.source
    this.broadcast(flowMessage('flow', flow, names))
    this.broadcast(flowMessage('flow_dpi_complete', flow, names))
    if (flow.risks.length > 0) this.broadcast(intelMessage(flow))
  }

  /** What a flow was found to be has changed. */
  changed(flow: StreamedFlow): void {
    if (this.readers.size === 0) return
    this.broadcast(flowMessage('flow_dpi_update', flow, this.source.names))
  }

  counted(flow: StreamedFlow, rates: Rates): void {
    if (this.readers.size > 0) this.broadcast(statsMessage(flow, rates))
  }

  ended(flow: StreamedFlow, reason: 'closed' | 'expired'): void {
    if (this.readers.size > 0) this.broadcast(purgeMessage(flow, reason))
  }

  /** The policy did something with a connection. */
  acted(action: object): void {
    if (this.readers.size === 0) return
    this.broadcast(`${JSON.stringify({ type: 'flow_action', action })}\n`)
  }

  /** Tells everybody how the agent is. */
  tellStatus(): void {
    if (this.readers.size === 0) return
    for (const line of this.stateLines()) this.broadcast(line)
  }

  /** How the agent is, and what interfaces show. */
  stateLines(): string[] {
    const links = this.source.links?.()
    if (links === undefined) return [this.status()]
    return [this.status(), ...linkMessages.map((type) => linkMessage(type, links))]
  }

  status(): string {
    const { size: readers, readersDropped } = this
    return statusMessage({ ...this.source.counts(), readers, readersDropped }, Date.now())
  }

  /** Every open flow, a line each; `established` marks them. */
  *establishedLines(): Iterable<string> {
    for (const flow of this.source.established()) {
      yield flowMessage('flow', flow, this.source.names, true)
    }
  }

  private broadcast(line: string): void {
    this.messages++
    for (const reader of this.readers) reader.send(line)
  }
}
