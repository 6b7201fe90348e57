/**
 * A UDP blast in which every datagram is a new connection: one socket, the destination's port and
 * address turning with each. Run inside a namespace with a silent sink (see sink.ts):
 *
 * ```
 * npx tsx bench/generator.ts --rate 100000 --seconds 5 --first 0
 * ```
 * Prints what was really offered: `{"offered":500000,"refused":0,"seconds":5.0,"rate":100000}`.
 * `refused` counts datagrams that the kernel did not take (a full conntrack table answers EPERM).
 */
import { parseArgs } from 'node:util'
import koffi from 'koffi'
import { addressOf, closeSocket, lastErrno, openSocket, setOption } from '../netlink/libc.ts'

const libc = koffi.load('libc.so.6')
const sendmmsg = libc.func('int sendmmsg(int fd, void *messages, uint32_t count, int flags)')

const AF_INET = 2
const SOCK_DGRAM = 2
const SOL_SOCKET = 1
const SO_SNDBUF = 7

/** Datagrams of one call. */
const slots = 256
const payloadBytes = 32

/*
 * struct mmsghdr, 64 octets (recvmmsg(2)): 0 msg_name, 8 msg_namelen, 16 msg_iov, 24 msg_iovlen
 * struct iovec, 16 octets: 0 base, 8 length
 * struct sockaddr_in, 16 octets: 0 family (host order), 2 port, 4 address (network order)
 */
const headerBytes = 64
const vectorBytes = 16
const nameBytes = 16

/** Ports that a destination address is asked at, and where they begin. */
const ports = 60_000
const firstPort = 2000
/** Connection n goes to this address plus n / ports. */
const baseAddress = 0x0a42_0100 // 10.66.1.0

/** The buffers of one call. They are members so that they live as long as the kernel reads them. */
class Volley {
  readonly headers = Buffer.alloc(slots * headerBytes)
  private readonly vector = Buffer.alloc(vectorBytes)
  private readonly names = Buffer.alloc(slots * nameBytes)
  private readonly payload = Buffer.alloc(payloadBytes, 'flowledger bench ')
  private readonly headersAt = addressOf(this.headers)

  constructor() {
    this.vector.writeBigUInt64LE(addressOf(this.payload), 0)
    this.vector.writeBigUInt64LE(BigInt(payloadBytes), 8)
    for (let slot = 0; slot < slots; slot++) {
      const at = slot * headerBytes
      this.headers.writeBigUInt64LE(addressOf(this.names) + BigInt(slot * nameBytes), at)
      this.headers.writeUInt32LE(nameBytes, at + 8)
      this.headers.writeBigUInt64LE(addressOf(this.vector), at + 16)
      this.headers.writeBigUInt64LE(1n, at + 24)
      this.names.writeUInt16LE(AF_INET, slot * nameBytes)
    }
  }

  /** Sends connections first .. first + count - 1; gives how many the kernel took before a stop. */
  send(fd: number, first: number, count: number): number {
    for (let slot = 0; slot < count; slot++) {
      const connection = first + slot
      const at = slot * nameBytes
      this.names.writeUInt16BE(firstPort + (connection % ports), at + 2)
      this.names.writeUInt32BE(baseAddress + Math.floor(connection / ports), at + 4)
    }
    return sendmmsg(fd, this.headersAt, count, 0) as number
  }
}

export interface Offered {
  readonly offered: number
  readonly refused: number
  readonly seconds: number
  readonly rate: number
  readonly lastErrno: number
}

/**
 * Keeps to `rate` connections a second in steps of a millisecond; behind, it sends at full speed.
 */
function blast(rate: number, seconds: number, first: number): Offered {
  const fd = openSocket(AF_INET, SOCK_DGRAM, 0)
  setOption(fd, SOL_SOCKET, SO_SNDBUF, 8 << 20)
  const nap = new Int32Array(new SharedArrayBuffer(4))
  const volley = new Volley()
  const total = Math.round(rate * seconds)
  const began = performance.now()
  let done = 0
  let refused = 0
  let errno = 0
  while (done < total) {
    const due = Math.min(total, Math.floor(((performance.now() - began) * rate) / 1000))
    if (due <= done) {
      Atomics.wait(nap, 0, 0, 1)
      continue
    }
    const sent = volley.send(fd, first + done, Math.min(slots, due - done))
    if (sent < 0) {
      errno = lastErrno()
      refused++
    }
    done += Math.max(sent, 1)
  }
  const took = (performance.now() - began) / 1000
  closeSocket(fd)
  const offered = done - refused
  return { offered, refused, seconds: took, rate: Math.round(offered / took), lastErrno: errno }
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '5' },
    first: { type: 'string', default: '0' },
  },
})
const offered = blast(Number(values.rate), Number(values.seconds), Number(values.first))
process.stdout.write(`${JSON.stringify(offered)}\n`)
