import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'

/** RADIUS accounting as NASes send it (RFC 2866), as fast as it is acknowledged. */
export interface SenderOptions {
  readonly port: number
  readonly secret: string
  /** A Start, an Interim-Update and a Stop each. */
  readonly sessions: number
  /** NASes, a socket each. */
  readonly senders: number
  /** Requests of one NAS that may wait for their answers; at most 256: so many identifiers. */
  readonly window: number
}

export interface Sent {
  readonly requests: number
  readonly seconds: number
  readonly resent: number
  /** Milliseconds from the first sending of a request to its answer, in order. */
  readonly latencies: Float64Array
}

const identifiers = 256
const resendMs = 2000
const status = { start: 1, stop: 2, interim: 3 } as const

const attribute = (type: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type, value.length + 2]), value])

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A signed Accounting-Request; the attributes are those of a usual BNG. */
function request(id: number, session: number, kind: number, secret: string): Buffer {
  const address = (0x0a000000 + session) >>> 0
  const mac = `02-00-${number(session).toString('hex').match(/../g)?.join('-')}`
  const attributes = Buffer.concat([
    attribute(1, Buffer.from(`subscriber-${session}@example.net`)),
    attribute(4, Buffer.from([192, 0, 2, 10])),
    attribute(5, number(session % 65536)),
    attribute(8, number(address)),
    attribute(31, Buffer.from(mac)),
    attribute(40, number(kind)),
    attribute(44, Buffer.from(`${session.toString(16).padStart(8, '0')}-bench`)),
    attribute(46, number(kind === status.start ? 0 : kind === status.interim ? 1 : 2)),
    attribute(55, number(Math.floor(Date.now() / 1000))),
    attribute(61, number(15)),
  ])
  const packet = Buffer.alloc(20 + attributes.length)
  packet.set([4, id])
  packet.writeUInt16BE(packet.length, 2)
  attributes.copy(packet, 20)
  createHash('md5').update(packet).update(secret).digest().copy(packet, 4)
  return packet
}

/** The packets of one NAS: all its sessions start, then all are alive, then all stop. */
function packetsOf(index: number, options: SenderOptions): Buffer[] {
  const { sessions, senders, secret } = options
  const own: number[] = []
  for (let session = index; session < sessions; session += senders) own.push(session)
  return [status.start, status.interim, status.stop]
    .flatMap((kind) => own.map((session) => [session, kind] as const))
    .map(([session, kind], i) => request(i % identifiers, session, kind, secret))
}

/** Sends what one NAS has to say; resolves when all of it is acknowledged. */
function talk(
  socket: Socket,
  packets: readonly Buffer[],
  { port, window }: SenderOptions,
  took: (ms: number) => void
): Promise<number> {
  return new Promise((resolve) => {
    const waiting = new Map<number, { packet: Buffer; firstMs: number; lastMs: number }>()
    let next = 0
    let resent = 0
    const send = (packet: Buffer): void => socket.send(packet, port, '127.0.0.1')
    const fill = (): void => {
      while (next < packets.length && waiting.size < window && !waiting.has(next % identifiers)) {
        const packet = packets[next] ?? Buffer.alloc(0)
        const nowMs = performance.now()
        waiting.set(next++ % identifiers, { packet, firstMs: nowMs, lastMs: nowMs })
        send(packet)
      }
    }
    const again = setInterval(() => {
      const nowMs = performance.now()
      for (const one of waiting.values()) {
        if (nowMs - one.lastMs < resendMs) continue
        one.lastMs = nowMs
        resent++
        send(one.packet)
      }
    }, resendMs / 4)
    socket.on('message', (answer) => {
      const one = waiting.get(answer[1] ?? 0)
      if (answer[0] !== 5 || one === undefined) return
      waiting.delete(answer[1] ?? 0)
      took(performance.now() - one.firstMs)
      fill()
      if (waiting.size > 0 || next < packets.length) return
      clearInterval(again)
      resolve(resent)
    })
    fill()
  })
}

/** Sends everything; resolves when all of it is acknowledged. */
export async function sendAccounting(options: SenderOptions): Promise<Sent> {
  const all = Array.from({ length: options.senders }, (_, i) => packetsOf(i, options))
  const requests = all.reduce((sum, packets) => sum + packets.length, 0)
  const latencies = new Float64Array(requests)
  let answered = 0
  const sockets = await Promise.all(
    all.map(async () => {
      const socket = createSocket('udp4')
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
      return socket
    })
  )
  const fromMs = performance.now()
  const resent = await Promise.all(
    sockets.map((socket, i) =>
      talk(socket, all[i] ?? [], options, (ms) => (latencies[answered++] = ms))
    )
  )
  const seconds = (performance.now() - fromMs) / 1000
  for (const socket of sockets) socket.close()
  const total = resent.reduce((sum, count) => sum + count, 0)
  return { requests, seconds, resent: total, latencies: latencies.sort() }
}
