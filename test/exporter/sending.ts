import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { Target } from '../../exporter/target.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import { bootUs } from './encoding.ts'
import { Reader } from './reading.ts'
import type { ReadMessage } from './reading.ts'

export const host = { process: 42, bootUs, interfaces: () => [] }

export const makeTarget = (config: ExportTarget, sequence = 0): Target =>
  new Target(config, host, sequence)

/** A collector on a socket of this process. */
export interface UdpCollector {
  readonly port: number
  readonly messages: ReadMessage[]
  readonly raw: Buffer[]
  readonly reader: Reader
  close(): Promise<void>
}

export async function collectUdp(address = '127.0.0.1', port = 0): Promise<UdpCollector> {
  const socket: Socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' })
  const reader = new Reader()
  const messages: ReadMessage[] = []
  const raw: Buffer[] = []
  socket.on('message', (message) => {
    raw.push(message)
    messages.push(reader.read(message))
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    messages,
    raw,
    reader,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
