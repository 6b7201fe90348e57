import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress } from '../../model/address.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import {
  addressOf,
  bindSocket,
  closeSocket,
  connectSocket,
  errno,
  getOption,
  lastErrno,
  openSocket,
  sendMany,
  setOption,
} from '../../netlink/libc.ts'
import type { Outbox } from '../outbox.ts'
import { TargetLost } from '../transport.ts'
import type { NotSent, Session, Transport } from '../transport.ts'
import { resolveTarget, socketAddress } from './socket-address.ts'
import type { SocketAddress } from './socket-address.ts'

const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_ERROR = 4
const SO_SNDBUF = 7
const MSG_DONTWAIT = 0x40
/** Never fragment, and learn the size that the way takes (ip(7), ipv6(7)). */
const PMTUDISC_DO = 2

const families = {
  v4: { level: 0, mtuDiscover: 10, mtu: 14, headers: 28 },
  v6: { level: 41, mtuDiscover: 23, mtu: 24, headers: 48 },
} as const

/** Datagrams of one call. */
export const udpSlots = 64
const sendBuffer = 4 << 20
/** How long to wait where the kernel's buffer is full. */
const fullMs = 2

/*
 * struct mmsghdr (64-bit Linux, sendmmsg(2)); one for each datagram of a call:
 *
 *    0 msg_name 0, the socket is connected      8 msg_namelen 0
 *   16 msg_iov       pointer to a struct iovec {pointer, size}
 *   24 msg_iovlen    1
 *   56 msg_len       u32: octets sent, padded to 64
 */
const HEADER = 64
const IOVEC = 16

/**
 * Datagrams straight from the outbox, up to 64 in a call, never fragmented. The socket is
 * connected, so that the kernel tells when nobody listens.
 */
class UdpSession implements Session {
  readonly slots = udpSlots
  readonly slotBytes: number
  readonly unsureBytes = 0
  // What nobody listens to is answered by ICMP, after a round trip.
  readonly settleUs = 1e6
  readonly reliable = false
  readonly notSent: NotSent = { messages: 0, bytes: 0, records: 0 }
  private readonly fd: number
  private readonly peer: SocketAddress
  private readonly headers = Buffer.alloc(udpSlots * HEADER)
  private readonly vectors = Buffer.alloc(udpSlots * IOVEC)
  private outbox: Outbox | undefined
  private tooLong = false

  constructor(fd: number, peer: SocketAddress, slotBytes: number) {
    this.fd = fd
    this.peer = peer
    this.slotBytes = slotBytes
  }

  async send(outbox: Outbox): Promise<void> {
    if (this.outbox !== outbox) this.link(outbox)
    const { headers, vectors } = this
    for (let i = outbox.sent; i < outbox.count; i++) {
      vectors.writeUInt32LE(outbox.lengths[i] ?? 0, i * IOVEC + 8)
    }
    while (outbox.count > 0) {
      const waiting = outbox.count - outbox.sent
      const from = headers.subarray(outbox.sent * HEADER)
      const sent = sendMany(this.fd, from, waiting, MSG_DONTWAIT)
      if (sent > 0) outbox.take(sent)
      else await this.mend(outbox, lastErrno())
    }
  }

  check(): void {
    const code = getOption(this.fd, SOL_SOCKET, SO_ERROR) ?? 0
    if (code !== 0) throw this.lossOf(code)
  }

  isDue(): boolean {
    // The way takes less than it did: the next session has shorter messages.
    return this.tooLong
  }

  close(): Promise<void> {
    closeSocket(this.fd)
    return Promise.resolve()
  }

  /** Points the kernel to the slots; buffers it is given stay referenced here. */
  private link(outbox: Outbox): void {
    this.outbox = outbox
    const data = addressOf(outbox.bytes)
    const vectors = addressOf(this.vectors)
    for (let i = 0; i < udpSlots; i++) {
      this.vectors.writeBigUInt64LE(data + BigInt(i * outbox.slotBytes), i * IOVEC)
      this.headers.writeBigUInt64LE(vectors + BigInt(i * IOVEC), i * HEADER + 16)
      this.headers.writeBigUInt64LE(1n, i * HEADER + 24)
    }
  }

  /** The kernel did not take the next message. */
  private async mend(outbox: Outbox, code: number): Promise<void> {
    if (code === errno.EAGAIN || code === errno.ENOBUFS) {
      await sleep(fullMs)
    } else if (code === errno.EMSGSIZE) {
      this.tooLong = true
      this.notSent.messages++
      this.notSent.bytes += outbox.lengths[outbox.sent] ?? 0
      this.notSent.records += outbox.records[outbox.sent] ?? 0
      outbox.take(1)
    } else if (code !== errno.EINTR) throw this.lossOf(code)
  }

  private lossOf(code: number): TargetLost {
    const { text } = this.peer
    return code === errno.ECONNREFUSED
      ? new TargetLost('refused', `nobody listens at ${text}`)
      : new TargetLost('unreachable', `${text} cannot be reached (errno ${code})`)
  }
}

function bindTo(fd: number, source: string, peer: SocketAddress): void {
  const words = parseAddress(source)
  const local = words && socketAddress(words, 0, source)
  if (local === undefined || local.isV6 !== peer.isV6 || bindSocket(fd, local.bytes) !== 0) {
    throw new TargetLost('unreachable', `${source} is no address to send to ${peer.text} from`)
  }
}

function openUdp(target: ExportTarget, peer: SocketAddress): Session {
  const fd = openSocket(peer.domain, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw new TargetLost('unreachable', `no socket (errno ${lastErrno()})`)
  try {
    const family = peer.isV6 ? families.v6 : families.v4
    setOption(fd, family.level, family.mtuDiscover, PMTUDISC_DO)
    setOption(fd, SOL_SOCKET, SO_SNDBUF, sendBuffer)
    if (target.source !== undefined) bindTo(fd, target.source, peer)
    if (connectSocket(fd, peer.bytes) !== 0) {
      throw new TargetLost('unreachable', `no way to ${peer.text} (errno ${lastErrno()})`)
    }
    const path = getOption(fd, family.level, family.mtu) ?? target.mtu
    return new UdpSession(fd, peer, Math.min(target.mtu, path) - family.headers)
  } catch (error) {
    closeSocket(fd)
    throw error
  }
}

export function udp(target: ExportTarget): Transport {
  const { host, port, source } = target
  return { open: async () => openUdp(target, await resolveTarget(host, port, source)) }
}
