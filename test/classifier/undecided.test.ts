import { describe, expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import { maxHeldSegments, maxUndecided, maxUndecidedBytes } from '../../classifier/limits.ts'
import type { Protocol } from '../../classifier/protocols/protocol.ts'
import { ipProtocol, Packet } from '../../model/packet.ts'

/** A packet of the connection of that number. */
function packetOf(number: number, protocol: number, text: Uint8Array): Packet {
  const packet = new Packet()
  Object.assign(packet, { protocol, source3: number, sourcePort: 50_000 })
  Object.assign(packet, { destination3: 0xc6336401, destinationPort: 40_000 })
  packet.timeUs = Date.UTC(2026, 2, 1) * 1000 + number
  packet.payload.set(text, 0, text.length, text.length)
  return packet
}

/** One that never knows. */
const unsure: Protocol = {
  name: 'unsure',
  title: 'Unsure',
  category: 'other',
  transports: ['tcp', 'udp'],
  classify: () => 'more',
}

/** Counts which connections were decided, in order. */
function decidedBy() {
  const decided: number[] = []
  const classifier = new Classifier([unsure], {
    decided: (flow) => decided.push(flow.clientAddress[3] ?? 0),
    ended: () => {},
  })
  return { classifier, decided }
}

describe('connections of which nobody knows yet what they are', () => {
  test('are decided by what there is, the oldest first, where they are too many', () => {
    const { classifier, decided } = decidedBy()
    const octets = new Uint8Array(1)
    const surplus = 3
    for (let number = 0; number < maxUndecided + surplus; number++) {
      classifier.take(packetOf(number, ipProtocol.udp, octets))
    }
    expect(decided).toEqual([0, 1, 2])
    expect([classifier.hurried, classifier.size]).toEqual([surplus, maxUndecided + surplus])
  })

  test('are decided where what is kept of them is too much, also what waits for a hole', () => {
    const { classifier, decided } = decidedBy()
    const octets = new Uint8Array(9000).fill(1)
    const enough = Math.ceil(maxUndecidedBytes / (octets.length * maxHeldSegments))
    for (let number = 0; number < enough; number++) {
      const first = packetOf(number, ipProtocol.tcp, octets.subarray(0, 1))
      first.sequence = 1
      classifier.take(first)
      for (let segment = 0; segment < maxHeldSegments; segment++) {
        const packet = packetOf(number, ipProtocol.tcp, octets)
        packet.sequence = 100 + segment * octets.length
        classifier.take(packet)
      }
    }
    expect(decided.slice(0, 1)).toEqual([0])
    expect(classifier.hurried).toBe(decided.length)
    expect(decided.length).toBeLessThan(enough / 10)
  })

  test('make room once they are decided or over', () => {
    const { classifier, decided } = decidedBy()
    const octets = new Uint8Array(1)
    for (let number = 0; number < maxUndecided; number++) {
      classifier.take(packetOf(number, ipProtocol.udp, octets))
    }
    classifier.finish()
    for (let number = 0; number < maxUndecided; number++) {
      classifier.take(packetOf(number, ipProtocol.udp, octets))
    }
    expect([classifier.hurried, decided.length]).toEqual([0, maxUndecided])
  })
})
