import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { parseListen } from '../../model/endpoint-text.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { SyslogListener } from '../../model/syslog-sources.ts'
import { SyslogFramer, eachLine } from './framing.ts'
import { readUdpDrops } from './udp-drops.ts'

/** Receive buffer that is asked for; the kernel grants what net.core.rmem_max allows. */
const receiveBufferBytes = 64 << 20
/** Connections of one listener at a time. */
const maxConnections = 1024
/** A connection that is silent for as long is closed (ms): its sender connects again. */
const idleMs = 3_600_000

/** What a socket hears. */
export interface Hearing {
  /** @returns false where the sender is none that may send: a connection is closed then */
  message(text: string, sender: string): boolean
  tooLong(messages: number): void
}

export interface SyslogSocket {
  /** `udp 127.0.0.1:514`, with the port that was given. */
  readonly address: string
  /** Octets that the kernel granted for datagrams that wait; 0 where it is a stream. */
  readonly receiveBuffer: number
  /** Datagrams that the kernel dropped so far. */
  drops(): number
  close(): Promise<void>
}

function failed(listen: string, cause: unknown): FlowledgerError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new FlowledgerError('port-in-use', `Syslog cannot be received on ${listen}: ${why}.`, {
    fix: 'Choose another address or port in collector.syslog.listeners, or end who has it.',
    cause,
  })
}

/** Addresses of IPv4 senders at a socket of both families stand mapped. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '')

/**
 * Opens a listener.
 *
 * @throws FlowledgerError `port-in-use`
 */
export async function openSyslogSocket(
  listener: SyslogListener,
  hearing: Hearing
): Promise<SyslogSocket> {
  return listener.transport === 'udp' ? openUdp(listener, hearing) : openStream(listener, hearing)
}

async function openUdp({ listen }: SyslogListener, hearing: Hearing): Promise<SyslogSocket> {
  const { host = '::', port = 0 } = parseListen(listen) ?? {}
  const type = host.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket({ type, ipv6Only: false })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(failed(listen, error)))
    socket.bind(port, host, resolve)
  })
  try {
    socket.setRecvBufferSize(receiveBufferBytes)
  } catch {
    // The kernel's default stays; what is lost by it is counted.
  }
  socket.removeAllListeners('error')
  socket.on('error', () => {})
  socket.on('message', (datagram, { address }) => {
    const sender = plain(address)
    const tooLong = eachLine(datagram, (line) => void hearing.message(line, sender))
    if (tooLong > 0) hearing.tooLong(tooLong)
  })
  const bound = socket.address()
  return {
    address: `udp ${endpoint(bound)}`,
    receiveBuffer: socket.getRecvBufferSize(),
    drops: () => readUdpDrops(bound.port),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

const endpoint = ({ address, port }: Pick<AddressInfo, 'address' | 'port'>): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function serverOf(listener: SyslogListener, onSocket: (socket: Socket) => void): Server {
  if (listener.transport === 'tcp') return createServer(onSocket)
  const { certFile = '', keyFile = '', caFile } = listener
  return createTlsServer(
    {
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      minVersion: 'TLSv1.2',
      ...(caFile === undefined
        ? {}
        : { ca: readFileSync(caFile), requestCert: true, rejectUnauthorized: true }),
    },
    onSocket
  )
}

async function openStream(listener: SyslogListener, hearing: Hearing): Promise<SyslogSocket> {
  const { host = '::', port = 0 } = parseListen(listener.listen) ?? {}
  const open = new Set<Socket>()
  let server: Server
  try {
    server = serverOf(listener, (socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      hear(socket, hearing)
    })
  } catch (error) {
    throw failed(listener.listen, error)
  }
  server.maxConnections = maxConnections
  // A handshake that fails is its sender's affair.
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(failed(listener.listen, error)))
    server.listen(port, host, resolve)
  })
  const bound = server.address() as AddressInfo
  return {
    address: `${listener.transport} ${endpoint(bound)}`,
    receiveBuffer: 0,
    drops: () => 0,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads one connection until it ends, or its sender turns out to be nobody that may send. */
function hear(socket: Socket, hearing: Hearing): void {
  const framer = new SyslogFramer()
  const sender = plain(socket.remoteAddress ?? '')
  const take = (message: string): void => {
    if (!hearing.message(message, sender)) socket.destroy()
  }
  const countLong = (before: number): void => {
    if (framer.tooLong > before) hearing.tooLong(framer.tooLong - before)
  }
  socket.setTimeout(idleMs, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    const before = framer.tooLong
    framer.push(chunk, take)
    countLong(before)
  })
  socket.on('end', () => framer.end(take))
}
