import { timingSafeEqual, createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { ListenOptions, Server, Socket } from 'node:net'
import { dirname } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { FlowledgerError } from '../../model/errors.ts'
import type { StreamHub } from './hub.ts'
import type { Reader } from './reader.ts'
import { maxRequestLetters, requestOf, tokenOf } from './request.ts'

/** Readers at one time; the next is refused. */
const maxReaders = 64
/** How long a reader may take to show its token. */
const tokenMs = 10_000
/** How long a reader may take for what was sent before the stream closed. */
const lastWordsMs = 2000

/** A reader that asks by `echo established | nc -N` has no more to say, and reads on. */
const allowHalfOpen = true

/** Where a stream listens, and what it asks of those who connect. */
export interface StreamListen {
  /** A path, or an address and port. */
  readonly at: { readonly path: string } | { readonly host: string; readonly port: number }
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Left out: whoever can connect may read. */
  readonly token?: string | undefined
}

/** A stream that listens. */
export interface ListeningStream {
  /** `address:port`, or the path. */
  readonly address: string
  close(): Promise<void>
}

/** Opens a socket on which the stream is read. */
export async function listen(hub: StreamHub, options: StreamListen): Promise<ListeningStream> {
  const { at, tls, token } = options
  const sockets = new Set<Socket>()
  const accept = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (hub.size >= maxReaders) socket.destroy()
    else admit(socket, hub, token)
  }
  const server =
    tls === undefined ? createServer({ allowHalfOpen }, accept) : tlsServer(tls, accept)
  if ('path' in at) clearPath(at.path)
  await bind(server, at)
  // Members of the group may read, as with Netify's agent.
  if ('path' in at) chmodSync(at.path, 0o660)
  return {
    address: addressOf(server),
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
        }, lastWordsMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        for (const socket of sockets) socket.end(() => socket.destroy())
      }),
  }
}

function tlsServer(
  { cert, key }: { readonly cert: string; readonly key: string },
  accept: (socket: Socket) => void
): Server {
  try {
    return createTlsServer(
      { cert: readFileSync(cert), key: readFileSync(key), allowHalfOpen },
      accept
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new FlowledgerError('stream-unusable', `The stream's certificate: ${message}.`)
  }
}

/** Folders below /run are gone after a restart of the host: who listens there makes theirs. */
function clearPath(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
    rmSync(path, { force: true })
  } catch (error) {
    throw unusable(path, error as Error)
  }
}

function unusable(where: string, cause: NodeJS.ErrnoException): FlowledgerError {
  const fixes: Readonly<Record<string, string>> = {
    EACCES: 'Let the user of this process write to the folder of stream.unix, or name another.',
    EADDRINUSE: 'End what listens there (ss -lntp names it), or give stream.tcp another port.',
    EADDRNOTAVAIL: 'Give stream.tcp an address of this host.',
  }
  const fix = fixes[cause.code ?? '']
  const message = `The stream cannot listen on ${where}: ${cause.message}.`
  return new FlowledgerError(
    'stream-unusable',
    message,
    fix === undefined ? { cause } : { cause, fix }
  )
}

function bind(server: Server, at: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const where = at.path ?? `${at.host ?? ''}:${at.port ?? ''}`
      reject(unusable(where, error))
    })
    server.listen(at, resolve)
  })
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return address ?? ''
  const { family, address: host, port } = address
  return family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`
}

/** Both hashed first, so that they are of one length and comparing takes one time. */
function isToken(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(wanted))
}

/** Waits for the token where one is asked for, then lets the reader in and hears what it asks. */
function admit(socket: Socket, hub: StreamHub, token: string | undefined): void {
  let reader: Reader | undefined = token === undefined ? hub.join(socket) : undefined
  const timer = reader === undefined ? setTimeout(() => socket.destroy(), tokenMs) : undefined
  socket.once('close', () => clearTimeout(timer))
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
      if (reader === undefined) {
        if (token === undefined || !isToken(tokenOf(line), token)) {
          socket.destroy()
          return
        }
        clearTimeout(timer)
        reader = hub.join(socket)
      } else {
        const request = requestOf(line)
        if (request !== undefined) void hub.answer(reader, request)
      }
      // Who was dropped meanwhile gets no answers made, for which others would wait.
      if (socket.destroyed) return
    }
    if (text.length > maxRequestLetters) socket.destroy()
  })
}
