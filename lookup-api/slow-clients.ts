import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

/** Why a connection was ended before its client was through. */
export type CutReason = 'slow-body' | 'too-many-connections'

/** What a client may keep of the server without asking anything. */
export interface ClientBounds {
  /** A body has to go on by `bodyBytes` in each so many milliseconds, until it ends. */
  readonly bodyMs: number
  readonly bodyBytes: number
  /** Connections at one time; one more, and the one that was silent for longest is ended. */
  readonly connections: number
  /** Paths that watch over their bodies themselves. */
  readonly ownPace: ReadonlySet<string>
}

const timedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

/** Ends bodies that trickle: each would keep a connection for as long as a batch may take. */
function watchBody(request: IncomingMessage, bounds: ClientBounds, cut: () => void): void {
  const { socket } = request
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const now = socket.bytesRead
    // While nobody takes what is here already, it is not the client that is late.
    const isOurTurn = request.readableLength >= request.readableHighWaterMark
    if (request.complete || socket.destroyed) clearInterval(timer)
    else if (!isOurTurn && now - before < bounds.bodyBytes) {
      clearInterval(timer)
      cut()
      socket.end(timedOut, () => socket.destroy())
    }
    before = now
  }, bounds.bodyMs).unref()
  request.once('close', () => clearInterval(timer))
}

/**
 * Keeps what clients may hold of a server within bounds. Newcomers are let in while others idle:
 * who opens connections and says nothing shuts nobody out.
 *
 * @param onCut told of each connection that is ended for it
 */
export function boundClients(
  server: Server,
  bounds: ClientBounds,
  onCut: (reason: CutReason) => void
): void {
  /** In the order of their last request, those without one by when they came. */
  const idle = new Set<Socket>()
  let count = 0
  server.prependListener('connection', (socket: Socket) => {
    idle.add(socket)
    count++
    socket.once('close', () => {
      idle.delete(socket)
      count--
    })
    if (count <= bounds.connections) return
    onCut('too-many-connections')
    const [oldest = socket] = idle
    idle.delete(oldest)
    oldest.destroy()
  })
  server.prependListener('request', (request, response) => {
    const { socket } = request
    idle.delete(socket)
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket)
    })
    if (!hasBody(request) || bounds.ownPace.has(pathOf(request))) return
    watchBody(request, bounds, () => onCut('slow-body'))
  })
}
