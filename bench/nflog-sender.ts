/** The sending half of bench/nflog.ts: frames of new connections, from both sides. RATE SECONDS */
import { createCipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { initialKeys } from '../classifier/wire/quic-initial.ts'
import { quicVersion } from '../classifier/wire/quic-versions.ts'
import { addressOf, bindSocket, openSocket, sendMany } from '../netlink/libc.ts'
import { tlsTalk } from '../test/classifier/protocols/tls-talk.ts'

const [rate = 20_000, seconds = 8] = process.argv.slice(2).map(Number)
/** Connections of one volley; three of ten are QUIC. */
const volley = 40
const quicOf = 12
const hosts = ['www.netflix.com', 'us04web.zoom.us', 'en.wikipedia.org', 'www.example.test']

function socketOn(name: string): number {
  const fd = openSocket(17, 3, 0)
  const address = Buffer.alloc(20)
  address.writeUInt16LE(17, 0)
  address.writeInt32LE(Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')), 4)
  if (bindSocket(fd, address) !== 0) throw new Error(`no socket on ${name}`)
  return fd
}

const varint = (value: number): number[] => [0x40 | (value >> 8), value & 255]

/** An Initial of QUIC 1 (RFC 9001 §5) that carries a ClientHello. */
function initial(hello: Uint8Array, id: Buffer): Buffer {
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
function frameOf(side: 1 | 2, protocol: 6 | 17, payload: Uint8Array, sequence: number): Buffer {
  const transport = Buffer.alloc(protocol === 6 ? 20 : 8)
  if (protocol === 6) {
    transport.writeUInt32BE(sequence, 4)
    transport.writeUInt32BE(1, 8)
    transport.writeUInt16BE(0x5018, 12)
    transport.writeUInt16BE(0xffff, 14)
  } else transport.writeUInt16BE(8 + payload.length, 4)
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, ...Array(10).fill(0)])
  ip.writeUInt16BE(20 + transport.length + payload.length, 2)
  const ethernet = Buffer.from([2, 0, 0, 0, 0, side, 2, 0, 0, 0, 9, side, 8, 0])
  return Buffer.concat([ethernet, ip, transport, payload])
}

function setEnds(frame: Buffer, from: number, to: number, fromPort: number, toPort: number): void {
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
class Volley {
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

const talks = await Promise.all(hosts.map((host) => tlsTalk('TLSv1.3', host)))
const said = (i: number, who: string): Uint8Array =>
  talks[i % hosts.length]?.find(([by]) => by === who)?.[1] as Uint8Array
const [clients, servers]: [Buffer[], Buffer[]] = [[], []]
for (let i = 0; i < volley; i++) {
  const hello = said(i, 'client')
  if (i < quicOf) {
    const id = Buffer.from([i, 1, 2, 3, 4, 5, 6, 7])
    clients.push(frameOf(1, 17, initial(hello.subarray(5), id), 0))
  } else {
    clients.push(frameOf(1, 6, hello, 1))
    servers.push(frameOf(2, 6, said(i, 'server').subarray(0, 1300), 1))
  }
}
const [there, back] = [new Volley(socketOn('in'), clients), new Volley(socketOn('out'), servers)]
const total = rate * seconds
let flows = 0
let frames = 0

/** New connections, as many as a volley has; what the kernel takes of them is counted. */
function fire(): void {
  for (let i = 0; i < volley; i++) {
    const number = flows + i
    const client = 0x0a460002 + (number % 60_000)
    const server = 0x0a470002 + (i % 250)
    const port = 10_000 + Math.floor(number / 60_000)
    setEnds(clients[i] as Buffer, client, server, port, 443)
    const reply = servers[i - quicOf]
    if (reply !== undefined) setEnds(reply, server, client, 443, port)
  }
  for (const side of [there, back]) {
    const taken = side.send()
    if (taken !== side.frames.length) throw new Error('the kernel did not take all')
    frames += taken
  }
  flows += volley
}

const began = Date.now()
while (flows < total) {
  fire()
  const ahead = (flows / rate) * 1000 - (Date.now() - began)
  if (ahead > 2) await sleep(ahead)
}
const offeredPerSecond = flows / ((Date.now() - began) / 1000)
// What was lost last is seen by what comes behind it.
await sleep(2000)
fire()
console.log(JSON.stringify({ flows, frames, offeredPerSecond }))
