import type { Conversation, Found } from './conversation.ts'
import { FirstOctets } from './first-octets.ts'
import { maxPackets, maxPacketsKnown, sureConfidence } from './limits.ts'
import type { Match, Protocol, ProtocolList } from './protocols/protocol.ts'

/** Shared by all flows that wait for no protocol any more. */
const nobody = new Uint16Array(0)

/**
 * Finds the protocol of flows: shows a flow to each protocol of its transport that begins with
 * such an octet, until one matches for sure, or none is left that may.
 *
 * A match that is not sure is kept while others still wait for packets, and who gave it may ask for
 * more of them too; the surest one wins, and among equals the one that stands first in the map.
 */
export class Engine {
  readonly protocols: ProtocolList
  private readonly tcp: FirstOctets
  private readonly udp: FirstOctets
  private readonly waiting: Uint16Array
  /** The protocols' functions alone: objects of many forms are slow to look into. */
  private readonly classifiers: readonly Protocol['classify'][]

  constructor(protocols: ProtocolList) {
    this.protocols = protocols
    this.classifiers = protocols.map(({ classify }) => classify)
    this.tcp = new FirstOctets(protocols, 'tcp')
    this.udp = new FirstOctets(protocols, 'udp')
    this.waiting = new Uint16Array(protocols.length)
  }

  /** Looks at a flow to which something was added; true once nothing more is to be looked for. */
  step(flow: Conversation): boolean {
    const known = sureAndUnfinished(flow.found)
    if (known !== undefined) return this.ask(flow, known)
    flow.isLast = flow.packets >= maxPackets || (flow.client.isOver && flow.server.isOver)
    return this.search(flow)
  }

  /** Whether its protocol is known for sure, and more of it is waited for. */
  isLearning(flow: Conversation | undefined): boolean {
    return sureAndUnfinished(flow?.found) !== undefined
  }

  /** Asks once more, as no more packets come. */
  finish(flow: Conversation): void {
    flow.isLast = true
    const known = sureAndUnfinished(flow.found)
    if (known !== undefined) this.ask(flow, known)
    else if (flow.candidates !== undefined && flow.candidates.length > 0) this.search(flow)
  }

  /** The protocol that matched for sure may learn more from further packets. */
  private ask(flow: Conversation, known: Found): boolean {
    flow.isLast ||= flow.packets >= maxPacketsKnown
    const answer = this.classifiers[known.index]?.(flow)
    // A protocol that thinks better of it has still been recognised.
    const match = typeof answer === 'object' ? answer : { ...known.match, more: answer === 'more' }
    note(flow, known.index, match)
    return match.more !== true || flow.isLast
  }

  private search(flow: Conversation): boolean {
    const candidates = flow.candidates ?? this.candidatesOf(flow)
    let count = 0
    for (const index of candidates) {
      const answer = this.classifiers[index]?.(flow)
      if (answer === 'never' || answer === undefined) continue
      if (answer === 'more') {
        this.waiting[count++] = index
        continue
      }
      note(flow, index, answer)
      if (answer.confidence >= sureConfidence) {
        flow.candidates = nobody
        return answer.more !== true || flow.isLast
      }
      if (answer.more === true) this.waiting[count++] = index
    }
    flow.candidates = count === 0 || flow.isLast ? nobody : this.waiting.slice(0, count)
    return flow.candidates.length === 0
  }

  /** Those that a flow can be by what was said first in it. */
  private candidatesOf({ transport, client, server }: Conversation): Uint16Array {
    const first = client.bytes.length > 0 ? client.bytes : server.bytes
    const lists = transport === 'tcp' ? this.tcp : this.udp
    return lists.of(first.u8(0), client.port, server.port)
  }
}

/** Keeps what a protocol says, in place of what it said before; its first packet stays. */
function note(flow: Conversation, index: number, match: Match): void {
  flow.found ??= []
  const { found } = flow
  const more = match.more === true
  const at = found.findIndex((item) => item.index === index)
  const packet = found[at]?.packet ?? flow.allPackets
  if (at < 0) found.push({ index, packet, match, more })
  else found[at] = { index, packet, match, more }
}

/** The protocol that was recognised for sure, and may tell more. */
function sureAndUnfinished(found: readonly Found[] | undefined): Found | undefined {
  if (found === undefined) return undefined
  for (const item of found) {
    if (item.more && item.match.confidence >= sureConfidence) return item
  }
  return undefined
}
