import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { parseListen } from '../model/endpoint-text.ts'
import { FlowledgerError } from '../model/errors.ts'
import { boundClients } from './slow-clients.ts'
import type { ClientBounds, CutReason } from './slow-clients.ts'

/** What answers a request: a hono app, or anything with its `fetch`. */
export interface FetchApp {
  fetch(request: Request, env?: object): Response | Promise<Response>
}

export interface ServerOptions {
  /** `127.0.0.1:8080`, `[::1]:8080`; port 0 takes a free one. */
  readonly listen: string
  readonly app: FetchApp
  /**
   * How long requests under way may take to end when it closes, in milliseconds. Left out: 10 s.
   */
  readonly drainMs?: number
  /** Told of each connection that is ended because its client was slow or one of too many. */
  readonly onCut?: (reason: CutReason) => void
}

export interface RunningServer {
  /** `127.0.0.1:8080`: where it listens, with the port that it got. */
  readonly address: string
  /** Takes no more requests, lets those under way end, then resolves. */
  close(): Promise<void>
}

/**
 * Longest time from a connection's first byte to the end of the request, in milliseconds: a batch
 * is taken only as fast as it is answered. What asks for less has bounds of its own.
 */
const requestMs = 900_000
const headersMs = 10_000

/** How often connections are looked at for what is late: the bounds hold to within this (ms). */
const checkMs = 1000

/** Octets of a request's line and headers; more is refused with 431. */
const maxHeaderBytes = 16_384

/** Lines of headers: Node.js would pass over those above 2000, and answer as if they were not. */
const maxHeaders = 200

const tooManyHeaders = (): Response =>
  new Response(null, { status: 431, headers: { Connection: 'close' } })

/** What the adaptor hands over beside a request. */
interface Bindings {
  readonly incoming: IncomingMessage
}

/** Batches watch over their bodies themselves, see body-lines.ts. */
const clientBounds: ClientBounds = {
  bodyMs: 10_000,
  bodyBytes: 16_384,
  connections: 16_384,
  ownPace: new Set(['/v1/lookups']),
}

function listenError(listen: string, cause: NodeJS.ErrnoException): FlowledgerError {
  if (cause.code === 'EADDRINUSE') {
    return new FlowledgerError('port-in-use', `Something else listens on ${listen} already.`, {
      fix: `See who with "ss -ltnp", or choose another address with --listen.`,
      cause,
    })
  }
  if (cause.code === 'EACCES') {
    return new FlowledgerError('permission-missing', `Listening on ${listen} is not permitted.`, {
      fix: 'Ports below 1024 need CAP_NET_BIND_SERVICE; choose another with --listen.',
      cause,
    })
  }
  return new FlowledgerError('config-invalid', `Nothing can listen on ${listen}.`, {
    fix: 'Use an address of this machine in --listen.',
    cause,
  })
}

async function listening(server: Server, listen: string): Promise<AddressInfo> {
  const where = parseListen(listen)
  if (where === undefined) {
    throw new FlowledgerError('config-invalid', `"${listen}" is no address to listen on.`, {
      fix: 'Write ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080.',
    })
  }
  try {
    server.listen({ host: where.host, port: where.port })
    await once(server, 'listening')
  } catch (error) {
    throw listenError(listen, error as NodeJS.ErrnoException)
  }
  return server.address() as AddressInfo
}

function closer(server: Server, drainMs: number): () => Promise<void> {
  return async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    await closed
    clearTimeout(timer)
  }
}

/**
 * Listens and answers. Any address may be listened on: whoever asks needs a token.
 *
 * @throws FlowledgerError `port-in-use`, `permission-missing`, `config-invalid`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, listen, drainMs = 10_000, onCut = () => {} } = options
  const server = createAdaptorServer({
    // With the socket, so that the app knows the other end's address.
    fetch: (request, env) =>
      (env as Bindings).incoming.rawHeaders.length > 2 * maxHeaders
        ? tooManyHeaders()
        : app.fetch(request, env),
    serverOptions: {
      requestTimeout: requestMs,
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server
  boundClients(server, clientBounds, onCut)
  const { address, port, family } = await listening(server, listen)
  const host = family === 'IPv6' ? `[${address}]` : address
  return { address: `${host}:${port}`, close: closer(server, drainMs) }
}
