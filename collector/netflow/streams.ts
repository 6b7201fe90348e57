import { readFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { formatWords, requireAddress } from '../../model/address.ts'
import type { EndpointText } from '../../model/endpoint-text.ts'
import { formatEndpoint } from '../../model/endpoint-text.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { NetflowConfig } from '../../model/netflow-settings.ts'
import type { Arrival } from './arrival.ts'
import { maxConnections } from './limits.ts'

/** What came over a stream, message by message. */
export interface StreamTarget {
  message(view: DataView, from: number, to: number, arrival: Arrival): void
  /**
   * The only connection of an address began: sequence numbers and templates begin anew (RFC 7011
   * §8, §3.1).
   */
  opened(w0: number, w1: number, w2: number, w3: number): void
}

/** Why connections were ended by us, and how many there are. */
export interface StreamCounters {
  connections: number
  accepted: number
  refused: number
  malformed: number
  handshakes: number
}

/** A message at its longest. */
const maxMessageBytes = 0xffff
/** A connection that says nothing for so long is ended (ms). */
const silenceMs = 3_600_000

/** IPFIX over TCP and TLS (RFC 7011 §10.4): messages one behind the other, each with its length. */
export class StreamListeners {
  readonly counters: StreamCounters = {
    connections: 0,
    accepted: 0,
    refused: 0,
    malformed: 0,
    handshakes: 0,
  }
  readonly addresses: string[] = []
  private readonly servers: Server[] = []
  private readonly sockets = new Set<Socket>()
  private readonly target: StreamTarget

  constructor(target: StreamTarget) {
    this.target = target
  }

  /**
   * Opens what the configuration names.
   *
   * @throws FlowledgerError `port-in-use`, `config-invalid`
   */
  async listen({ tcp, tls }: Pick<NetflowConfig, 'tcp' | 'tls'>): Promise<void> {
    for (const at of tcp)
      await this.open(
        createTcpServer((socket) => this.accept(socket)),
        at
      )
    if (tls === undefined) return
    const options = {
      cert: readPem(tls.certificate),
      key: readPem(tls.key),
      ...(tls.clientCa === undefined
        ? {}
        : { ca: readPem(tls.clientCa), requestCert: true, rejectUnauthorized: true }),
    }
    for (const at of tls.listen) {
      const server = createTlsServer(options, (socket) => this.accept(socket))
      server.on('tlsClientError', () => this.counters.handshakes++)
      await this.open(server, at)
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  private async open(server: Server, { ip, port = 0 }: EndpointText): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const where = formatEndpoint(ip, port)
        const code = error.code === 'EADDRINUSE' ? 'port-in-use' : 'usage'
        reject(new FlowledgerError(code, `TCP ${where} cannot be opened: ${error.message}.`))
      })
      server.listen(port, formatWords(ip), resolve)
    })
    this.servers.push(server)
    this.addresses.push(formatEndpoint(ip, (server.address() as AddressInfo).port))
  }

  private accept(socket: Socket): void {
    const { counters, sockets } = this
    if (sockets.size >= maxConnections || socket.remoteAddress === undefined) {
      counters.refused++
      socket.destroy()
      return
    }
    const [w0, w1, w2, w3] = requireAddress(socket.remoteAddress.split('%')[0] ?? '')
    const port = socket.remotePort ?? 0
    counters.accepted++
    const isOnly = [...sockets].every((one) => one.remoteAddress !== socket.remoteAddress)
    sockets.add(socket)
    counters.connections = sockets.size
    if (isOnly) this.target.opened(w0, w1, w2, w3)
    const messages = new MessageCutter((view, from, to) => {
      const atUs = Date.now() * 1000
      this.target.message(view, from, to, { w0, w1, w2, w3, port, atUs, transport: 'stream' })
    })
    socket.setTimeout(silenceMs, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      if (messages.take(chunk)) return
      // Behind a length that is wrong nobody can find the next message.
      counters.malformed++
      socket.destroy()
    })
    // Whatever ends it, what follows is a new connection.
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      counters.connections = sockets.size
    })
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new FlowledgerError('config-invalid', `${path} cannot be read.`, {
      fix: 'collector.netflow.tls wants files in PEM form.',
      cause,
    })
  }
}

/** Cuts a stream into messages by the length in their heads. */
export class MessageCutter {
  private rest: Buffer = Buffer.alloc(0)
  private readonly message: (view: DataView, from: number, to: number) => void

  constructor(message: (view: DataView, from: number, to: number) => void) {
    this.message = message
  }

  /** Octets of a message that is not whole yet. */
  get waiting(): number {
    return this.rest.length
  }

  /** Takes what came; false where it is no IPFIX, and nothing behind it can be read. */
  take(chunk: Buffer): boolean {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = 0
    while (at + 4 <= bytes.length) {
      const length = view.getUint16(at + 2)
      if (view.getUint16(at) !== 10 || length < 16) {
        this.rest = bytes.subarray(at)
        return false
      }
      if (at + length > bytes.length) break
      this.message(view, at, at + length)
      at += length
    }
    this.rest = Buffer.from(bytes.subarray(at))
    return this.rest.length <= maxMessageBytes
  }
}
