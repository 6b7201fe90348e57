import { expect, test } from 'vitest'
import { Classifier } from '../../../classifier/classifier.ts'
import type { Flow } from '../../../classifier/flow.ts'
import { protocols } from '../../../classifier/protocols.ts'
import { Noise, numbers } from '../noise.ts'

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
  const noise = new Noise(classifier, next)
  for (let flow = 0; flow < flows; flow++) {
    const transport = (next() & 1) === 1 ? 'tcp' : 'udp'
    noise.send({ isTcp: transport === 'tcp', port: port(next, transport), least: 1, first })
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
