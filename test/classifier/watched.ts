import { Classifier } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import type { Answer, FlowView, Protocol } from '../../classifier/protocols/protocol.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'

/** A protocol that notes what it was shown, and answers as it is told. */
export function watcher(
  answer: (flow: FlowView) => Answer,
  name = 'watcher'
): Protocol & { seen: string[] } {
  const seen: string[] = []
  const classify = (flow: FlowView): Answer => {
    seen.push(`${flow.client.bytes.text()}|${flow.server.bytes.text()}`)
    return answer(flow)
  }
  return { name, title: name, category: 'other', transports: ['tcp', 'udp'], seen, classify }
}

/** A packet of a flow. */
export interface Sent {
  readonly from?: 'client' | 'server'
  readonly sequence?: number
  readonly flags?: number
  readonly text?: string
  readonly cutTo?: number
  readonly atUs?: number
  readonly port?: number
}

/** Sends packets of one TCP or UDP flow; the payload's memory is spoilt after each. */
export function run(
  protocols: readonly Protocol[],
  sent: readonly Sent[],
  protocol = 6,
  decided: (flow: Flow) => void = () => {}
): Flow[] {
  const flows: Flow[] = []
  const classifier = new Classifier(protocols, { ended: (flow) => flows.push(flow), decided })
  const buffer = new Uint8Array(70_000)
  const packet = new Packet()
  for (const [
    i,
    { from = 'client', sequence = 0, flags = 16, text = '', ...rest },
  ] of sent.entries()) {
    const isClient = from === 'client'
    packet.protocol = protocol
    packet.timeUs = rest.atUs ?? i
    packet.source2 = packet.destination2 = 0xffff
    packet.source3 = isClient ? 0xc0000201 : 0xc6336401
    packet.destination3 = isClient ? 0xc6336401 : 0xc0000201
    packet.sourcePort = isClient ? (rest.port ?? 40_000) : 5000
    packet.destinationPort = isClient ? 5000 : (rest.port ?? 40_000)
    packet.tcpFlags = protocol === 6 ? flags : 0
    packet.sequence = sequence >>> 0
    packet.ipLength = 40 + text.length
    const octets = Buffer.from(text, 'latin1')
    buffer.set(octets, 3)
    packet.payload.set(buffer, 3, rest.cutTo ?? octets.length, octets.length)
    classifier.take(packet)
    buffer.fill(0xee)
  }
  classifier.finish()
  return flows
}

/** The client's first packet. */
export const syn: Sent = { flags: tcpFlag.syn, sequence: 999 }
/** Waits for ever. */
export const more = (): Answer => 'more'
