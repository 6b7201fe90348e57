import { expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import type { Protocol } from '../../classifier/protocols/protocol.ts'
import { tls } from '../../classifier/protocols/tls.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'
import { tlsHello } from './protocols/tls-hello.ts'

test('where no more packets come, what there is decides, before the connection is over', () => {
  const decided: number[] = []
  const waiting: Protocol = {
    name: 'waiting',
    title: 'waiting',
    category: 'other',
    transports: ['udp'],
    classify: (flow) => (flow.isLast ? { confidence: 90, evidence: 'all there is' } : 'more'),
  }
  const classifier = new Classifier(
    [waiting],
    { ended: () => {}, decided: (flow) => decided.push(flow.packets) },
    { packets: 3 }
  )
  const packet = new Packet()
  packet.protocol = 17
  packet.payload.set(Uint8Array.of(1, 2), 0, 2, 2)
  for (let i = 0; i < 5; i++) classifier.take(packet)
  expect(decided).toEqual([3])
})

test('a hello that the capture cut is not waited for once the server has spoken', () => {
  const decided: (string | undefined)[] = []
  const classifier = new Classifier([tls], {
    ended: () => {},
    decided: (flow) => decided.push(flow.classification?.protocol),
  })
  const packet = new Packet()
  packet.protocol = 6
  packet.tcpFlags = tcpFlag.ack
  const send = (octets: Uint8Array, captured: number, toServer: boolean): void => {
    packet.sourcePort = toServer ? 40_000 : 443
    packet.destinationPort = toServer ? 443 : 40_000
    packet.payload.set(octets, 0, captured, octets.length)
    classifier.take(packet)
  }
  const hello = tlsHello('a.example')
  send(hello, hello.length - 10, true)
  expect(decided).toEqual([])
  // An alert (RFC 8446 §6).
  send(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40), 7, false)
  expect(decided).toEqual(['tls'])
})
