import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView } from '../protocols/protocol.ts'

/**
 * What octets of one direction say: `yes`, they are of the protocol; `more`, they may be; `no`.
 */
export type Look = 'yes' | 'more' | 'no'

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
 * Looks at what both ends have said: over TCP at the first octets of each, over UDP at each
 * datagram. One `no` is enough to refuse the flow, since whoever speaks a protocol speaks it in
 * both directions.
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
