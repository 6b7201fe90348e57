import { createHash, createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Builds RADIUS packets by the RFCs, apart from the code that is tested. */
export function attribute(type: number, value: Buffer | string | number): Buffer {
  const bytes = typeof value === 'number' ? Buffer.alloc(4) : Buffer.from(value)
  if (typeof value === 'number') bytes.writeUInt32BE(value)
  return Buffer.concat([Buffer.from([type, bytes.length + 2]), bytes])
}

export interface BuildOptions {
  readonly code?: number
  readonly identifier?: number
  readonly attributes?: readonly Buffer[]
  readonly secret: string
  /** Adds a Message-Authenticator. */
  readonly signed?: boolean
}

/** An Accounting-Request, or with another code a packet with a fixed authenticator. */
export function buildPacket(options: BuildOptions): Buffer {
  const { code = 4, identifier = 1, attributes = [], secret, signed = false } = options
  const body = Buffer.concat([...(signed ? [attribute(80, Buffer.alloc(16))] : []), ...attributes])
  const packet = Buffer.concat([Buffer.from([code, identifier, 0, 0]), Buffer.alloc(16), body])
  packet.writeUInt16BE(packet.length, 2)
  if (code !== 4) packet.fill(7, 4, 20)
  if (signed) createHmac('md5', secret).update(packet).digest().copy(packet, 22)
  if (code === 4) createHash('md5').update(packet).update(secret).digest().copy(packet, 4)
  return packet
}

/** True where the response is signed for this request (RFC 2866 §3). */
export function isAnswerTo(response: Buffer, request: Buffer, secret: string): boolean {
  const copy = Buffer.from(response)
  request.copy(copy, 4, 4, 20)
  const expected = createHash('md5').update(copy).update(secret).digest()
  return (
    response[0] === 5 &&
    response[1] === request[1] &&
    response.readUInt16BE(2) === response.length &&
    expected.equals(response.subarray(4, 20))
  )
}

/** A socket that sends to one server and keeps what comes back. */
export async function openSender(port: number, family: 'udp4' | 'udp6' = 'udp4') {
  const socket = createSocket(family)
  const answers: Buffer[] = []
  socket.on('message', (message) => answers.push(message))
  const host = family === 'udp4' ? '127.0.0.1' : '::1'
  socket.bind(0, host)
  await once(socket, 'listening')
  return {
    answers,
    send: (packet: Buffer) =>
      new Promise<void>((resolve, reject) => {
        socket.send(packet, port, host, (error) => (error === null ? resolve() : reject(error)))
      }),
    close: () => socket.close(),
  }
}
