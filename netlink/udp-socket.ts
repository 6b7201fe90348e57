import { isV4 } from '../model/address.ts'
import type { EndpointText } from '../model/endpoint-text.ts'
import { formatEndpoint } from '../model/endpoint-text.ts'
import { FlowledgerError } from '../model/errors.ts'
import {
  addressOf,
  bindSocket,
  closeSocket,
  errno,
  getOption,
  getOptionWords,
  lastErrno,
  openSocket,
  receiveMany,
  setOption,
  socketName,
} from './libc.ts'
import { iovecBytes, mmsghdrBytes } from './mmsghdr.ts'

const AF_INET = 2
const AF_INET6 = 10
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const SO_MEMINFO = 55
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const SOL_UDP = 17
const UDP_GRO = 104
const MSG_DONTWAIT = 0x40
const SK_MEMINFO_DROPS = 8

/*
 * struct mmsghdr (64-bit Linux, recvmmsg(2)); one for each datagram of a call:
 *
 *    0 msg_name       where the sender's address goes     8 u32 msg_namelen
 *   16 msg_iov        one struct iovec {pointer, size}   24 msg_iovlen 1
 *   32 msg_control    where the kernel says how it joined them
 *   40 msg_controllen u64: room for that; 0 afterwards where nothing was joined
 *   48 msg_flags             56 u32 octets received, padded to 64
 *
 * struct cmsghdr of UDP_GRO (udp(7))   u64 length 20 | i32 SOL_UDP | i32 UDP_GRO |
 *                                      i32 octets of each datagram, the last may be shorter
 *
 * struct sockaddr_in   u16 family | u16 port (net order) | u32 address
 * struct sockaddr_in6  u16 family | u16 port (net order) | u32 flow label | 16 octets | u32 scope
 *
 * Each slot has room for the longest that UDP can carry, of which memory is taken where datagrams
 * are that long; a second vector for the rest of those would cost every datagram. What is beyond
 * the longest keeps slots from lying at the same places of the processor's cache.
 */
const NAME = 28
const CONTROL = 24
const longestBytes = 65_536
const slotBytes = longestBytes + 1536

/** Messages of a call: as many as stay in the processor's cache until they are read. */
const mostSlots = 128
/** The same where each is many datagrams. */
const joinedSlots = 16

/** Octets that a socket receives into. */
export const receiveBytes = mostSlots * slotBytes

/**
 * An UDP socket read in batches (recvmmsg), which never blocks. Datagrams of one sender and one
 * length that came right behind one another are handed over by the kernel as one message, where the
 * driver or the sender's kernel has them so (UDP_GRO, Linux 5.0): most of what receiving costs is
 * for each message.
 */
export class UdpSocket {
  /** Octets of receive buffer that the kernel granted. */
  readonly grantedBuffer: number
  /** The address and port that it is bound to. */
  readonly address: string
  /** What the last call received, each message where {@link at} says. */
  readonly view: DataView
  /** True where the last call took as many messages as it asked for, so that more may wait. */
  isFull = false
  /** Sender of the message that {@link at} was last called for: four words, and a port. */
  w0 = 0
  w1 = 0
  w2 = 0
  w3 = 0
  port = 0
  /** Where in {@link view} the message lies that {@link at} was last called for. */
  from = 0
  to = 0
  /** Octets of each of its datagrams; the last has the rest. */
  each = 0
  private readonly slots: number
  private readonly fd: number
  private isClosed = false
  private lastDrops = 0
  private isJoined = false
  private received = 0
  private readonly isV6: boolean
  private readonly data: Buffer
  private readonly vectors: Buffer
  private readonly headers: Buffer
  private readonly names: Buffer
  private readonly controls: Buffer
  private readonly nameView: DataView
  private readonly controlView: DataView
  private readonly headerView: DataView

  /**
   * @param listen port 0: the kernel chooses one
   * @param data where datagrams are received to
   * @throws FlowledgerError `port-in-use`, `permission-missing`
   */
  constructor(
    listen: EndpointText,
    receiveBuffer: number,
    data: Buffer = Buffer.alloc(receiveBytes)
  ) {
    const slots = Math.floor(data.length / slotBytes)
    this.slots = slots
    this.data = data
    this.vectors = Buffer.alloc(slots * iovecBytes)
    this.headers = Buffer.alloc(slots * mmsghdrBytes)
    this.names = Buffer.alloc(slots * NAME)
    this.controls = Buffer.alloc(slots * CONTROL)
    this.controlView = viewOf(this.controls)
    this.view = viewOf(this.data)
    this.nameView = viewOf(this.names)
    this.headerView = viewOf(this.headers)
    const { fd, isV6 } = openBound(listen)
    this.fd = fd
    this.isV6 = isV6
    this.linkBuffers()
    // A kernel that does not know of it hands over each datagram alone.
    setOption(fd, SOL_UDP, UDP_GRO, 1)
    if (setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer) !== 0) {
      setOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer)
    }
    this.grantedBuffer = getOption(fd, SOL_SOCKET, SO_RCVBUF) ?? 0
    this.address = formatEndpoint(listen.ip, socketName(fd).readUInt16BE(2))
  }

  /**
   * What the kernel dropped since the socket was opened: its buffer was full. Datagrams that it had
   * joined it counts as one. Of a socket that is closed, as many as when it was last asked.
   */
  get drops(): number {
    if (this.isClosed) return this.lastDrops
    const words = getOptionWords(this.fd, SOL_SOCKET, SO_MEMINFO, 9)
    this.lastDrops = words?.[SK_MEMINFO_DROPS] ?? this.lastDrops
    return this.lastDrops
  }

  /**
   * Takes what waits, at most one batch; gives how many messages.
   *
   * @throws FlowledgerError where the socket itself fails
   */
  receive(): number {
    const { headerView } = this
    // The kernel has written how much it used of what was there.
    for (let slot = 0; slot < this.received; slot++) {
      headerView.setUint32(slot * mmsghdrBytes + 40, CONTROL, true)
    }
    const asked = this.isJoined ? Math.min(joinedSlots, this.slots) : this.slots
    const count = receiveMany(this.fd, this.headers, asked, MSG_DONTWAIT)
    this.received = Math.max(0, count)
    this.isFull = count === asked
    if (count > 0) this.isJoined = headerView.getUint32(40, true) > 0
    if (count >= 0) return count
    const code = lastErrno()
    if (code === errno.EAGAIN || code === errno.EINTR) return 0
    throw new FlowledgerError('not-running', `Reading from UDP failed (errno ${code}).`)
  }

  /** Points at the message of a slot: `from`, `to`, `each`, and who sent it. */
  at(slot: number): void {
    const header = slot * mmsghdrBytes
    this.from = slot * slotBytes
    const length = this.headerView.getUint32(header + 56, true)
    this.to = this.from + length
    this.each = length
    if (this.headerView.getUint32(header + 40, true) > 0) this.each = this.joinedOf(slot) || length
    this.sender(slot * NAME)
  }

  close(): void {
    // What came before is told by whoever asks after it.
    void this.drops
    this.isClosed = true
    closeSocket(this.fd)
  }

  /** Octets of each datagram of a message; 0 where the kernel does not say so. */
  private joinedOf(slot: number): number {
    const { controlView } = this
    const at = slot * CONTROL
    const level = controlView.getInt32(at + 8, true)
    const type = controlView.getInt32(at + 12, true)
    return level === SOL_UDP && type === UDP_GRO ? controlView.getUint32(at + 16, true) : 0
  }

  private sender(at: number): void {
    const { nameView } = this
    this.port = nameView.getUint16(at + 2)
    if (this.isV6) {
      this.w0 = nameView.getUint32(at + 8)
      this.w1 = nameView.getUint32(at + 12)
      this.w2 = nameView.getUint32(at + 16)
      this.w3 = nameView.getUint32(at + 20)
      return
    }
    this.w2 = 0xffff
    this.w3 = nameView.getUint32(at + 4)
  }

  private linkBuffers(): void {
    const data = addressOf(this.data)
    const vectors = addressOf(this.vectors)
    const names = addressOf(this.names)
    const controls = addressOf(this.controls)
    for (let slot = 0; slot < this.slots; slot++) {
      const vector = slot * iovecBytes
      this.vectors.writeBigUInt64LE(data + BigInt(slot * slotBytes), vector)
      this.vectors.writeBigUInt64LE(BigInt(longestBytes), vector + 8)
      const header = slot * mmsghdrBytes
      this.headers.writeBigUInt64LE(names + BigInt(slot * NAME), header)
      this.headers.writeUInt32LE(NAME, header + 8)
      this.headers.writeBigUInt64LE(vectors + BigInt(vector), header + 16)
      this.headers.writeBigUInt64LE(1n, header + 24)
      this.headers.writeBigUInt64LE(controls + BigInt(slot * CONTROL), header + 32)
      this.headers.writeBigUInt64LE(BigInt(CONTROL), header + 40)
    }
  }
}

const viewOf = (buffer: Buffer): DataView =>
  new DataView(buffer.buffer, buffer.byteOffset, buffer.length)

/** One socket for both families where the host has IPv6, for IPv4 alone where not. */
function openBound(listen: EndpointText): { fd: number; isV6: boolean } {
  const [w0, w1, w2, w3] = listen.ip
  const wantsV4 = isV4(w0, w1, w2)
  const v6 = openSocket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  const isV6 = v6 >= 0
  const fd = isV6 || !wantsV4 ? v6 : openSocket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw bindError(listen, lastErrno())
  const address = Buffer.alloc(isV6 ? NAME : 16)
  address.writeUInt16LE(isV6 ? AF_INET6 : AF_INET, 0)
  address.writeUInt16BE(listen.port ?? 0, 2)
  if (isV6) {
    setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0)
    for (const [index, word] of listen.ip.entries()) address.writeUInt32BE(word, 8 + 4 * index)
  } else address.writeUInt32BE(w3, 4)
  if (bindSocket(fd, address) === 0) return { fd, isV6 }
  const code = lastErrno()
  closeSocket(fd)
  throw bindError(listen, code)
}

function bindError(listen: EndpointText, code: number): FlowledgerError {
  const where = formatEndpoint(listen.ip, listen.port)
  if (code === errno.EADDRINUSE) {
    return new FlowledgerError('port-in-use', `Another program has UDP ${where}.`, {
      fix: 'Stop it, or choose another address in collector.netflow.listen.',
    })
  }
  if (code === errno.EACCES || code === errno.EPERM) {
    return new FlowledgerError('permission-missing', `UDP ${where} may not be opened.`, {
      fix: 'Run as root, or choose a port above 1023.',
    })
  }
  return new FlowledgerError('usage', `UDP ${where} cannot be opened (errno ${code}).`, {
    fix: 'collector.netflow.listen wants an address of this host.',
  })
}
