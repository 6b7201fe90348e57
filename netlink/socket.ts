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
  sendBytes,
  setOption,
} from './libc.ts'
import { iovecBytes, mmsghdrBytes } from './mmsghdr.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_NETFILTER = 12
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const SO_MEMINFO = 55
const SK_MEMINFO_DROPS = 8
const SOL_NETLINK = 270
const NETLINK_NO_ENOBUFS = 5
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40

/*
 * struct mmsghdr (64-bit Linux, recvmmsg(2)); one for each datagram of a call:
 *
 *    0 msg_name       0: who sent it is not asked for, see below
 *    8 msg_namelen    0
 *   16 msg_iov        pointer to a struct iovec {pointer, size}
 *   24 msg_iovlen     1
 *   32 msg_control    0      40 msg_controllen 0
 *   48 msg_flags      int: MSG_TRUNC where the datagram did not fit
 *   56 msg_len        u32: octets received, padded to 64
 *
 * struct sockaddr_nl, for bind: u16 family, u16 pad, u32 nl_pid, u32 nl_groups
 *
 * The sender of a message is not looked at: only who has CAP_NET_ADMIN here can send one that is
 * not the kernel's (netlink_sendmsg), and whoever has that can as well make the kernel itself tell
 * of connections that never were. Asking costs 2 % of following.
 */
const NAME = 12

export interface NetlinkOptions {
  /** The family of netlink; left out: NETLINK_NETFILTER. */
  readonly protocol?: number
  /** Multicast groups to join, as a mask (bit 0 is group 1). */
  readonly groups: number
  /** Wanted receive buffer in octets. */
  readonly receiveBuffer: number
  /** Datagrams that one receive call may return. */
  readonly slots: number
  /** Octets that one datagram may have; a longer one is cut and counted as truncated. */
  readonly slotBytes: number
  /**
   * Where a datagram finds the buffer full only that one is lost, and {@link NetlinkSocket.drops}
   * tells. Otherwise the kernel drops all from there until the buffer has been read to its end
   * (netlink_attachskb), and a receive call says `overrun` once. For messages that are numbered.
   */
  readonly dropsSingly?: boolean
  /**
   * Where datagrams and their struct mmsghdr go, which have room for all slots; left out: memory of
   * the socket's own. It must not move.
   */
  readonly buffers?: { readonly data: Buffer; readonly headers: Buffer }
}

/** What a receive call found besides datagrams. */
export const receiveResult = {
  /** Nothing waits. */
  empty: 0,
  /** The kernel dropped messages because the buffer was full (ENOBUFS). */
  overrun: -1,
} as const

/**
 * An AF_NETLINK socket of the netfilter family, read in batches and never blocking. Every buffer
 * that the kernel is given stays referenced here for as long as the socket is open: one that is
 * collected would be written to all the same.
 */
export class NetlinkSocket {
  readonly slotBytes: number
  /** Octets of receive buffer that the kernel granted (it doubles what is asked). */
  readonly grantedBuffer: number
  /** All slots one behind the other; slot i begins at i * slotBytes. */
  readonly view: DataView
  /** Datagrams that were longer than a slot, and so are lost. */
  truncated = 0
  private lastDrops = 0
  private isClosed = false
  private readonly fd: number
  private readonly slots: number
  private readonly data: Buffer
  private readonly vectors: Buffer
  private readonly headers: Buffer
  private readonly headerView: DataView

  constructor(options: NetlinkOptions) {
    this.slots = options.slots
    this.slotBytes = options.slotBytes
    this.data = options.buffers?.data ?? Buffer.alloc(options.slots * options.slotBytes)
    this.vectors = Buffer.alloc(options.slots * iovecBytes)
    this.headers = options.buffers?.headers ?? Buffer.alloc(options.slots * mmsghdrBytes)
    this.view = new DataView(this.data.buffer, this.data.byteOffset, this.data.length)
    this.headerView = new DataView(
      this.headers.buffer,
      this.headers.byteOffset,
      this.headers.length
    )
    this.linkBuffers()
    this.fd = openOrThrow(options.groups, options.protocol ?? NETLINK_NETFILTER)
    this.grantedBuffer = growBuffer(this.fd, options.receiveBuffer)
    if (options.dropsSingly === true) setOption(this.fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
  }

  private linkBuffers(): void {
    const data = addressOf(this.data)
    const vectors = addressOf(this.vectors)
    for (let slot = 0; slot < this.slots; slot++) {
      this.vectors.writeBigUInt64LE(data + BigInt(slot * this.slotBytes), slot * iovecBytes)
      this.vectors.writeBigUInt64LE(BigInt(this.slotBytes), slot * iovecBytes + 8)
      this.headers.writeBigUInt64LE(vectors + BigInt(slot * iovecBytes), slot * mmsghdrBytes + 16)
      this.headers.writeBigUInt64LE(1n, slot * mmsghdrBytes + 24)
    }
  }

  /**
   * Takes what waits, at most one batch.
   *
   * @returns how many slots hold a datagram, or a value of {@link receiveResult}
   * @throws FlowledgerError where the socket itself fails
   */
  receive(): number {
    const count = receiveMany(this.fd, this.headers, this.slots, MSG_DONTWAIT)
    if (count >= 0) return count
    const code = lastErrno()
    if (code === errno.EAGAIN || code === errno.EINTR) return receiveResult.empty
    if (code === errno.ENOBUFS) return receiveResult.overrun
    throw new FlowledgerError('conntrack-missing', `Reading from netlink failed (errno ${code}).`)
  }

  /**
   * Datagrams that the kernel dropped since the socket was opened: its buffer was full. Of a socket
   * that is closed, as many as when it was last asked.
   */
  get drops(): number {
    if (this.isClosed) return this.lastDrops
    const words = getOptionWords(this.fd, SOL_SOCKET, SO_MEMINFO, 9)
    this.lastDrops = words?.[SK_MEMINFO_DROPS] ?? this.lastDrops
    return this.lastDrops
  }

  /** True where a call that returned `count` took all that waited. */
  drained(count: number): boolean {
    return count >= 0 && count < this.slots
  }

  /** Octets of the datagram in a slot, for who looks ahead: nothing is checked or counted. */
  peekLength(slot: number): number {
    return this.headerView.getUint32(slot * mmsghdrBytes + 56, true)
  }

  /** Octets of the datagram in a slot; 0 where it was cut short: counted, its end is lost. */
  lengthOf(slot: number): number {
    if ((this.headerView.getInt32(slot * mmsghdrBytes + 48, true) & MSG_TRUNC) !== 0) {
      this.truncated++
      return 0
    }
    return this.headerView.getUint32(slot * mmsghdrBytes + 56, true)
  }

  send(message: Buffer): void {
    if (sendBytes(this.fd, message) < 0) {
      const code = lastErrno()
      throw new FlowledgerError('permission-missing', `A netlink request failed (errno ${code}).`)
    }
  }

  close(): void {
    this.lastDrops = this.drops
    this.isClosed = true
    closeSocket(this.fd)
  }
}

function openOrThrow(groups: number, protocol: number): number {
  const fd = openSocket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  if (fd < 0) throw socketError(lastErrno())
  const address = Buffer.alloc(NAME)
  address.writeUInt16LE(AF_NETLINK, 0)
  address.writeUInt32LE(groups, 8)
  if (bindSocket(fd, address) === 0) return fd
  const code = lastErrno()
  closeSocket(fd)
  throw socketError(code)
}

function socketError(code: number): FlowledgerError {
  if (code === errno.EPERM || code === errno.EACCES) {
    return new FlowledgerError(
      'permission-missing',
      'Following the connection tracking table needs the capability CAP_NET_ADMIN.',
      { fix: 'Run as root, or give the service AmbientCapabilities=CAP_NET_ADMIN.' }
    )
  }
  return new FlowledgerError(
    'conntrack-missing',
    `This kernel offers no netfilter netlink socket (errno ${code}).`,
    { fix: 'Load the module nf_conntrack_netlink.' }
  )
}

/**
 * Past net.core.rmem_max where we may (SO_RCVBUFFORCE, CAP_NET_ADMIN), else as far as it allows.
 */
function growBuffer(fd: number, wanted: number): number {
  if (setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, wanted) !== 0) {
    setOption(fd, SOL_SOCKET, SO_RCVBUF, wanted)
  }
  return getOption(fd, SOL_SOCKET, SO_RCVBUF) ?? 0
}
