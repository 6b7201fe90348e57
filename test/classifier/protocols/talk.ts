import { Classifier } from '../../../classifier/classifier.ts'
import type { Flow } from '../../../classifier/flow.ts'
import type { Protocol } from '../../../classifier/protocols/protocol.ts'
import type { Classification } from '../../../model/classification.ts'
import { Packet, tcpFlag } from '../../../model/packet.ts'

/** What one end says in one packet. */
export type Said = readonly [who: 'client' | 'server', octets: Uint8Array | string]

export interface Talk {
  readonly transport: 'tcp' | 'udp'
  readonly port: number
  readonly clientPort?: number
  readonly said: readonly Said[]
  /** Left out: 198.51.100.1; for what goes to a group. */
  readonly serverAddress?: number
}

/** Octets of hexadecimal text (white space is for the eye), of Latin-1 text, or as they are. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

const clientAddress = 0xc0000201
const usualServer = 0xc6336401

/**
 * Sends a conversation through the classifier, packet by packet, as a capture would: a handshake,
 * then each text in a packet of its own out of one buffer that is filled anew each time.
 */
export function classify(protocols: readonly Protocol[], talk: Talk): Classification {
  let result: Flow | undefined
  const classifier = new Classifier(protocols, { ended: (flow) => (result = flow) })
  const packet = new Packet()
  const buffer = new Uint8Array(70_000)
  const sequence = { client: 1000, server: 900_000 }
  const send = (who: 'client' | 'server', octets: Uint8Array, flags: number): void => {
    fill(packet, talk, who)
    packet.tcpFlags = flags
    packet.sequence = sequence[who]
    buffer.fill(0xee)
    buffer.set(octets, 7)
    packet.payload.set(buffer, 7, octets.length, octets.length)
    const isNumbered = (flags & (tcpFlag.syn | tcpFlag.fin)) !== 0
    sequence[who] += octets.length + (isNumbered ? 1 : 0)
    packet.timeUs += 1000
    classifier.take(packet)
  }
  packet.timeUs = 1e15
  const none = new Uint8Array(0)
  if (talk.transport === 'tcp') {
    send('client', none, tcpFlag.syn)
    send('server', none, tcpFlag.syn | tcpFlag.ack)
  }
  for (const [who, octets] of talk.said) {
    send(who, typeof octets === 'string' ? latin1(octets) : octets, tcpFlag.ack | tcpFlag.push)
  }
  classifier.finish()
  if (result?.classification === undefined) throw new Error('the flow was not classified')
  return result.classification
}

function fill(packet: Packet, talk: Talk, who: 'client' | 'server'): void {
  const server = talk.serverAddress ?? usualServer
  const port = talk.clientPort ?? 40_000
  const isClient = who === 'client'
  packet.protocol = talk.transport === 'tcp' ? 6 : 17
  packet.source2 = 0xffff
  packet.destination2 = 0xffff
  packet.source3 = isClient ? clientAddress : server
  packet.destination3 = isClient ? server : clientAddress
  packet.sourcePort = isClient ? port : talk.port
  packet.destinationPort = isClient ? talk.port : port
}
