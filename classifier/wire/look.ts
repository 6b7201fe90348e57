import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView } from '../protocols/protocol.ts'

/** What a side has said, held against a format: it is that, it may become that, it is not. */
export type Look = 'yes' | 'more' | 'no'

/** Looks at the first octets of a side, of which there is one at least. */
export type Looker = (bytes: Bytes) => Look

/** Both sides of a conversation in the roles in which they agree with a protocol. */
export interface Talk {
  readonly confidence: number
  readonly client: Bytes
  readonly server: Bytes
}

const surelyAlone = 80

/**
 * Holds both sides against the formats of a protocol's client and server. Where nobody saw who
 * opened the connection the roles may be the other way round.
 *
 * @param alone how sure one side makes while the other has not said enough; if that is not much it
 *   is given only once nothing else will come
 */
export function agreement(
  flow: FlowView,
  client: Looker,
  server: Looker,
  alone = 90
): Talk | 'more' | 'never' {
  const [a, b] = flow.sides
  const straight = inRoles(flow, a.bytes, b.bytes, client, server, alone)
  if (straight !== 'never' || flow.isOpenerKnown) return straight
  return inRoles(flow, b.bytes, a.bytes, client, server, alone)
}

function inRoles(
  flow: FlowView,
  client: Bytes,
  server: Bytes,
  asClient: Looker,
  asServer: Looker,
  alone: number
): Talk | 'more' | 'never' {
  const first = client.length === 0 ? 'more' : asClient(client)
  if (first === 'no') return 'never'
  const second = server.length === 0 ? 'more' : asServer(server)
  if (second === 'no') return 'never'
  if (first === 'yes' && second === 'yes') return { confidence: 100, client, server }
  if (first === 'more' && second === 'more') return 'more'
  if (alone < surelyAlone && !flow.isLast) return 'more'
  return { confidence: alone, client, server }
}

/** How sure it makes that directions agree, and what to say of it. */
export interface Agreement {
  readonly evidence: string
  /** Confidence where one direction was recognised; 90 where left out. */
  readonly one?: number
  /** Confidence where both were; 100 where left out. */
  readonly both?: number
  /** UDP: datagrams that must be recognised before one direction counts; 1 where left out. */
  readonly datagrams?: number
  readonly application?: string
}

/**
 * Looks at what both ends have said, whoever is the client: over TCP at the first octets of each,
 * over UDP at each datagram. One `no` is enough to refuse the flow, since whoever speaks a protocol
 * speaks it in both directions.
 */
export function agree(
  flow: FlowView,
  look: (bytes: Bytes, fromClient: boolean, flow: FlowView) => Look,
  found: Agreement
): Answer {
  let client = 0
  let server = 0
  // Most flows are refused here, by a hundred protocols each: nothing is made before that.
  if (flow.transport === 'udp') {
    for (const { bytes, fromClient } of flow.datagrams) {
      const seen = look(bytes, fromClient, flow)
      if (seen === 'no') return 'never'
      if (seen === 'yes' && fromClient) client++
      else if (seen === 'yes') server++
    }
  } else {
    const clientBytes = flow.client.bytes
    const serverBytes = flow.server.bytes
    const seen = clientBytes.length > 0 ? look(clientBytes, true, flow) : 'more'
    if (seen === 'no') return 'never'
    const answered = serverBytes.length > 0 ? look(serverBytes, false, flow) : 'more'
    if (answered === 'no') return 'never'
    client = seen === 'yes' ? 1 : 0
    server = answered === 'yes' ? 1 : 0
  }
  const areBoth = client > 0 && server > 0
  const needed = flow.transport === 'udp' ? (found.datagrams ?? 1) : 1
  if (client + server === 0 || (!areBoth && client + server < needed)) return 'more'
  const confidence = areBoth ? (found.both ?? 100) : (found.one ?? 90)
  const { evidence, application } = found
  return { confidence, evidence, ...(application === undefined ? {} : { application }) }
}

/** Whether the octets begin with this text. */
export function lookFor(bytes: Bytes, text: string): Look {
  if (bytes.has(text)) return 'yes'
  return bytes.length < text.length && bytes.mayHave(text) ? 'more' : 'no'
}

/** Whether the octets begin with one of these texts. */
export function lookForAny(bytes: Bytes, texts: readonly string[]): Look {
  let found: Look = 'no'
  for (const text of texts) {
    const look = lookFor(bytes, text)
    if (look === 'yes') return look
    if (look === 'more') found = look
  }
  return found
}
