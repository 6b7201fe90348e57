import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { formatEndpoint, parseListen } from '../../model/endpoint-text.ts'
import { parseAddress } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { IdentityEvent } from '../../model/identity.ts'
import { accountingEvents } from './radius-accounting.ts'
import type { AccountingReason } from './radius-accounting.ts'
import { namedAttributes } from './radius-attributes.ts'
import { findClient } from './radius-clients.ts'
import type { RadiusClient } from './radius-clients.ts'
import { checkRadius, decodeRadius, encodeResponse, radiusCode } from './radius-packet.ts'
import type { RadiusFailure, RadiusPacket } from './radius-packet.ts'
import { RadiusReplies } from './radius-replies.ts'

/** Packets that may wait for the store; a NAS sends again what gets no answer. */
const maxWaiting = 8192
/** Packets of one write. */
const maxBatch = 1024
const receiveBuffer = 4 << 20

/** Why a packet was not answered; each is a counter. */
export type RadiusRefusal =
  | RadiusFailure
  | 'unknown-client'
  | 'code'
  | 'attribute-value'
  | 'busy'
  | 'not-stored'

export interface RadiusServerOptions {
  /** `address:port`. */
  readonly listen: string
  readonly clients: readonly RadiusClient[]
  /** Resolves once the statements are safe; rejects where they are not. */
  readonly store: (events: readonly IdentityEvent[], atUs: number) => Promise<void>
  readonly nowUs?: () => number
}

/** A packet that is answered once its statements are safe. */
interface Waiting {
  readonly key: string
  readonly packet: RadiusPacket
  readonly secret: Buffer
  readonly peer: RemoteInfo
  readonly events: readonly IdentityEvent[]
}

/**
 * A RADIUS accounting server (RFC 2866). It answers when what the packet says is recorded, and to
 * nobody who does not prove to know the secret: silence makes the sender try again.
 */
export class RadiusServer {
  readonly counters = { packets: 0, requests: 0, duplicates: 0, answered: 0, statusServer: 0 }
  readonly refused: Partial<Record<RadiusRefusal, number>> = {}
  /** Packets that were right, and answered, but say nothing of who held what. */
  readonly unknown: Partial<Record<AccountingReason, number>> = {}
  private readonly socket: Socket
  private readonly store: RadiusServerOptions['store']
  private readonly nowUs: () => number
  private readonly replies = new RadiusReplies()
  private clients: readonly RadiusClient[]
  private waiting: Waiting[] = []
  private writing: Promise<void> | undefined

  private constructor(socket: Socket, options: RadiusServerOptions) {
    this.socket = socket
    this.store = options.store
    this.nowUs = options.nowUs ?? (() => Date.now() * 1000)
    this.clients = options.clients
    socket.on('message', (datagram, peer) => this.take(datagram, peer))
    // ICMP errors to answers come up here; the sender asks again or is gone.
    socket.on('error', () => {})
  }

  /** @throws FlowledgerError `port-in-use`, `config-invalid`, `permission-missing` */
  static async start(options: RadiusServerOptions): Promise<RadiusServer> {
    const { host, port } = parseListen(options.listen) ?? { host: '', port: 0 }
    const type = isIPv6(host) ? 'udp6' : 'udp4'
    const socket = createSocket({ type })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => reject(listenError(error, options.listen)))
      socket.bind(port, host, () => {
        socket.removeAllListeners('error')
        resolve()
      })
    })
    try {
      socket.setRecvBufferSize(receiveBuffer)
    } catch {
      // The system's own size then: what it drops is sent again.
    }
    return new RadiusServer(socket, options)
  }

  /** Where it listens, with the port that was given where 0 was asked for. */
  get address(): string {
    const { address, port } = this.socket.address()
    const words = parseAddress(address)
    return words === undefined ? `${address}:${port}` : formatEndpoint(words, port)
  }

  /** Takes over who may send. */
  useClients(clients: readonly RadiusClient[]): void {
    this.clients = clients
  }

  /** Ends once what was received is recorded and answered, or could not be. */
  async close(): Promise<void> {
    this.socket.removeAllListeners('message')
    await this.writing
    await new Promise<void>((resolve) => {
      this.socket.close(() => resolve())
    })
  }

  private refuse(reason: RadiusRefusal): void {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1
  }

  private take(datagram: Buffer, peer: RemoteInfo): void {
    this.counters.packets++
    const client = findClient(this.clients, peer.address)
    if (client === undefined) return this.refuse('unknown-client')
    const packet = decodeRadius(datagram)
    if (typeof packet === 'string') return this.refuse(packet)
    const { code } = packet
    if (code !== radiusCode.accountingRequest && code !== radiusCode.statusServer) {
      return this.refuse('code')
    }
    const failure = checkRadius(packet, client.secret)
    if (failure !== undefined) return this.refuse(failure)
    if (code === radiusCode.accountingRequest) return this.takeRequest(packet, client, peer)
    this.counters.statusServer++
    this.answer(encodeResponse(packet, client.secret), peer)
  }

  private takeRequest(packet: RadiusPacket, client: RadiusClient, peer: RemoteInfo): void {
    this.counters.requests++
    const sender = `${peer.address} ${peer.port}`
    const key = `${sender} ${packet.identifier} ${packet.authenticator.toString('latin1')}`
    const reply = this.replies.find(key, this.nowUs())
    if (reply !== undefined) {
      this.counters.duplicates++
      // One that still waits is answered when it is recorded.
      if (reply !== 'waiting') this.answer(reply, peer)
      return
    }
    if (this.waiting.length >= maxWaiting) return this.refuse('busy')
    const attributes = namedAttributes(packet.attributes)
    if (attributes === undefined) return this.refuse('attribute-value')
    const events = accountingEvents({
      attributes,
      receivedUs: this.nowUs(),
      client: client.name,
      record: `${sender} id ${packet.identifier}`,
    })
    if (typeof events === 'string') this.unknown[events] = (this.unknown[events] ?? 0) + 1
    const told = typeof events === 'string' ? [] : events
    this.replies.wait(key, this.nowUs())
    this.waiting.push({ key, packet, secret: client.secret, peer, events: told })
    this.writing ??= this.write()
  }

  /** Writes what waits, a batch at a time, and answers each packet whose statements are safe. */
  private async write(): Promise<void> {
    // Packets that come together are written together.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, maxBatch)
      const stored = await this.storeAll(batch)
      this.waiting = this.waiting.slice(batch.length)
      for (const { key, packet, secret, peer } of batch) {
        if (!stored) {
          this.refuse('not-stored')
          this.replies.forget(key)
          continue
        }
        const response = encodeResponse(packet, secret)
        this.replies.keep(key, response, this.nowUs())
        this.answer(response, peer)
      }
    }
    this.writing = undefined
  }

  private async storeAll(batch: readonly Waiting[]): Promise<boolean> {
    try {
      const events = batch.flatMap((one) => one.events)
      await this.store(events, this.nowUs())
      return true
    } catch {
      // Who stores reports why. The senders try again.
      return false
    }
  }

  private answer(response: Buffer, peer: RemoteInfo): void {
    this.counters.answered++
    this.socket.send(response, peer.port, peer.address)
  }
}

function listenError(error: NodeJS.ErrnoException, listen: string): FlowledgerError {
  if (error.code === 'EADDRINUSE') {
    return new FlowledgerError('port-in-use', `${listen} (RADIUS accounting) is in use.`, {
      fix: 'End the other RADIUS server, or listen on another port.',
      cause: error,
    })
  }
  if (error.code === 'EACCES') {
    return new FlowledgerError('permission-missing', `${listen} may not be listened on.`, {
      fix: 'Use a port above 1023, or give the service CAP_NET_BIND_SERVICE.',
      cause: error,
    })
  }
  return new FlowledgerError(
    'config-invalid',
    `${listen} cannot be listened on: ${error.message}.`,
    {
      cause: error,
    }
  )
}
