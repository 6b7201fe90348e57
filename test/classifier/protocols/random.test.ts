import { expect, test } from 'vitest'
import { Classifier } from '../../../classifier/classifier.ts'
import type { Flow } from '../../../classifier/flow.ts'
import { protocols } from '../../../classifier/protocols.ts'
import { Packet, tcpFlag } from '../../../model/packet.ts'
import { numbers, randomOctets } from './conformance.ts'

/** What random octets are taken for; a port may be one that a protocol has. */

const flows = 6_000
const ports = { tcp: portsOf('tcp'), udp: portsOf('udp') }
const begins = protocols.flatMap(({ begins: octets }) =>
  typeof octets === 'string'
    ? [...Buffer.from(octets, 'latin1')]
    : Array.isArray(octets)
      ? octets
      : []
)

function portsOf(transport: 'tcp' | 'udp'): number[] {
  return [...new Set(protocols.flatMap(({ ports: known }) => known?.[transport] ?? []))]
}

/** Sends one to six packets of random octets each way, in one flow after the other. */
function namesOfNoise(
  seed: number,
  port: (next: () => number, transport: 'tcp' | 'udp') => number,
  first: (next: () => number) => readonly number[]
): string[] {
  const next = numbers(seed)
  const named: string[] = []
  const ended = ({ classification }: Flow): void => {
    const payload = classification?.evidence.find(({ source }) => source === 'payload')
    if (payload !== undefined) named.push(`${payload.speaksFor}: ${payload.what}`)
  }
  const classifier = new Classifier(protocols, { ended })
  const packet = new Packet()
  packet.source2 = 0xffff
  packet.destination2 = 0xffff
  packet.timeUs = 1e15
  for (let flow = 0; flow < flows; flow++) {
    const transport = (next() & 1) === 1 ? 'tcp' : 'udp'
    const [client, server] = [
      [0xc0000201, 40_000] as const,
      [0xc6336401, port(next, transport)] as const,
    ]
    const sequence = [1000, 900_000]
    const count = 1 + (next() % 6)
    for (let i = transport === 'tcp' ? -2 : 0; i < count; i++) {
      const who = i === -2 || i === 0 ? 0 : i === -1 ? 1 : next() & 1
      const [from, to] = who === 0 ? [client, server] : [server, client]
      packet.protocol = transport === 'tcp' ? 6 : 17
      ;[packet.source3, packet.sourcePort] = from
      ;[packet.destination3, packet.destinationPort] = to
      const size = i < 0 ? 0 : 1 + (next() % ([40, 200, 1400][next() % 3] ?? 40))
      const octets = randomOctets(next, size)
      if (i === 0) octets.set(first(next).slice(0, size))
      packet.tcpFlags = i === -2 ? tcpFlag.syn : i === -1 ? tcpFlag.syn | tcpFlag.ack : tcpFlag.push
      packet.sequence = sequence[who] ?? 0
      sequence[who] = packet.sequence + (i < 0 ? 1 : size)
      packet.payload.set(octets, 0, size, size)
      packet.timeUs += 1000
      classifier.take(packet)
    }
    classifier.finish()
  }
  return named
}

const anyPort = (next: () => number): number => 1024 + (next() % 60_000)
const knownPort = (next: () => number, transport: 'tcp' | 'udp'): number =>
  ports[transport][next() % ports[transport].length] ?? 0
const nothing = (): number[] => []
const knownOctet = (next: () => number): number[] => [begins[next() % begins.length] ?? 0]

test.each([
  ['on any port', anyPort, nothing, 1],
  ['on ports that protocols have', knownPort, nothing, 1],
  ['behind an octet that protocols begin with', anyPort, knownOctet, 2],
  ['behind such an octet, on such a port', knownPort, knownOctet, 4],
] as const)('random octets %s are next to nothing', (_name, port, first, most) => {
  const named = namesOfNoise(4711, port, first)
  expect(named.length, named.join('\n')).toBeLessThanOrEqual(most)
})
