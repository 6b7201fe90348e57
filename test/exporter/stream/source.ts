import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { NetConnectOpts, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { streamNames } from '../../../appliance/capture/stream-names.ts'
import { catalogue, loadRules } from '../../../classifier/applications/load.ts'
import type { StreamSource } from '../../../exporter/stream/hub.ts'
import type { StreamedFlow } from '../../../model/streamed-flow.ts'
import { flow } from '../../criteria/flow.ts'

const rules = loadRules([catalogue])

export function streamed(changes: Partial<StreamedFlow> = {}): StreamedFlow {
  return {
    ...flow(),
    digest: 'ab'.repeat(20),
    firstUs: 1_700_000_000_123_456,
    lastUs: 1_700_000_001_000_000,
    fromLocal: { octets: 1000, packets: 10 },
    fromOther: { octets: 5000, packets: 12 },
    detectionPackets: 4,
    ...changes,
  }
}

export function source(flows: readonly StreamedFlow[] = []): StreamSource {
  return {
    names: streamNames(() => rules),
    established: () => flows,
    counts: () => ({
      flowsActive: flows.length,
      flowsExpired: 0,
      hints: 0,
      remembered: 0,
      updateIntervalMs: 15_000,
    }),
  }
}

export interface Line {
  readonly type: string
  readonly established?: boolean
  readonly flow?: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

/** Every line that a socket has brought so far, parsed. */
export function linesOf(socket: Readable): Line[] {
  const lines: Line[] = []
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((line) => JSON.parse(line) as Line))
  })
  return lines
}

export async function connect(options: NetConnectOpts): Promise<Socket> {
  const socket = createConnection(options)
  await once(socket, 'connect')
  return socket
}
