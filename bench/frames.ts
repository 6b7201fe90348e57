import { createCipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { initialKeys } from '../classifier/wire/quic-initial.ts'
import { quicVersion } from '../classifier/wire/quic-versions.ts'
import { addressOf, bindSocket, openSocket, sendMany } from '../netlink/libc.ts'

/** Frames of connections, sent by AF_PACKET sockets: nothing of TCP's own pace is in the way. */

/** Flags of TCP (RFC 9293 §3.1). */
export const tcpFlags = { FIN: 1, SYN: 2, PSH: 8, ACK: 16 } as const

/** Where a segment stands; of UDP nothing. */
export interface Segment {
  readonly flags: number
  readonly sequence: number
  readonly acknowledges: number
}

/** A socket that sends frames by an interface. */
export function socketOn(name: string): number {
  const fd = openSocket(17, 3, 0)
  const address = Buffer.alloc(20)
  address.writeUInt16LE(17, 0)
  address.writeInt32LE(Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')), 4)
  if (bindSocket(fd, address) !== 0) throw new Error(`no socket on ${name}`)
  return fd
}

const varint = (value: number): number[] => [0x40 | (value >> 8), value & 255]

/** An Initial of QUIC 1 (RFC 9001 §5) that carries a ClientHello. */
export function initial(hello: Uint8Array, id: Buffer): Buffer {
  const version = quicVersion(1)
  if (version?.salt === undefined) throw new Error('no such version')
  const keys = initialKeys(version, version.salt, id)
  const frame = Buffer.from([6, 0, ...varint(hello.length), ...hello])
  const padded = Buffer.concat([frame, Buffer.alloc(Math.max(0, 1162 - frame.length))])
  const length = varint(4 + padded.length + 16)
  const header = Buffer.from([0xc3, 0, 0, 0, 1, id.length, ...id, 0, 0, ...length, 0, 0, 0, 0])
  const cipher = createCipheriv('aes-128-gcm', keys.key, keys.iv)
  cipher.setAAD(header)
  const sealed = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()])
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(sealed.subarray(0, 16))
  header[0] = 0xc3 ^ ((mask[0] ?? 0) & 15)
  for (let i = 0; i < 4; i++) header[header.length - 4 + i] = mask[i + 1] ?? 0
  return Buffer.concat([header, sealed])
}

/** An Ethernet frame to the gateway; addresses and ports are set for each connection. */
export function frameOf(side: 1 | 2, payload: Uint8Array, segment?: Segment): Buffer {
  const transport = Buffer.alloc(segment === undefined ? 8 : 20)
  if (segment !== undefined) {
    transport.writeUInt32BE(segment.sequence, 4)
    transport.writeUInt32BE(segment.acknowledges, 8)
    transport.writeUInt16BE(0x5000 | segment.flags, 12)
    transport.writeUInt16BE(0xffff, 14)
  } else transport.writeUInt16BE(8 + payload.length, 4)
  const protocol = segment === undefined ? 17 : 6
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, ...Array(10).fill(0)])
  ip.writeUInt16BE(20 + transport.length + payload.length, 2)
  const ethernet = Buffer.from([2, 0, 0, 0, 0, side, 2, 0, 0, 0, 9, side, 8, 0])
  return Buffer.concat([ethernet, ip, transport, payload])
}

/** Addresses as words, ports, and the checksum of the header. */
export function setEnds(
  frame: Buffer,
  from: number,
  to: number,
  fromPort: number,
  toPort: number
): void {
  frame.writeUInt32BE(from, 26)
  frame.writeUInt32BE(to, 30)
  frame.writeUInt16BE(fromPort, 34)
  frame.writeUInt16BE(toPort, 36)
  frame.writeUInt16BE(0, 24)
  let sum = 0
  for (let at = 14; at < 34; at += 2) sum += frame.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  frame.writeUInt16BE(~sum & 0xffff, 24)
}

/** Frames that one call sends; they live as long as the kernel reads them. */
export class Volley {
  readonly frames: Buffer[]
  private readonly headers: Buffer
  private readonly vectors: Buffer
  private readonly fd: number

  constructor(fd: number, frames: Buffer[]) {
    this.fd = fd
    this.frames = frames
    this.headers = Buffer.alloc(64 * frames.length)
    this.vectors = Buffer.alloc(16 * frames.length)
    for (const [i, frame] of frames.entries()) {
      this.vectors.writeBigUInt64LE(addressOf(frame), 16 * i)
      this.vectors.writeBigUInt64LE(BigInt(frame.length), 16 * i + 8)
      this.headers.writeBigUInt64LE(addressOf(this.vectors) + BigInt(16 * i), 64 * i + 16)
      this.headers.writeBigUInt64LE(1n, 64 * i + 24)
    }
  }

  send(): number {
    return sendMany(this.fd, this.headers, this.frames.length, 0)
  }
}
