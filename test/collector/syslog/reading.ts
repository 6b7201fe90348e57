import { EventWriter } from '../../../collector/syslog/event-writer.ts'
import { LineSource } from '../../../collector/syslog/line-source.ts'
import type { LineSourceOptions } from '../../../collector/syslog/line-source.ts'
import { formatAddress } from '../../../model/address.ts'

/** When the tests' lines are read: 2026-03-01T12:00:30Z. */
export const nowUs = Date.UTC(2026, 2, 1, 12, 0, 30) * 1000

/** An event as tests compare it; what is zero or empty is left out. */
export type ReadEvent = Readonly<Record<string, string | number>>

function endpoint(words: Uint32Array, ports: Uint16Array, row: number): string {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.subarray(4 * row, 4 * row + 4)
  if (w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0) return ''
  return `${formatAddress(w0, w1, w2, w3)} ${ports[row]}`
}

/** The rows of a writer's batch as objects. */
export function eventsOf({ batch, columns: c }: EventWriter): ReadEvent[] {
  return Array.from({ length: batch.length }, (_, row) => {
    const number = (name: keyof typeof c): number => c[name][row] ?? 0
    const counter = (column: Uint32Array): number =>
      (column[2 * row] ?? 0) + (column[2 * row + 1] ?? 0) * 2 ** 32
    const all = {
      natEvent: number('natEvent'),
      protocol: number('protocolIdentifier'),
      inside: endpoint(c.sourceAddress, c.sourceTransportPort, row),
      outside: endpoint(c.postNatSourceAddress, c.postNaptSourceTransportPort, row),
      remote: endpoint(c.destinationAddress, c.destinationTransportPort, row),
      remoteAfter: endpoint(c.postNatDestinationAddress, c.postNaptDestinationTransportPort, row),
      portStart: number('portRangeStart'),
      portEnd: number('portRangeEnd'),
      vrf: number('ingressVrfId'),
      user: batch.texts.textOf(number('userName')),
      pool: batch.texts.textOf(number('natPoolName')),
      octets: counter(c.octetDeltaCount),
      reverseOctets: counter(c.reverseOctetDeltaCount),
      packets: counter(c.packetDeltaCount),
      startedUs: number('connectionStart'),
      fromUs: number('flowStartMicroseconds'),
      toUs: number('flowEndMicroseconds'),
      flags: number('sliceFlags'),
    }
    return Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== 0 && value !== '')
    )
  })
}

/** Reads lines as one source does. */
export function readLines(
  lines: readonly string[],
  options: Partial<LineSourceOptions> = {}
): { events: ReadEvent[]; source: LineSource } {
  const source = new LineSource({ vendor: 'auto', live: false, nowUs: () => nowUs, ...options })
  const out = new EventWriter(1024)
  for (const line of lines) source.read(line, out)
  return { events: eventsOf(out), source }
}
