import { describe, expect, test } from 'vitest'
import { Conversation } from '../../classifier/conversation.ts'
import { FirstOctets } from '../../classifier/first-octets.ts'
import { Flow } from '../../classifier/flow.ts'
import { protocols } from '../../classifier/protocols.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'
import { numbers, randomOctets } from './noise.ts'

/** A conversation in which the client, at a port of `ports`, has said something first. */
function said(transport: 'tcp' | 'udp', octets: Uint8Array, port: number): Conversation {
  const packet = new Packet()
  packet.protocol = transport === 'tcp' ? 6 : 17
  packet.timeUs = 1e15
  packet.sourcePort = 50_000
  packet.destinationPort = port
  packet.source3 = 1
  packet.destination3 = 2
  packet.tcpFlags = transport === 'tcp' ? tcpFlag.ack | tcpFlag.push : 0
  packet.payload.set(octets, 0, octets.length, octets.length)
  const flow = new Flow(packet)
  flow.count(packet, true)
  const conversation = flow.talk()
  conversation.admit(packet, true)
  return conversation
}

describe.each(['tcp', 'udp'] as const)('protocols that a flow over %s is not shown to', (over) => {
  const lists = new FirstOctets(protocols, over)
  const speakers = [...protocols.entries()].filter(([, { transports }]) =>
    transports.includes(over)
  )

  test.each(speakers)('%i: would have found nothing in it', (index, protocol) => {
    const next = numbers(index + 1)
    const usual = protocol.ports?.[over] ?? []
    for (let octet = 0; octet < 256; octet++) {
      for (const length of [8, 100]) {
        const port = [...usual, 4444][next() % (usual.length + 1)] ?? 4444
        if (lists.of(octet, 50_000, port).includes(index)) continue
        const octets = next() % 4 === 0 ? new Uint8Array(length) : randomOctets(next, length)
        octets[0] = octet
        const answer = protocol.classify(said(over, octets, port))
        expect(typeof answer, `${protocol.name} of ${octet}`).toBe('string')
      }
    }
  })
})

test('protocols that are bound to ports are asked on those alone, in their order', () => {
  const lists = new FirstOctets(protocols, 'udp')
  const named = (...ports: readonly [number, number]): string[] =>
    [...lists.of(0, ...ports)].map((index) => protocols[index]?.name ?? '')
  expect(named(50_000, 50_001)).not.toContain('mdns')
  expect(named(50_000, 5353)).toContain('mdns')
  expect(named(5353, 50_000)).not.toContain('llmnr')
  const order = [...lists.of(0, 5353, 5355)]
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})
