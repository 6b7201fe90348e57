import { describe, expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import { protocols } from '../../classifier/protocols.ts'
import { UnknownFlows } from '../../classifier/unknown-clusters.ts'
import { Packet } from '../../model/packet.ts'
import { hex } from './protocols/talk.ts'

/** Sends a question and an answer over UDP, from another client port each time. */
function talks(unknown: UnknownFlows, port: number, said: readonly [string, string][]): void {
  const classifier = new Classifier(protocols, {
    ended: () => {},
    unrecognised: (flow, conversation) => unknown.add(flow, conversation),
  })
  const packet = new Packet()
  packet.protocol = 17
  packet.timeUs = 1e15
  packet.source2 = packet.destination2 = 0xffff
  for (const [index, texts] of said.entries()) {
    for (const [turn, text] of texts.entries()) {
      const ports = [40_000 + index, port]
      const ends = [0xc0000201, 0xc6336401]
      packet.sourcePort = ports[turn] ?? 0
      packet.destinationPort = ports[1 - turn] ?? 0
      packet.source3 = ends[turn] ?? 0
      packet.destination3 = ends[1 - turn] ?? 0
      const octets = hex(text)
      packet.payload.set(octets, 0, octets.length, octets.length)
      packet.timeUs += 1000
      classifier.take(packet)
    }
  }
  classifier.finish()
}

const alike: readonly [string, string][] = [
  ['f7e3 aa01 0000 0001 99', 'f7e4 aa01'],
  ['f7e3 aa02 0000 0001 98', 'f7e4 aa02'],
  ['f7e3 aa03 0000 0001 97', 'f7e4 aa03'],
]

describe('connections that nothing recognised', () => {
  test('those alike are one cluster, with what is the same in all of them', () => {
    const unknown = new UnknownFlows()
    talks(unknown, 31_999, alike)
    const { clusters, flows } = unknown.list(10)
    expect(flows).toBe(3)
    expect(clusters).toHaveLength(1)
    expect(clusters[0]).toMatchObject({
      transport: 'udp',
      flows: 3,
      ports: [{ port: 31_999, flows: 3 }],
      client: { least: 9, most: 9, begins: 'f7 e3 aa .. 00 00 00 01' },
      // Nothing could begin like this: it was given up before the server spoke.
      server: { least: 0, most: 0, begins: '' },
      example: ['192.0.2.1:40000', '198.51.100.1:31999'],
    })
  })

  test('what has nothing in common but port and sizes is put together too', () => {
    const unknown = new UnknownFlows()
    talks(unknown, 31_999, [
      ['a1b2 c3d4 e5f6', 'f1'],
      ['b2c3 d4e5 f6a7', 'f2'],
      ['f7e3 aa01 0000 0001 99', 'f7e4 aa01'],
    ])
    const { clusters } = unknown.list(10)
    expect(clusters.map(({ flows }) => flows)).toEqual([2, 1])
    expect(clusters[0]?.client).toEqual({ least: 6, most: 6, begins: '' })
  })

  test('where content is hidden, two octets of each side are shown', () => {
    const unknown = new UnknownFlows(true)
    talks(unknown, 31_999, alike)
    expect(unknown.list(1).clusters[0]?.client.begins).toBe('f7 e3')
  })

  test('there is an end to the clusters, and what is forgotten is counted', () => {
    const unknown = new UnknownFlows()
    const different = Array.from({ length: 5000 }, (_, n): [string, string] => [
      `f7${(n & 255).toString(16).padStart(2, '0')}${'ab'.repeat(20 + (n >> 8))}`,
      'f7e4',
    ])
    talks(unknown, 31_999, different)
    const { clusters, flows, forgotten } = unknown.list(10_000)
    expect(flows).toBeLessThanOrEqual(4096)
    expect(flows + forgotten).toBe(5000)
    expect(clusters.length).toBeLessThan(100)
  })
})
